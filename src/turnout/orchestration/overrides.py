"""Changing what holds instead of the repository's word: parameters and variables here, pauses in `pausing`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core.errors import NotFound, ParameterError, TooLarge
from turnout.core.limits import PARAMETERS_BYTES
from turnout.core.overrides import Override, OverrideKind, OverrideOutcome, outcomes
from turnout.core.plain import same, to_plain
from turnout.core.records import OVERRIDE, Namespace
from turnout.orchestration.access import check_flow
from turnout.orchestration.creation import find_deployment
from turnout.orchestration.overridden import in_force, override_of, stored
from turnout.orchestration.parameters import validate

if TYPE_CHECKING:
    from turnout.core.ports import Tx
    from turnout.core.records import Principal
    from turnout.core.snapshot import Snapshot


def drift(tx: Tx, namespace: Namespace) -> tuple[OverrideOutcome, ...]:
    """Everything that holds on the server and not in what is deployed, with what that says instead."""
    deployed = tx.projects.snapshot(namespace)
    return outcomes(in_force(tx, namespace), deployed[1]) if deployed else ()


def put(
    tx: Tx,
    namespace: Namespace,
    kind: OverrideKind,
    name: str,
    key: str | None,
    value: Any,
    by: Principal,
    *,
    reason: str | None = None,
    until: datetime | None = None,
) -> Override:
    """Let a value hold instead of the repository's; the one before is replaced, unless it is the same.

    Raises NotFound for what is not declared, ParameterError for a value that the flow cannot use and for an end that is
    over, TooLarge, Fenced.
    """
    check_flow(tx, by)
    check_until(tx, until)
    _check_size(value, name)
    if kind == "variable":
        _check_variable(tx, namespace, name)
    else:
        _check_parameter(tx, namespace, name, key or "", value)
    override = Override(kind=kind, name=name, key=key, value=value, at=tx.now, by=str(by), reason=reason, until=until)
    held = override_of(tx, namespace, kind, name, key)
    if held is not None and same(to_plain(held), {**to_plain(override), "at": held.at.isoformat()}):
        return held
    content = {"value": value, "reason": reason, "until": until.isoformat() if until else None}
    tx.values.put(namespace, OVERRIDE, _place(kind, name, key), content, (), str(by))
    return override


def remove(tx: Tx, namespace: Namespace, kind: OverrideKind, name: str, key: str | None) -> bool:
    """Let the repository's value hold again; False if it did."""
    held = override_of(tx, namespace, kind, name, key) is not None
    if held:
        tx.values.remove(namespace, OVERRIDE, _place(kind, name, key))
    return held


def settle(tx: Tx, namespace: Namespace, wanted: Snapshot) -> tuple[OverrideOutcome, ...]:
    """Drop what applying `wanted` ends; what becomes of each. Removed objects' pauses are gone with them already."""
    told = outcomes(in_force(tx, namespace), wanted)
    kept = {_place_of(one.override) for one in told if one.kept}
    for one in stored(tx, namespace):
        if _place_of(one) not in kept:
            tx.values.remove(namespace, OVERRIDE, _place_of(one))
    for outcome in told:
        if outcome.override.kind == "pause" and not outcome.kept:
            tx.projects.unpause(namespace, outcome.override.name, outcome.override.key)
    return told


def rename(tx: Tx, namespace: Namespace, deployment: str, new: str) -> None:
    """The parameters of a deployment are overridden under its new name; pauses are the store's to rename."""
    for one in stored(tx, namespace):
        if one.kind == "parameter" and one.name == deployment:
            tx.values.rename(namespace, OVERRIDE, _place_of(one), _place(one.kind, new, one.key))


def check_until(tx: Tx, until: datetime | None) -> None:
    """Raises ParameterError for an end without a time zone, or that is over."""
    if until is not None and until.tzinfo is None:
        raise ParameterError("the end has no time zone", fix="write it like 2026-01-31T09:00:00Z")
    if until is not None and until <= tx.now:
        raise ParameterError(f"the end {until:%Y-%m-%d %H:%M} UTC is over", fix="give one that is to come")


def _check_variable(tx: Tx, namespace: Namespace, name: str) -> None:
    deployed = tx.projects.snapshot(namespace)
    if deployed is None or name not in deployed[1].variables:
        raise NotFound(f"turnout.yaml declares no variable '{name}'", fix="only what is declared can be overridden")


def _check_parameter(tx: Tx, namespace: Namespace, deployment: str, name: str, value: Any) -> None:
    spec, _ = find_deployment(tx, namespace, deployment)
    required = {key: item for key, item in spec.parameter_schema.items() if key != "required"}
    validate(tx, namespace, _with_schema(spec, required), {name: value})


def _with_schema(spec: Any, schema: Mapping[str, Any]) -> Any:
    return type(spec)(**{**vars(spec), "parameter_schema": schema})


def _check_size(value: Any, name: str) -> None:
    size = len(json.dumps(value, default=str).encode())
    if size > PARAMETERS_BYTES:
        raise TooLarge(f"the value for '{name}' takes {size:,} bytes; at most {PARAMETERS_BYTES:,} are kept")


def _place(kind: str, name: str, key: str | None) -> str:
    return json.dumps([kind, name, key])


def _place_of(override: Override) -> str:
    return _place(override.kind, override.name, override.key)
