"""What a snapshot must satisfy to be applied. The CLI checks more, with file and line; the server trusts none of it."""

import re
from collections.abc import Iterable

from turnout.core.errors import ManifestError, ScheduleError
from turnout.core.plain import to_plain
from turnout.core.rates import parse_rate
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.schedules import parse, parse_policy

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


def check_snapshot(wanted: Snapshot) -> None:
    """Raises ManifestError for a name or reference that cannot be, ScheduleError for a schedule that cannot be
    followed."""
    for kind, name in (("project", wanted.project), ("environment", wanted.environment)):
        _check_name(kind, name)
    for name, spec in wanted.deployments.items():
        _check_name("deployment", name)
        if spec.name != name:
            raise ManifestError(f"deployment '{name}' calls itself '{spec.name}'", fix="give both the same name")
        _check_was(spec, wanted)
        _check_references(spec, wanted)
        _check_schedules(spec)
    _check_limits(wanted)
    _check_circles(wanted)


def _check_name(kind: str, name: str) -> None:
    if not _NAME.match(name):
        raise ManifestError(
            f"'{name[:80]}' is no name for a {kind}", fix="use lower-case letters, digits and '-', at most 63"
        )


def _check_was(spec: DeploymentSpec, wanted: Snapshot) -> None:
    if spec.was is None:
        return
    where = f"deployment '{spec.name}'"
    if spec.was in wanted.deployments:
        raise ManifestError(f"it was '{spec.was}', which is declared as well", where=where, fix="remove `was`")
    if any(other.was == spec.was and other is not spec for other in wanted.deployments.values()):
        raise ManifestError(f"more than one deployment was '{spec.was}'", where=where, fix="keep one `was`")


def _check_references(spec: DeploymentSpec, wanted: Snapshot) -> None:
    connections = [spec.connection] if spec.connection else []
    for kind, names, known in (
        ("deployment", spec.after, wanted.deployments.keys()),
        ("secret", spec.secrets, wanted.secrets.keys()),
        ("connection", connections, wanted.connections.keys()),
        ("limit", [use.name for use in spec.limits], wanted.limits.keys()),
    ):
        for name in names:
            if name not in known:
                raise ManifestError(
                    f"there is no {kind} '{name}'",
                    where=f"deployment '{spec.name}'",
                    fix=f"declare it under `{kind}s:`, or correct the name",
                )


def _check_schedules(spec: DeploymentSpec) -> None:
    slugs = [schedule.slug for schedule in spec.schedules]
    if len(set(slugs)) != len(slugs):
        raise ManifestError("two schedules have the same slug", where=f"deployment '{spec.name}'", fix="rename one")
    try:
        parse_policy(spec.catch_up)
        for schedule in spec.schedules:
            parse(to_plain(schedule))
            parse_policy(schedule.catch_up or spec.catch_up)
    except ScheduleError as error:
        error.where = error.where or f"deployment '{spec.name}'"
        raise


def _check_limits(wanted: Snapshot) -> None:
    for name, spec in wanted.limits.items():
        _check_name("limit", name)
        where = f"limit '{name}'"
        if spec.concurrency is None and spec.rate is None:
            raise ManifestError("the limit bounds nothing", where=where, fix="give it concurrency:, rate: or both")
        try:
            parse_rate(spec.rate or "1/s")
        except ValueError as error:
            raise ManifestError(str(error), where=where, fix="write 10/s, 5/m, 100/h or 1000/d") from None


def _check_circles(wanted: Snapshot) -> None:
    """Refuse deployments that wait for each other: peel off those whose upstreams are all peeled off."""
    left = {name: set(spec.after) for name, spec in wanted.deployments.items()}
    while ready := [name for name, upstream in left.items() if not upstream & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        raise ManifestError(f"deployments wait for each other: {_listed(left)}", fix="remove one `after`")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
