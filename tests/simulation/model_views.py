"""What pages look at, of the model store: `core.ports.Views`, said plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.simulation.model_data import Data
from tests.simulation.model_journal import Journal
from tests.simulation.model_runs import matches
from turnout.core.home import HourCount
from turnout.core.records import FlowRun, LogLine, Namespace, RunFilter, TaskRun
from turnout.core.states import RunState
from turnout.core.views import ArtifactHead, Ended, LogRow, LogSearch, RunCount, TaskRow
from turnout.store import log_rows
from turnout.store.journal import task_from_row
from turnout.store.text import from_json
from turnout.store.times import from_micros


class Views:
    """See `core.ports.Views`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._journal = Journal(data, now)

    def count(self, where: RunFilter) -> RunCount:
        states: dict[str, int] = {}
        for run in self._data.runs.values():
            if matches(run, where):
                states[run.state.value] = states.get(run.state.value, 0) + 1
        return RunCount(states=states, complete=True)

    def hours(self, namespace: Namespace, first: str, limit: int) -> list[HourCount]:
        mates = [
            run
            for run in self._data.runs.values()
            if (run.project, run.environment) == (namespace.project, namespace.environment) and run.id >= first
        ]
        found: dict[tuple[str, int, RunState], list[str]] = {}
        for run in sorted(mates, key=lambda run: run.id, reverse=True)[: max(0, limit)]:
            if run.deployment is not None:
                hour = int(run.due_at.timestamp() // 3600)
                found.setdefault((run.deployment, hour, run.state), []).append(run.id)
        return [HourCount(*key, len(ids), max(ids)) for key, ids in sorted(found.items())]

    def completed_before(self, run: FlowRun, limit: int) -> list[Ended]:
        mates = [
            other
            for other in self._data.runs.values()
            if run.deployment is not None
            and (other.project, other.environment, other.deployment) == (run.project, run.environment, run.deployment)
            and other.state == RunState.COMPLETED
            and other.id < run.id
        ]
        mates.sort(key=lambda other: other.id, reverse=True)
        return [Ended(other.id, other.started_at, other.ended_at) for other in mates[:limit]]

    def tasks(self, run_id: str, attempt: int, after: int, limit: int, *, upstream: bool = False) -> list[TaskRow]:
        rows = [row for row in self._rows(run_id, attempt) if row[0] > after][:limit]
        return [TaskRow(*row[:11], tuple(from_json(row[11]).get("upstream", ())) if upstream else ()) for row in rows]

    def troubled(self, run_id: str, attempt: int, limit: int) -> list[TaskRun]:
        rows = [row for row in self._rows(run_id, attempt) if row[5] in ("failed", "crashed")]
        rows.sort(key=lambda row: (row[10] is None, row[10] or 0, row[0]))
        return [task_from_row(run_id, (attempt, *row)) for row in rows[:limit]]

    def reusable(self, run_id: str, before: int, limit: int) -> tuple[list[str], bool]:
        found = [
            (row[3], from_json(row[11]))
            for attempt in range(before - 1, 0, -1)
            for row in reversed(self._rows(run_id, attempt))
            if row[5] == "completed"
        ]
        steps = {
            (key, detail["inputs"])
            for key, detail in found[:limit]
            if detail.get("inputs") is not None and not {"inline", "ref"}.isdisjoint(detail.get("result") or ())
        }
        return sorted(key for key, _ in steps), len(found) <= limit

    def unfinished(self, run_id: str, attempt: int) -> dict[str, int]:
        rows = [row for row in self._rows(run_id, attempt) if row[2] == "task" and row[5] != "completed"]
        return dict(Counter(row[4] for row in rows))

    def log_size(self, run_id: str, attempt: int) -> int:
        return len(self._lines(run_id, attempt))

    def log_rows(self, run_id: str, attempt: int, first: int, limit: int) -> list[LogLine]:
        return self._lines(run_id, attempt)[max(0, first) :][: max(0, limit)]

    def search_log(
        self, run_id: str, attempt: int, wanted: LogSearch, first: int, limit: int, scanned: int
    ) -> tuple[list[LogRow], int | None]:
        lines = self._lines(run_id, attempt)
        found = [LogRow(row, line) for row, line in enumerate(lines) if row >= first and log_rows.matches(line, wanted)]
        more = len(found) > limit
        return found[:limit], found[limit - 1].row + 1 if more else None

    def artifacts(self, run_id: str, limit: int, most: int) -> list[ArtifactHead]:
        rows = [(key, row) for key, row in self._data.artifacts.items() if key[0] == run_id]
        rows.sort(key=lambda each: (each[0][1], each[1][4], each[0][2], each[0][3]))
        return [
            ArtifactHead(
                attempt=key[1],
                stream=key[2],
                seq=key[3],
                number=number,
                key=name,
                kind=kind,
                at=from_micros(at),
                size=len(text),
                data=from_json(text) if len(text) <= most else None,
            )
            for key, (_, number, name, kind, at, text) in rows[-limit:]
        ]

    def artifact(self, run_id: str, attempt: int, stream: int, seq: int) -> Mapping[str, Any] | None:
        row = self._data.artifacts.get((run_id, attempt, stream, seq))
        return None if row is None else from_json(row[5])

    def _rows(self, run_id: str, attempt: int) -> list[Any]:
        return [self._data.tasks[run_id, attempt, number] for number in self._data.numbers.get((run_id, attempt), ())]

    def _lines(self, run_id: str, attempt: int) -> list[LogLine]:
        return self._journal.logs(run_id, attempt, None, 10**9)
