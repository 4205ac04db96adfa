"""One transaction as use cases see it: the time, fresh ids, and the aggregates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from turnout.store.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core import ports

_AGGREGATES = {
    "runs": "Runs",
    "journal": "Journal",
    "projects": "Projects",
    "workers": "Workers",
    "credentials": "Credentials",
    "outbox": "Outbox",
    "idempotency": "Idempotency",
    "bundles": "Bundles",
    "duties": "Duties",
    "limits": "Limits",
    "inputs": "Inputs",
    "values": "Values",
    "events": "Events",
    "views": "Views",
    "invariants": "Invariants",
    "retention": "Retention",
    "restored": "Restored",
    "sizes": "Sizes",
}

_LOADED: dict[str, Any] = {}


def _load(name: str) -> Any:
    module = __import__(f"turnout.store.{name}", fromlist=[name])
    return _LOADED.setdefault(name, getattr(module, _AGGREGATES[name]))


def load_aggregates() -> None:
    """All of them at once: who serves will need them."""
    for name in _AGGREGATES:
        _load(name)


class Tx:
    """Implements `core.ports.Tx`. Used within the function that got it, never after."""

    runs: "ports.Runs"
    journal: "ports.Journal"
    projects: "ports.Projects"
    workers: "ports.Workers"
    credentials: "ports.Credentials"
    outbox: "ports.Outbox"
    idempotency: "ports.Idempotency"
    bundles: "ports.Bundles"
    retention: "ports.Retention"
    duties: "ports.Duties"
    limits: "ports.Limits"
    inputs: "ports.Inputs"
    values: "ports.Values"
    events: "ports.Events"
    views: "ports.Views"

    def __init__(self, session: Session, now: datetime, make_id: Callable[[], str]) -> None:
        self.now = now
        self.hints: list[str] = []
        self.new_id = make_id
        self._session = session

    def after_commit(self, hint: str) -> None:
        """Have `hint` notified once the transaction has committed; the same one once only."""
        if hint not in self.hints:
            self.hints.append(hint)

    def __getattr__(self, name: str) -> Any:
        # An aggregate's module is loaded on first use: a script that records one run loads two of the eight.
        if name not in _AGGREGATES:
            raise AttributeError(name)
        kind = _LOADED.get(name) or _load(name)
        aggregate = kind(self._session, self.now)
        setattr(self, name, aggregate)
        return aggregate
