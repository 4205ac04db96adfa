"""The repository as the commands see it: checked, bundled, ready to be planned or applied."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from turnout.cli import output
from turnout.cli.target import settings
from turnout.core.errors import ConfigurationError
from turnout.core.operations import Plan
from turnout.core.ports import AdminApi
from turnout.core.snapshot import Snapshot
from turnout.deploy.bundle import Bundle, make_bundle
from turnout.deploy.check import Report, check
from turnout.deploy.code_changes import code_changes
from turnout.secrets import missing


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
    folder, found = project_folder(), settings()
    with output.busy("checking", quiet=quiet):
        return check(
            folder,
            environment=found.environment,
            require_secrets=require_secrets,
            data_dir=Path(found.data_dir),
        )


def required(*, allow_dirty: bool, to_plan: bool = False) -> Wanted:
    """The checked and bundled repository; exits 1, having printed every problem, if there is one. to_plan: a secret
    that lacks is the plan's to tell, and no error."""
    repository = wanted(allow_dirty=allow_dirty, require_secrets=False if to_plan else None)
    if repository is None:
        raise typer.Exit(1)
    return repository


def wanted(
    *, allow_dirty: bool, allow_no_commit: bool = False, quiet: bool = False, require_secrets: bool | None = None
) -> Wanted | None:
    """The checked and bundled repository; None, having printed every problem, if something is wrong."""
    # A named server's secrets are on the machines of its workers, not here.
    here = settings().server_url is None if require_secrets is None else require_secrets
    report = checked(require_secrets=here, quiet=quiet)
    print_problems(report)
    if report.snapshot is None:
        output.say(f"{len(report.errors)} wrong; nothing was applied")
        return None
    bundle = make_bundle(
        project_folder(), allow_dirty=allow_dirty, allow_no_commit=allow_no_commit, needed=report.needed
    )
    return Wanted(snapshot=report.snapshot, bundle=bundle)


def planned(api: AdminApi, repository: Wanted) -> Plan:
    """What the server says that applying would change, with what is known here: the code and, of a server on this
    machine, the secrets."""
    found = Plan.from_json(api.plan(repository.snapshot))
    return replace(
        found,
        code=code_changes(project_folder(), repository.bundle, found.bundle, found.commit),
        missing_secrets=_missing_secrets(repository.snapshot),
    )


def _missing_secrets(snapshot: Snapshot) -> tuple[str, ...] | None:
    if settings().server_url is not None:
        return None
    used = {secret for spec in snapshot.deployments.values() for secret in spec.secrets}
    fields = {name: spec.fields for name, spec in snapshot.secrets.items() if name in used}
    return tuple(f"{name}.{field}" for name, field in missing(Path(settings().data_dir), fields, os.environ))


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
