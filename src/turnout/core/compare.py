"""The difference between what a repository declares and what is deployed. Pure; `apply_operations` undoes nothing and
adds nothing: applied to `current`, the operations give `wanted`."""

from collections.abc import Iterator, Mapping
from typing import Any

from turnout.core.operations import COLLECTIONS, SETTINGS, Change, Create, Kind, Operation, Remove
from turnout.core.plain import same
from turnout.core.snapshot import Snapshot


def compare(current: Snapshot | None, wanted: Snapshot) -> tuple[Operation, ...]:
    """What turns `current` (None: nothing was ever deployed) into `wanted`, both of one project and environment.

    In the order in which it is read and done: settings, then kind by kind, names in alphabetical order.
    """
    before = current or empty(wanted)
    return (
        *_project(before, wanted),
        *(
            operation
            for kind, name in COLLECTIONS.items()
            for operation in _objects(kind, getattr(before, name), getattr(wanted, name))
        ),
    )


def empty(like: Snapshot) -> Snapshot:
    """The namespace of `like` with nothing in it."""
    return Snapshot(project=like.project, environment=like.environment)


def _project(before: Snapshot, wanted: Snapshot) -> Iterator[Operation]:
    differing = [name for name in SETTINGS if getattr(before, name) != getattr(wanted, name)]
    if differing:
        yield Change(
            kind="project",
            name=wanted.project,
            before={name: getattr(before, name) for name in differing},
            after={name: getattr(wanted, name) for name in differing},
        )


def _objects(kind: Kind, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Operation]:
    for name in sorted({*before, *wanted}):
        if name not in before:
            yield Create(kind=kind, name=name, value=wanted[name])
        elif name not in wanted:
            yield Remove(kind=kind, name=name, value=before[name])
        elif not same(before[name], wanted[name]):
            yield Change(kind=kind, name=name, before=before[name], after=wanted[name])
