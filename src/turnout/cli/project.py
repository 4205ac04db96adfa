"""The repository as the commands see it: checked, bundled, ready to be planned or applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from turnout.cli import output
from turnout.cli.target import settings
from turnout.core.errors import ConfigurationError
from turnout.core.ports import AdminApi
from turnout.core.snapshot import Snapshot
from turnout.deploy.bundle import Bundle, make_bundle
from turnout.deploy.check import Report, check


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the repository says should be, and the code that goes with it."""

    snapshot: Snapshot
    bundle: Bundle


def project_folder() -> Path:
    """The folder of the nearest turnout.yaml. Raises ConfigurationError."""
    folder = settings().project_dir
    if folder is None:
        raise ConfigurationError(
            "there is no turnout.yaml here", where=str(Path.cwd()), fix="`turnout init` makes a project"
        )
    return Path(folder)


def checked(*, require_secrets: bool, quiet: bool = False) -> Report:
    """The report of `check` on this project, with a spinner where a person waits."""
    folder = project_folder()
    with output.busy("checking", quiet=quiet):
        return check(folder, require_secrets=require_secrets, data_dir=Path(settings().data_dir))


def required(*, allow_dirty: bool) -> Wanted:
    """The checked and bundled repository; exits 1, having printed every problem, if there is one."""
    repository = wanted(allow_dirty=allow_dirty)
    if repository is None:
        raise typer.Exit(1)
    return repository


def wanted(*, allow_dirty: bool, allow_no_commit: bool = False, quiet: bool = False) -> Wanted | None:
    """The checked and bundled repository; None, having printed every problem, if something is wrong."""
    # A named server's secrets are on the machines of its workers, not here.
    report = checked(require_secrets=settings().server_url is None, quiet=quiet)
    print_problems(report)
    if report.snapshot is None:
        output.say(f"{len(report.errors)} wrong; nothing was applied")
        return None
    bundle = make_bundle(
        project_folder(), allow_dirty=allow_dirty, allow_no_commit=allow_no_commit, needed=report.needed
    )
    return Wanted(snapshot=report.snapshot, bundle=bundle)


def push(
    api: AdminApi,
    repository: Wanted,
    *,
    expected: int | None,
    allow_removals: bool,
    overrides: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Upload the code, unless it is there, and apply the snapshot, in that order; {"release", "changes", "overrides"}.

    expected, overrides: what the plan was made against; see `AdminApi.apply`.
    """
    bundle = repository.bundle
    if not api.has_bundle(bundle.digest):
        api.put_bundle(bundle.digest, bundle.content)
    return dict(
        api.apply(
            repository.snapshot,
            bundle=bundle.digest,
            commit=bundle.commit,
            author=bundle.author,
            message=bundle.message,
            expected_release=expected,
            expected_overrides=overrides,
            allow_removals=allow_removals,
        )
    )


def print_problems(report: Report) -> None:
    """Errors, then warnings, on stderr, each with its place and its remedy."""
    for error in report.errors:
        output.print_error(error)
    for warning in report.warnings:
        output.print_warning(warning.what, warning.where, warning.fix)
