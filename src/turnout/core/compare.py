"""The difference between what a repository declares and what is deployed. Pure; `apply_operations` undoes nothing and
adds nothing: applied to `canonical(current)`, the operations give `canonical(wanted)`. The order in which a repository
lists things says nothing, and is no difference; `was` of a deployment says how to get there, and is none either."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from turnout.core.operations import COLLECTIONS, SETTINGS, Change, Create, Kind, Operation, Remove, Rename
from turnout.core.plain import same, to_plain
from turnout.core.snapshot import DeploymentSpec, Snapshot

T = TypeVar("T")


def compare(current: Snapshot | None, wanted: Snapshot) -> tuple[Operation, ...]:
    """What turns `current` (None: nothing was ever deployed) into `wanted`, both of one project and environment.

    In the order in which it is read and done: settings, then kind by kind, names in alphabetical order.
    """
    renamed, apart = renames(current, wanted), _apart(current, wanted)
    before, wanted = canonical(current or empty(wanted)), canonical(wanted)
    return (
        *_project(before, wanted),
        *(
            operation
            for kind, name in COLLECTIONS.items()
            if kind != "deployment"
            for operation in _objects(kind, getattr(before, name), getattr(wanted, name))
        ),
        *_deployments(before.deployments, wanted.deployments, renamed, apart),
    )


def renames(current: Snapshot | None, wanted: Snapshot) -> dict[str, str]:
    """old name -> new name of the deployments that `wanted` has under another name: its entry says `was` the old one,
    or, when an earlier state is gone back to, what is deployed says that it was the new one. Only what leaves is
    renamed, and only to what is not there yet."""
    before = current.deployments if current else {}
    left, fresh = before.keys() - wanted.deployments.keys(), wanted.deployments.keys() - before.keys()
    told: list[tuple[str | None, str | None]] = [(wanted.deployments[name].was, name) for name in sorted(fresh)]
    told += [(name, before[name].was) for name in sorted(left)]
    found: dict[str, str] = {}
    for old, new in told:
        if old in left and old not in found and new in fresh and new not in found.values():
            found[str(old)] = str(new)
    return found


def canonical(value: T) -> T:
    """The same in the order that all ways of writing it share. Tuples are lists of names and objects, which a snapshot
    holds as sets; lists are values of the repository's own and stay as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: canonical(getattr(value, field.name)) for field in fields(value)}
        return replace(value, **(changed | {"was": None} if isinstance(value, DeploymentSpec) else changed))
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


def _deployments(
    before: Mapping[str, DeploymentSpec],
    wanted: Mapping[str, DeploymentSpec],
    renamed: Mapping[str, str],
    apart: Mapping[str, str],
) -> Iterator[Operation]:
    """Those that are renamed in the place of their new names."""
    moved = {new: old for old, new in renamed.items()}
    stay = {name: spec for name, spec in before.items() if name not in renamed}
    become = {name: spec for name, spec in wanted.items() if name not in moved}
    told: list[Operation] = [
        Rename(kind="deployment", name=new, was=old, before=before[old], after=wanted[new])
        for new, old in moved.items()
    ]
    told += [
        replace(item, apart=apart.get(item.name)) if isinstance(item, Remove) else item
        for item in _objects("deployment", stay, become)
    ]
    yield from sorted(told, key=lambda operation: operation.name)


def _apart(current: Snapshot | None, wanted: Snapshot) -> dict[str, str]:
    """Removed deployment -> the entry that says it was this one, and which is there already."""
    before = current.deployments if current else {}
    both = [name for name in wanted.deployments if name in before]
    found = ((wanted.deployments[name].was, name) for name in sorted(both, reverse=True))
    return {was: name for was, name in found if was is not None}


def _spelled(value: Any) -> str:
    return json.dumps(to_plain(value), sort_keys=True)
