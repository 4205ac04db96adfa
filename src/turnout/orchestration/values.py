"""Variables and blocks that are set at run time, and events that are told. The manifest wins: its names are its own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from turnout.core.errors import Conflict, ParameterError, TooLarge
from turnout.core.limits import PARAMETERS_BYTES
from turnout.core.records import EmittedEvent, Namespace, Principal, StoredValue
from turnout.orchestration import overrides
from turnout.orchestration.access import check_flow
from turnout.orchestration.overridden import override_of

if TYPE_CHECKING:
    from turnout.core.overrides import Override
    from turnout.core.ports import Tx

VARIABLE = "variable"
_KIND = re.compile(r"variable|block\.[a-z0-9][a-z0-9-]{0,62}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
EVENT_CHARACTERS = 1024


def get(tx: Tx, namespace: Namespace, kind: str, name: str) -> StoredValue | None:
    """What is in force: for a variable of the manifest, what that says."""
    _check(kind, name)
    declared = _declared(tx, namespace) if kind == VARIABLE else {}
    if name in declared:
        return _of_manifest(tx, namespace, name, declared[name])
    return tx.values.get(namespace, kind, name)


def list_values(tx: Tx, namespace: Namespace, kind: str) -> list[StoredValue]:
    """All of a kind, by name."""
    _check(kind, "x")
    declared = _declared(tx, namespace) if kind == VARIABLE else {}
    found = {value.name: value for value in tx.values.all(namespace, kind)}
    found |= {name: _of_manifest(tx, namespace, name, value) for name, value in declared.items()}
    return [found[name] for name in sorted(found)]


def put(
    tx: Tx,
    namespace: Namespace,
    kind: str,
    name: str,
    content: Any,
    by: Principal,
    *,
    tags: Sequence[str] = (),
    replace: bool = False,
) -> StoredValue:
    """Set a value; with `replace` that of the manifest's variable, too, as an override. Raises Conflict for a name that
    is set, unless `replace`; ParameterError for a name that cannot be; TooLarge; Fenced."""
    check_flow(tx, by)
    _check(kind, name)
    if kind == VARIABLE and replace and name in _declared(tx, namespace):
        return _of_override(overrides.put(tx, namespace, "variable", name, None, content, by))
    _refuse_declared(tx, namespace, kind, name)
    if not replace and tx.values.get(namespace, kind, name) is not None:
        what = "variable" if kind == VARIABLE else "block"
        raise Conflict(f"the {what} '{name}' is set already", fix="set it with overwrite=True")
    size = len(json.dumps(content, default=str).encode())
    if size > PARAMETERS_BYTES:
        raise TooLarge(f"the value of '{name}' takes {size:,} bytes; at most {PARAMETERS_BYTES:,} are kept")
    return tx.values.put(namespace, kind, name, content, tuple(tags), str(by))


def remove(tx: Tx, namespace: Namespace, kind: str, name: str, by: Principal) -> bool:
    """Forget a value, or what overrides the manifest's; False if there was none. Raises Conflict for a variable of the
    manifest that nothing overrides, Fenced."""
    check_flow(tx, by)
    _check(kind, name)
    if kind == VARIABLE and overrides.remove(tx, namespace, "variable", name, None):
        return True
    _refuse_declared(tx, namespace, kind, name)
    return tx.values.remove(namespace, kind, name)


def emit(tx: Tx, namespace: Namespace, event: EmittedEvent, by: Principal) -> bool:
    """Take in an event; False if its id is known. Raises ParameterError, TooLarge, Fenced."""
    check_flow(tx, by)
    if not 0 < len(event.event) <= EVENT_CHARACTERS or not re.fullmatch(r"[0-9a-f]{32}", event.id):
        raise ParameterError(
            "an event has a name of at most 1024 characters and an id of 32 hex digits", where=event.event[:80]
        )
    size = len(json.dumps([dict(event.payload), dict(event.resource), list(event.related)], default=str).encode())
    if size > PARAMETERS_BYTES:
        raise TooLarge(f"the event '{event.event[:80]}' takes {size:,} bytes; at most {PARAMETERS_BYTES:,} are kept")
    return tx.events.add(namespace, event)


def _declared(tx: Tx, namespace: Namespace) -> dict[str, Any]:
    deployed = tx.projects.snapshot(namespace)
    return dict(deployed[1].variables) if deployed else {}


def _of_manifest(tx: Tx, namespace: Namespace, name: str, value: Any) -> StoredValue:
    held = override_of(tx, namespace, "variable", name)
    if held is not None:
        return _of_override(held)
    return StoredValue(kind=VARIABLE, name=name, content=value, tags=(), changed_at=tx.now, changed_by="turnout.yaml")


def _of_override(held: Override) -> StoredValue:
    return StoredValue(
        kind=VARIABLE, name=held.name, content=held.value, tags=(), changed_at=held.at, changed_by=held.by
    )


def _refuse_declared(tx: Tx, namespace: Namespace, kind: str, name: str) -> None:
    if kind == VARIABLE and name in _declared(tx, namespace):
        raise Conflict(
            f"the variable '{name}' is turnout.yaml's",
            where=f"project {namespace.project}, environment {namespace.environment}",
            fix="change it under `variables:` and run `turnout apply`, or override it: overwrite=True",
        )


def _check(kind: str, name: str) -> None:
    if not _KIND.fullmatch(kind):
        raise ParameterError(f"'{kind[:80]}' is no kind of value", fix="`variable`, or `block.` and the block's type")
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"'{name[:80]}' is no name for a value", fix="use letters, digits, `-`, `_` and `.`; at most 255 of them"
        )
