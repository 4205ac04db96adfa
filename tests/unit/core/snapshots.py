"""Hypothesis strategies for what a repository may declare: made of the schema itself, so that none of it is left out.

`snapshots` is anything that fits `Snapshot`, field by field as its types say; `edits` is what becomes of one.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from random import Random
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from turnout.core.snapshot import DeploymentSpec, Snapshot

NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta", "omega-2"])
# The pairs that Python calls equal and JSON does not are meant.
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 0.5, "", "1", "text", "${var:alpha}"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=2
)
IDENTITIES = ("slug", "name")
"""Fields by which the members of a list are told apart."""


def snapshots() -> st.SearchStrategy[Snapshot]:
    """What project `field` may declare for production."""
    return _of(Snapshot).map(_coherent)


@st.composite
def edits(draw: st.DrawFn, before: Snapshot) -> Snapshot:
    """`before` after an edit: a few of its fields are anything else, as in a repository's life."""
    names = [field.name for field in fields(Snapshot) if field.name not in ("project", "environment")]
    chosen = draw(st.sets(st.sampled_from(names), max_size=3))
    hints = get_type_hints(Snapshot)
    changes: dict[str, Any] = {}
    for name in sorted(chosen):
        old, new = getattr(before, name), draw(_of(hints[name]))
        changes[name] = {**old, **new} if isinstance(old, Mapping) and draw(st.booleans()) else new
    return _coherent(replace(before, **changes))


@st.composite
def renamings(draw: st.DrawFn, before: Snapshot) -> tuple[Mapping[str, DeploymentSpec], dict[str, str]]:
    """The deployments of `before` of which some got another name, and which (old name -> new name)."""
    chosen = draw(st.sets(st.sampled_from(sorted(before.deployments)))) if before.deployments else set()
    renamed = {name: f"{name}-renamed" for name in chosen}
    after = {
        renamed.get(name, name): replace(spec, name=renamed.get(name, name), was=name if name in chosen else None)
        for name, spec in before.deployments.items()
    }
    return after, renamed


def shuffled(value: Any, chance: Random) -> Any:
    """The same, written in another order: keys of mappings, and members of what is no sequence."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: shuffled(getattr(value, field.name), chance) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key: value[key] for key in chance.sample(list(value), len(value))}
    if isinstance(value, tuple):
        return tuple(chance.sample(value, len(value)))
    return value


@cache
def _of(kind: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return st.builds(kind, **{name: _of(hint) for name, hint in get_type_hints(kind).items()})
    if origin in (Union, types.UnionType):
        return st.one_of([_of(choice) for choice in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return _tuples(arguments[0]) if arguments[1:] == (...,) else st.tuples(*map(_of, arguments))
    if origin in (Mapping, dict) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return st.dictionaries(NAMES, _of(arguments[1]), max_size=2)
    return _SIMPLE[kind]


_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    Any: VALUES,
    object: VALUES,
    str: NAMES,
    bool: st.booleans(),
    int: st.integers(0, 3),
    float: st.sampled_from([0.0, 1.0, 2.5]),
    type(None): st.none(),
}


def _tuples(kind: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    identity = next((name for name in IDENTITIES if name in names), None)
    unique = (lambda item: getattr(item, identity)) if identity else (lambda item: repr(item))
    return st.lists(_of(kind), max_size=2, unique_by=unique).map(tuple)


def _coherent(snapshot: Snapshot) -> Snapshot:
    """Of one project, with objects that know the name they are declared under."""
    deployments = {name: replace(spec, name=name) for name, spec in snapshot.deployments.items()}
    return replace(snapshot, project="field", environment="production", deployments=deployments)
