"""What runs wait for and are told, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.simulation.model_data import Data
from turnout.core.records import Question, RunInput


class Inputs:
    """See `core.ports.Inputs`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def ask(self, run_id: str, question: Question) -> None:
        self._data.put(self._data.questions, run_id, question)

    def question(self, run_id: str) -> Question | None:
        return self._data.questions.get(run_id)

    def settle(self, run_id: str) -> None:
        self._data.drop(self._data.questions, run_id)

    def overdue(self, limit: int) -> list[str]:
        late = [
            (question.until, run_id)
            for run_id, question in self._data.questions.items()
            if question.until is not None and question.until <= self._now and self._data.runs[run_id].suspended
        ]
        return [run_id for _, run_id in sorted(late)][:limit]

    def put(self, run_id: str, key: str, value: Any, sender: str | None) -> bool:
        known = self._data.inputs.get(run_id, ())
        if any(told.key == key for told in known):
            return False
        told = RunInput(number=len(known) + 1, key=key, value=value, sender=sender, at=self._now)
        self._data.put(self._data.inputs, run_id, (*known, told))
        return True

    def told(self, run_id: str, prefix: str, after: int, limit: int) -> Sequence[RunInput]:
        known = self._data.inputs.get(run_id, ())
        return [told for told in known if told.number > after and told.key.startswith(prefix)][:limit]
