"""The difference between what a repository declares and what is deployed. Pure; `apply_operations` undoes nothing and
adds nothing: applied to `canonical(current)`, the operations give `canonical(wanted)`. The order in which a repository
lists things says nothing, and is no difference."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from turnout.core.operations import COLLECTIONS, SETTINGS, Change, Create, Kind, Operation, Remove
from turnout.core.plain import same, to_plain
from turnout.core.snapshot import Snapshot

T = TypeVar("T")


def compare(current: Snapshot | None, wanted: Snapshot) -> tuple[Operation, ...]:
    """What turns `current` (None: nothing was ever deployed) into `wanted`, both of one project and environment.

    In the order in which it is read and done: settings, then kind by kind, names in alphabetical order.
    """
    before, wanted = canonical(current or empty(wanted)), canonical(wanted)
    return (
        *_project(before, wanted),
        *(
            operation
            for kind, name in COLLECTIONS.items()
            for operation in _objects(kind, getattr(before, name), getattr(wanted, name))
        ),
    )


def canonical(value: T) -> T:
    """The same in the order that all ways of writing it share. Tuples are lists of names and objects, which a snapshot
    holds as sets; lists are values of the repository's own and stay as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: canonical(getattr(value, field.name)) for field in fields(value)}
        return replace(value, **changed)
    if isinstance(value, Mapping):
        return {key: canonical(item) for key, item in value.items()}  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(sorted(map(canonical, value), key=_spelled))  # type: ignore[return-value]
    return value


def empty(like: Snapshot) -> Snapshot:
    """The namespace of `like` with nothing in it."""
    return Snapshot(project=like.project, environment=like.environment)


def _project(before: Snapshot, wanted: Snapshot) -> Iterator[Operation]:
    differing = [name for name in SETTINGS if not same(getattr(before, name), getattr(wanted, name))]
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


def _spelled(value: Any) -> str:
    return json.dumps(to_plain(value), sort_keys=True)
