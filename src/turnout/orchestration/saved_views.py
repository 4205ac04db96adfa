"""Views of the list of runs that the people of a project share: filters under a name, kept as stored values."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core.errors import Conflict, NotFound, ParameterError
from turnout.core.ids import is_id
from turnout.core.limits import SAVED_VIEWS
from turnout.core.views import SavedView

if TYPE_CHECKING:
    from turnout.core.ports import Tx
    from turnout.core.records import Namespace, Principal, StoredValue

KIND = "view"
"""The kind of stored values that they are; no flow and no client may set one as a value."""
NAME_CHARACTERS = 60
QUERY_CHARACTERS = 4000


def list_views(tx: Tx, namespace: Namespace) -> list[SavedView]:
    """All of them, by name in any case."""
    found = [_view(value) for value in tx.values.all(namespace, KIND)]
    return sorted(found, key=lambda view: (view.name.casefold(), view.id))


def save(tx: Tx, namespace: Namespace, name: str, query: str, by: Principal) -> SavedView:
    """Keep a new one. Raises Conflict for a name that another has or when there are too many, ParameterError."""
    known = list_views(tx, namespace)
    if len(known) >= SAVED_VIEWS:
        raise Conflict(f"there are {SAVED_VIEWS} saved views already", fix="delete one that nobody opens any more")
    content = {"name": _name(name, known), "query": _query(query), "author": str(by), "created": tx.now.isoformat()}
    return _view(tx.values.put(namespace, KIND, tx.new_id(), content, (), str(by)))


def change(tx: Tx, namespace: Namespace, view_id: str, name: str | None, query: str | None, by: Principal) -> SavedView:
    """Give one another name or other filters; None leaves it. Raises NotFound, Conflict, ParameterError."""
    content = dict(_stored(tx, namespace, view_id).content)
    if name is not None:
        others = [view for view in list_views(tx, namespace) if view.id != view_id]
        content["name"] = _name(name, others)
    if query is not None:
        content["query"] = _query(query)
    return _view(tx.values.put(namespace, KIND, view_id, content, (), str(by)))


def remove(tx: Tx, namespace: Namespace, view_id: str) -> None:
    """Forget one. Raises NotFound."""
    _stored(tx, namespace, view_id)
    tx.values.remove(namespace, KIND, view_id)


def _stored(tx: Tx, namespace: Namespace, view_id: str) -> StoredValue:
    found = tx.values.get(namespace, KIND, view_id) if is_id(view_id) else None
    if found is None:
        raise NotFound("there is no such saved view", fix="somebody may have deleted it: look at the list again")
    return found


def _name(given: str, others: list[SavedView]) -> str:
    name = " ".join(given.split())
    if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
        raise ParameterError(f"a view's name is plain text of 1 to {NAME_CHARACTERS} characters", where="name")
    for other in others:
        if other.name.casefold() == name.casefold():
            raise Conflict(f"there is a view '{other.name}' already, by {other.author}", fix="choose another name")
    return name


def _query(given: str) -> str:
    if len(given) > QUERY_CHARACTERS or not given.isprintable() or not given.startswith("?"):
        fix = "send what the list's address has from its question mark on"
        raise ParameterError(f"a view's query begins with ? and has at most {QUERY_CHARACTERS} characters", fix=fix)
    return given


def _view(value: StoredValue) -> SavedView:
    content: dict[str, Any] = dict(value.content)
    return SavedView(
        id=value.name,
        name=content["name"],
        query=content["query"],
        author=content["author"],
        created_at=datetime.fromisoformat(content["created"]),
        changed_at=value.changed_at,
        changed_by=value.changed_by,
    )
