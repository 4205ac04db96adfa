"""What pages look at: implements `core.ports.Views`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from turnout.core import limits
from turnout.core.home import HourCount
from turnout.core.records import FlowRun, LogLine, Namespace, RunFilter, TaskRun
from turnout.core.states import RunState
from turnout.core.views import ArtifactHead, Ended, LogRow, LogSearch, RunCount, TaskRow
from turnout.store.journal import task_from_row
from turnout.store.log_rows import LogRows
from turnout.store.search import Search
from turnout.store.session import Row, Session
from turnout.store.task_details import kept_inputs, upstream_of
from turnout.store.text import from_json
from turnout.store.times import from_micros, optional_time


class Views:
    """See `core.ports.Views`, which states every method's contract."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def count(self, where: RunFilter) -> RunCount:
        """How many runs match, and whether all were looked at."""
        search = Search(self._session, where, None)
        found: dict[str, int] = dict(search.counts(limits.COUNTED_RUNS))
        return RunCount(states=found, complete=not search.cut and sum(found.values()) < limits.COUNTED_RUNS)

    def hours(self, namespace: Namespace, first: str, limit: int) -> list[HourCount]:
        """Runs by the hour."""
        values = {**vars(namespace), "first": first, "limit": max(0, limit)}
        rows = self._session.rows("views/list_hours", values)
        return [HourCount(name, hour, RunState(state), count, newest) for name, hour, state, count, newest in rows]

    def completed_before(self, run: FlowRun, limit: int) -> list[Ended]:
        """Earlier runs of the deployment that completed."""
        if run.deployment is None:
            return []
        values = {
            "project": run.project,
            "environment": run.environment,
            "deployment": run.deployment,
            "id": run.id,
            "limit": limit,
        }
        rows = self._session.rows("views/list_completed_before", values)
        return [Ended(run_id, optional_time(began), optional_time(ended)) for run_id, began, ended in rows]

    def tasks(self, run_id: str, attempt: int, after: int, limit: int, *, upstream: bool = False) -> Sequence[TaskRow]:
        """Tasks after a number."""
        values = {"run_id": run_id, "attempt": attempt, "after": after, "limit": max(0, limit)}
        if not upstream:
            return [TaskRow(*row) for row in self._session.rows("views/list_tasks", values)]
        rows = self._session.rows("views/list_detailed_tasks", values)
        return [TaskRow(*(*row[:-1], upstream_of(row[-1]))) for row in rows]

    def troubled(self, run_id: str, attempt: int, limit: int) -> list[TaskRun]:
        """Tasks that failed or crashed, the first in front."""
        values = {"run_id": run_id, "attempt": attempt, "limit": max(0, limit)}
        return [task_from_row(run_id, row) for row in self._session.rows("views/list_troubled", values)]

    def reusable(self, run_id: str, before: int, limit: int) -> tuple[list[str], bool]:
        """Keys of steps that an attempt finds again."""
        rows = self._session.rows("views/list_steps", {"run_id": run_id, "before": before, "limit": max(0, limit) + 1})
        steps = {(key, inputs) for key, detail in rows[:limit] if (inputs := kept_inputs(detail)) is not None}
        return sorted(key for key, _ in steps), len(rows) <= limit

    def unfinished(self, run_id: str, attempt: int) -> Mapping[str, int]:
        """Tasks that did not complete, by name."""
        return dict(self._session.rows("views/count_unfinished", {"run_id": run_id, "attempt": attempt}))

    def log_size(self, run_id: str, attempt: int) -> int:
        """How many lines there are."""
        return LogRows(self._session, run_id, attempt).size

    def log_rows(self, run_id: str, attempt: int, first: int, limit: int) -> list[LogLine]:
        """Lines from a row on."""
        return LogRows(self._session, run_id, attempt).lines(max(0, first), limit)

    def search_log(
        self, run_id: str, attempt: int, wanted: LogSearch, first: int, limit: int, scanned: int
    ) -> tuple[list[LogRow], int | None]:
        """Lines that match, a portion at a time."""
        return LogRows(self._session, run_id, attempt).search(wanted, max(0, first), max(1, limit), max(1, scanned))

    def artifacts(self, run_id: str, limit: int, most: int) -> list[ArtifactHead]:
        """The newest artifacts."""
        rows = self._session.rows("views/list_artifacts", {"run_id": run_id, "limit": max(0, limit), "most": most})
        return [_head(row) for row in reversed(rows)]

    def artifact(self, run_id: str, attempt: int, stream: int, seq: int) -> Mapping[str, Any] | None:
        """The data of one artifact."""
        values = {"run_id": run_id, "attempt": attempt, "stream": stream, "seq": seq}
        row = self._session.row("views/get_artifact", values)
        found: Mapping[str, Any] | None = None if row is None else from_json(row[0])
        return found


def _head(row: Row) -> ArtifactHead:
    attempt, stream, seq, number, key, kind, at, size, content = row
    return ArtifactHead(
        attempt=attempt,
        stream=stream,
        seq=seq,
        number=number,
        key=key,
        kind=kind,
        at=from_micros(at),
        size=size,
        data=None if content is None else from_json(content),
    )
