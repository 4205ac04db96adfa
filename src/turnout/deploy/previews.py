"""Previews of a followed repository: one for each of its other branches, gone with the branch."""

from collections.abc import Callable, Mapping
from pathlib import Path

from turnout.core.errors import ConfigurationError, Conflict, TooLarge
from turnout.core.ports import AdminApi
from turnout.core.previews import environment_of, is_preview
from turnout.core.records import Namespace, Page
from turnout.core.snapshot import Snapshot
from turnout.deploy.follow import apply_folder
from turnout.deploy.mirror import Mirror, SourceUnreachable, check_branch

MOST = 20
"""So many previews are kept; of more branches the first by name have one."""
Say = Callable[[str], None]


class Previews:
    """Keeps the previews of a repository equal to its branches. What is applied, the server knows; which commit was
    refused is remembered here, and tried again by the next process."""

    def __init__(self, folder: Path, url: str, branch: str, environ: Mapping[str, str], say: Say) -> None:
        """folder, url: of the mirror; branch: the one that is no preview."""
        self._folder, self._url, self._branch = folder, url, branch
        self._environ = environ
        self._say = say
        self._refused: dict[str, str] = {}

    def look(self, api: AdminApi, project: str) -> None:
        """Apply what is new in the branches, and remove the previews of those that are gone."""
        main = Mirror(self._folder, self._url, self._branch)
        with main.alone() as held:
            try:
                heads = {name: sha for name, sha in main.heads().items() if name != self._branch and _fine(name)}
            except SourceUnreachable:
                return  # said where the branch itself is followed; nothing is removed on a guess
            wanted = dict(sorted(heads.items())[:MOST])
            there = {item.environment for item in api.deployments() if item.project == project}
            for environment in sorted(filter(is_preview, there - {environment_of(name) for name in wanted})):
                remove_preview(api, Namespace(project=project, environment=environment))
                self._say(f"{environment} is gone with its branch")
            for name, sha in wanted.items():
                if self._refused.get(name) != sha and _applied(api, project, name) != sha:
                    self._apply(name, held)

    def _apply(self, name: str, held: int) -> None:
        mirror = Mirror(self._folder, self._url, name)
        problems: tuple[str, ...] = ()
        try:
            sha = mirror.fetch().sha
            with mirror.laid_out(sha) as folder:
                command = ("preview", "--branch", name, "--json")
                _, _, problems = apply_folder(folder, self._environ, held, command=command)
        except (SourceUnreachable, Conflict) as error:
            self._say(f"the preview of '{name}' is tried again: {error}")
            return
        except (ConfigurationError, TooLarge) as error:
            problems = (str(error),)
        if problems:
            self._refused[name] = sha
            self._say("\n".join((f"the preview of '{name}' stays as it is:", *problems)))
        else:
            self._say(f"{environment_of(name)} is at {sha[:10]}")


def remove_preview(api: AdminApi, namespace: Namespace) -> bool:
    """Take its deployments and schedules away; False if there were none. Runs and releases stay for as long as
    retention keeps them."""
    deployed = api.snapshot(namespace)
    if deployed is None or not deployed[1].deployments:
        return False
    nothing = Snapshot(project=namespace.project, environment=namespace.environment)
    api.apply(nothing, bundle=None, commit=None, author=None, message="The preview is removed", allow_removals=True)
    return True


def _applied(api: AdminApi, project: str, name: str) -> str | None:
    found = api.releases(Namespace(project=project, environment=environment_of(name)), Page(limit=1))
    return found[0].commit if found else None


def _fine(name: str) -> bool:
    try:
        return check_branch(name) == name
    except ConfigurationError:
        return False
