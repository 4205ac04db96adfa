"""`turnout check`: everything about a repository that can be known without a server, in one report."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, DiscoveryError, ManifestError, TurnoutError
from turnout.core.references import references
from turnout.core.snapshot import Snapshot
from turnout.deploy import git
from turnout.deploy.assemble import assemble
from turnout.deploy.declared import entries
from turnout.deploy.discover import TIMEOUT_SECONDS, Discovered, discover
from turnout.deploy.manifest import Manifest, read_manifest
from turnout.deploy.problems import Problems, Warning, in_reading_order
from turnout.deploy.python_manifest import FILE as PYTHON_FILE
from turnout.engine.clock import now as unix_seconds
from turnout.orchestration.deployments import next_runs
from turnout.secrets import env_name, missing
from turnout.settings import load


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found. snapshot: what may be planned and applied; None as soon as there is one error.

    next_runs: deployment -> its next times, UTC. needed: files that the bundle must hold.
    """

    snapshot: Snapshot | None
    errors: tuple[TurnoutError, ...] = ()
    warnings: tuple[Warning, ...] = ()
    next_runs: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    needed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return self.snapshot is not None

    def require(self) -> Snapshot:
        """The snapshot. Raises the first error, naming how many more there are."""
        if self.snapshot is None:
            Problems(errors=list(self.errors)).raise_first()
        assert self.snapshot is not None
        return self.snapshot

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON, for CI."""
        return {
            "ok": self.ok,
            "errors": [
                {"code": error.code, "what": error.what, "where": error.where, "fix": error.fix}
                for error in self.errors
            ],
            "warnings": [asdict(warning) for warning in self.warnings],
            "next_runs": {name: [at.isoformat() for at in times] for name, times in self.next_runs.items()},
        }


def check(
    root: Path,
    *,
    environment: str = "production",
    require_secrets: bool = False,
    data_dir: Path | None = None,
    environ: Mapping[str, str] | None = None,
    now: datetime | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Report:
    """Check the repository whose manifest is in the folder `root`.

    require_secrets: a secret without a value on this machine is an error instead of a warning, as when the runs will
    execute here. data_dir: where the secrets file is, the project's data folder if left out. timeout: seconds for the
    import of one file.
    """
    problems = Problems()
    manifest = read_manifest(root, problems, environment=environment)
    if manifest is None:
        return Report(snapshot=None, errors=tuple(problems.errors))
    found, wrong = discover(root, _entrypoints(manifest, problems), timeout=timeout)
    placed = [_at_manifest(manifest, entrypoint, error) for entrypoint, error in wrong.items()]
    problems.errors += {(error.where, error.what): error for error in placed}.values()  # one file, many flows
    snapshot = assemble(manifest, found, problems)
    _check_secrets(manifest, problems, require_secrets, data_dir, os.environ if environ is None else environ)
    _warn_of_unused(manifest, found, problems)
    _warn_of_untracked(root, found, problems)
    times = _next_runs(manifest, problems, now or datetime.fromtimestamp(unix_seconds(), UTC))
    return Report(
        snapshot=None if problems.errors else snapshot,
        errors=tuple(in_reading_order(problems.errors)),
        warnings=tuple(problems.warnings),
        next_runs=times,
        needed=tuple(sorted({spec.entrypoint.partition(":")[0] for spec in snapshot.deployments.values()})),
    )


def _entrypoints(manifest: Manifest, problems: Problems) -> list[str]:
    """The flows worth importing: a file that is missing was reported already, with its line in the manifest."""
    bad = {error.where for error in problems.errors if isinstance(error, ManifestError)}
    listed = []
    for name, spec in manifest.snapshot.deployments.items():
        node = manifest.deployment(name)
        source = node.get("flow") or node.get("sql")
        if source is not None and source.at not in bad:
            listed.append(spec.entrypoint)
    return listed


def _at_manifest(manifest: Manifest, entrypoint: str, error: DiscoveryError) -> DiscoveryError:
    """A flow that its file does not have is misspelt where it is named: in the manifest."""
    file, _, function = entrypoint.partition(":")
    if error.where != f"{file}:1" or not error.what.startswith(f"there is no '{function}' in "):
        return error
    for name, spec in manifest.snapshot.deployments.items():
        node = manifest.deployment(name).get("flow")
        if node is not None and spec.entrypoint == entrypoint:
            return DiscoveryError(error.what, where=node.at, fix=error.fix)
    return error


def _check_secrets(
    manifest: Manifest, problems: Problems, required: bool, data_dir: Path | None, environ: Mapping[str, str]
) -> None:
    used = {secret for spec in manifest.snapshot.deployments.values() for secret in spec.secrets}
    wanted = {name: spec.fields for name, spec in manifest.snapshot.secrets.items() if name in used}
    if not wanted:
        return
    try:
        lacking = missing(data_dir or load(manifest.root).data_dir, wanted, environ)
    except TurnoutError as error:
        problems.errors.append(error)
        return
    declared = entries(manifest.node.get("secrets"))
    for secret, name in lacking:
        what = f"the secret {secret}.{name} has no value on this machine"
        fix = f"`turnout secret set {secret}.{name}`, or set {env_name(secret, name)} in the environment"
        (problems.error if required else problems.warn)(declared[secret].named_at, what, fix)


def _warn_of_unused(manifest: Manifest, found: Mapping[str, Discovered], problems: Problems) -> None:
    """Variables and connections that neither the manifest nor a flow's code mentions."""
    code = _code(manifest.root, found)
    in_parameters = references(
        [[spec.parameters, *(s.parameters for s in spec.schedules)] for spec in manifest.snapshot.deployments.values()]
    )
    in_files = {flow.connection for flow in found.values()}
    in_files |= {spec.connection for spec in manifest.snapshot.deployments.values()}
    for key, used in (("variables", in_parameters), ("connections", in_files)):
        for name, node in entries(manifest.node.get(key)).items():
            if name not in used and f'"{name}"' not in code and f"'{name}'" not in code:
                problems.warn(
                    node.named_at,
                    f"nothing uses {key[:-1]} '{name}'",
                    "remove it, or correct the name where it is used",
                )


def _code(root: Path, found: Mapping[str, Discovered]) -> str:
    files = {module for flow in found.values() for module in flow.modules}
    return "\n".join((root / file).read_text(encoding="utf-8", errors="replace") for file in sorted(files))


def _warn_of_untracked(root: Path, found: Mapping[str, Discovered], problems: Problems) -> None:
    """Files that a flow imports and that would not travel with the bundle."""
    try:
        if not git.is_repository(root):
            problems.warn(str(root), "the project is not in a git repository: apply needs one", git.NO_REPOSITORY_FIX)
            return
        tracked = {entry.path for entry in git.tracked(root)}
    except ConfigurationError as error:
        problems.warn(error.where or str(root), error.what, error.fix)
        return
    for file in sorted(_files(found.values()) - tracked):
        problems.warn(
            file, "git does not track this file, which a flow needs: it would not be deployed", f"git add {file}"
        )
    if (root / PYTHON_FILE).is_file() and PYTHON_FILE not in tracked:
        problems.warn(PYTHON_FILE, "git does not track this file: its commit says something else", "git add turnout.py")


def _files(found: Iterable[Discovered]) -> set[str]:
    return {file for flow in found for file in (flow.entrypoint.partition(":")[0], *flow.modules)}


def _next_runs(manifest: Manifest, problems: Problems, now: datetime) -> dict[str, tuple[datetime, ...]]:
    if any(error.code == "schedule" for error in problems.errors):
        return {}
    times = {}
    for name, spec in manifest.snapshot.deployments.items():
        live = [schedule for schedule in spec.schedules if not schedule.paused]
        if not live:
            continue
        times[name] = next_runs([asdict(schedule) for schedule in live], now, 3)
        if not times[name]:
            place = manifest.deployment(name).named_at
            why = ": its calendar leaves none" if any(schedule.calendar for schedule in live) else ""
            what = f"deployments.{name}: its schedule has no occurrence any more{why}"
            problems.warn(place, what, "change or remove it")
    return times
