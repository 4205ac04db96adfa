"""Events written with their transition: implements `core.ports.Outbox`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from turnout.store.session import Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, to_micros

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.core.records import FlowRun

TRANSITION = "flow_run.state"
"""The kind of a flow run's transition."""


class Outbox:
    """See `core.ports.Outbox`. SQLite's one writer makes `seq` ascend in the order of commits."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session

    def after(self, seq: int, limit: int) -> list[Mapping[str, Any]]:
        """Events above `seq`: {"seq", "at", "kind", "run_id"} and, for a transition, what `add_transition` tells."""
        return [
            {"seq": number, "at": from_micros(at), "kind": kind, "run_id": run_id, **from_json(payload)}
            for number, at, kind, run_id, payload in self._session.rows(
                "outbox/list_events", {"seq": seq, "limit": limit}
            )
        ]

    def last(self) -> int:
        """The highest `seq` so far, 0 before the first event."""
        row = self._session.row("outbox/get_last", {})
        return int(row[0]) if row else 0

    def add_transition(self, run: "FlowRun", by: str, at: datetime) -> None:
        """Announce the state that `run` has now."""
        payload = {
            "project": run.project,
            "environment": run.environment,
            "deployment": run.deployment,
            "flow_name": run.flow_name,
            "name": run.name,
            "version": run.version,
            "attempt": run.attempt,
            "state": run.state.value,
            "state_name": run.state_name,
            "reason": run.reason,
            "by": by,
        }
        values = {"at": to_micros(at), "kind": TRANSITION, "run_id": run.id, "payload": to_json(payload)}
        self._session.execute("outbox/insert_event", values)
