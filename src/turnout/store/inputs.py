"""What runs wait for and what they are told: implements `core.ports.Inputs`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from turnout.core.records import Question, RunInput
from turnout.store.session import Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, optional_micros, optional_time, to_micros

LAST = "\U0010ffff"
"""Sorts after every character that a key may have."""


class Inputs:
    """See `core.ports.Inputs`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def ask(self, run_id: str, question: Question) -> None:
        """The run waits for this."""
        values = {
            "run_id": run_id,
            "key": question.key,
            "form": None if question.form is None else to_json(dict(question.form)),
            "description": question.description,
            "asked_at": to_micros(question.asked_at),
            "until": optional_micros(question.until),
        }
        self._session.execute("inputs/put_question", values)

    def question(self, run_id: str) -> Question | None:
        """What the run waits for."""
        row = self._session.row("inputs/get_question", {"run_id": run_id})
        if row is None:
            return None
        key, form, description, asked_at, until = row
        return Question(
            key=key,
            form=None if form is None else from_json(form),
            description=description,
            asked_at=from_micros(asked_at),
            until=optional_time(until),
        )

    def settle(self, run_id: str) -> None:
        """It waits for nothing any more."""
        self._session.execute("inputs/delete_question", {"run_id": run_id})

    def overdue(self, limit: int) -> list[str]:
        """Suspended runs that were not answered in time."""
        rows = self._session.rows("inputs/list_overdue", {"now": to_micros(self._now), "limit": limit})
        return [str(row[0]) for row in rows]

    def put(self, run_id: str, key: str, value: Any, sender: str | None) -> bool:
        """Tell the run something; False if it was told under that key."""
        values = {"run_id": run_id, "key": key, "value": to_json(value), "sender": sender, "at": to_micros(self._now)}
        return self._session.changed("inputs/insert_input", values) > 0

    def told(self, run_id: str, prefix: str, after: int, limit: int) -> Sequence[RunInput]:
        """What it was told under keys that begin so, in order."""
        values = {"run_id": run_id, "after": after, "low": prefix, "high": prefix + LAST, "limit": limit}
        return [
            RunInput(number=number, key=key, value=from_json(value), sender=sender, at=from_micros(at))
            for number, key, value, sender, at in self._session.rows("inputs/list_inputs", values)
        ]
