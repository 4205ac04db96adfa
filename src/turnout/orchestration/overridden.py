"""What holds on the server instead of the repository's word. `overrides` changes it; pauses are those of `pausing`.

One that has expired holds no more from that moment on, whether or not anything removed it yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core.overrides import Override, OverrideKind, of_pause
from turnout.core.records import OVERRIDE, Namespace, StoredValue

if TYPE_CHECKING:
    from turnout.core.ports import Tx


def in_force(tx: Tx, namespace: Namespace) -> list[Override]:
    """Pauses, parameters and variables, each by name."""
    pauses = [of_pause(pause) for pause in tx.projects.pauses(namespace)]
    return [one for one in (*pauses, *stored(tx, namespace)) if one.until is None or one.until > tx.now]


def parameters_of(tx: Tx, namespace: Namespace, deployment: str) -> dict[str, Any]:
    """Parameters that hold instead of what the repository gives a deployment and its schedules."""
    return {one.key or "": one.value for one in _holding(tx, namespace, "parameter") if one.name == deployment}


def variables_of(tx: Tx, namespace: Namespace, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Declared variables with the values that hold."""
    overridden = {one.name: one.value for one in _holding(tx, namespace, "variable") if one.name in declared}
    return {**declared, **overridden}


def override_of(tx: Tx, namespace: Namespace, kind: OverrideKind, name: str, key: str | None = None) -> Override | None:
    """The one that holds."""
    return next((one for one in _holding(tx, namespace, kind) if (one.name, one.key) == (name, key)), None)


def stored(tx: Tx, namespace: Namespace) -> list[Override]:
    """All of parameters and variables, those that have expired too."""
    return [_override(value) for value in tx.values.all(namespace, OVERRIDE)]


def _holding(tx: Tx, namespace: Namespace, kind: OverrideKind) -> list[Override]:
    return [one for one in stored(tx, namespace) if one.kind == kind and (one.until is None or one.until > tx.now)]


def _override(value: StoredValue) -> Override:
    kind, name, key = json.loads(value.name)
    until = value.content["until"]
    return Override(
        kind=kind,
        name=name,
        key=key,
        value=value.content["value"],
        at=value.changed_at,
        by=value.changed_by,
        reason=value.content["reason"],
        until=datetime.fromisoformat(until) if until else None,
    )
