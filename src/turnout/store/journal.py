"""Ingestion of journals, and what they held: implements `core.ports.Journal`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core import limits
from turnout.core.errors import Conflict
from turnout.core.records import Artifact, LogLine, Page, TaskRun
from turnout.core.states import RunState
from turnout.store.ingest import Batch, log_lines
from turnout.store.session import Row, Session
from turnout.store.task_drafts import COMMON, TaskDraft, cleaned, draft_from_row
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, optional_time, to_micros

if TYPE_CHECKING:
    from turnout.core.jobs import Checkpoint


class Ingested:
    """What a batch held for the flow run itself: see `core.ports.Ingested`."""

    __slots__ = ("acked", "ended", "flow_entries", "header")

    def __init__(self, acked: int, batch: Batch | None = None) -> None:
        self.acked = acked
        self.header = batch.header if batch else None
        self.flow_entries: Sequence[tuple[str, float, Mapping[str, Any]]] = batch.flow_entries if batch else ()
        self.ended = batch.ended if batch else False


class Journal:
    """See `core.ports.Journal`, which states every method's contract.

    Lines are merged per task in memory and written by one statement a table, however many there are.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def acked(self, run_id: str, attempt: int, stream: int) -> int:
        """The highest stored sequence number of a stream, -1 if none."""
        row = self._session.row("journal/get_acked", {"run_id": run_id, "attempt": attempt, "stream": stream})
        return -1 if row is None else int(row[0])

    def store(self, run_id: str, attempt: int, stream: int, first: int, lines: Sequence[bytes]) -> Ingested:
        """Store lines `first`.. of a stream; those that are stored already are ignored."""
        acked = self.acked(run_id, attempt, stream)
        if first > acked + 1:
            raise Conflict(
                f"lines {acked + 1} to {first - 1} of stream {stream} are missing",
                where=f"run {run_id}, attempt {attempt}",
                fix=f"send the lines from {acked + 1} on",
            )
        fresh = lines[acked + 1 - first :]
        if not fresh:
            return Ingested(acked)
        batch = Batch(acked + 1, fresh)
        identity = {"run_id": run_id, "attempt": attempt}
        batch.drafts.update(self._drafts(identity, batch.touched()))
        batch.merge()
        acked += len(fresh)
        self._write(identity, stream, batch)
        self._mark(identity, stream, acked, batch)
        return Ingested(acked, batch)

    def tasks(self, run_id: str, attempt: int | None, page: Page) -> list[TaskRun]:
        """A page of an attempt's tasks, of the latest that has any for None; by number."""
        values = {
            "run_id": run_id,
            "attempt": attempt,
            "after": int(page.after or 0),
            "limit": max(0, min(page.limit, limits.PAGE_ROWS)),
        }
        return [task_from_row(run_id, row) for row in self._session.rows("journal/list_tasks", values)]

    def task_counts(self, run_id: str, attempt: int) -> Mapping[str, int]:
        """state -> number of the attempt's tasks."""
        return dict(self._session.rows("journal/count_tasks", {"run_id": run_id, "attempt": attempt}))

    def logs(
        self,
        run_id: str,
        attempt: int | None,
        after: tuple[int, int, int] | None,
        limit: int,
        *,
        arrival: bool = False,
    ) -> list[LogLine]:
        """Lines after the one that `after` names, by attempt, then as they arrived, within a stream by seq; with
        `arrival`, those of all attempts as they arrived."""
        start, chunk, skip = (attempt or 0), 0, -1
        if after is not None and attempt in (None, after[0]):
            start, chunk, skip = after[0], self._chunk_of(run_id, after), after[2]
        values = {"run_id": run_id, "attempt": start, "chunk": chunk}
        names: tuple[str, ...] = ("journal/list_chunks", "journal/list_later_chunks")[: 2 if attempt is None else 1]
        if arrival and attempt is None:
            names, values = ("journal/list_arrived_chunks",), {"run_id": run_id, "chunk": chunk}
        found: list[LogLine] = []
        for name in names:
            for number, of, stream, body in self._session.execute(name, values):
                beyond = skip if number == chunk else -1
                found.extend(_line(of, stream, seq, entry) for seq, entry in log_lines(body) if seq > beyond)
                if len(found) >= limit:
                    return found[: max(0, limit)]
        return found

    def has_open_output(self, run_id: str, attempt: int) -> bool:
        """Whether a supervisor began to store what an attempt prints, and has not ended."""
        return self._session.row("journal/has_open_output", {"run_id": run_id, "attempt": attempt}) is not None

    def artifacts(self, run_id: str) -> list[Artifact]:
        """Every artifact, in the order in which they were made."""
        return [
            Artifact(
                run_id=run_id,
                attempt=attempt,
                number=number,
                key=key,
                kind=kind,
                at=from_micros(at),
                data=from_json(data),
            )
            for attempt, number, key, kind, at, data in self._session.rows("journal/list_artifacts", {"run_id": run_id})
        ]

    def checkpoints(self, run_id: str, before_attempt: int) -> Iterator[Checkpoint]:
        """Completed steps of earlier attempts with a stored result, the newest of each key and inputs."""
        from turnout.core.jobs import Checkpoint  # on use: a script's own ingestion never resumes anything

        seen: set[tuple[str, str | None]] = set()
        values = {"run_id": run_id, "before": before_attempt}
        for key, attempt, text in self._session.execute("journal/list_checkpoints", values):
            detail = from_json(text)
            inputs, code = detail.get("inputs"), detail.get("code")
            if (key, inputs) not in seen and not {"inline", "ref"}.isdisjoint(detail.get("result") or ()):
                seen.add((key, inputs))
                yield Checkpoint(key=key, attempt=attempt, inputs=inputs, result=detail["result"], code=code)

    def close_open_tasks(
        self, run_id: str, attempt: int, state: RunState, reason: str, at: datetime | None = None
    ) -> int:
        """Presume `state` of every task that is not final, since `at` (now if left out); what its process wrote itself
        wins if it arrives yet."""
        identity = {"run_id": run_id, "attempt": attempt}
        drafts = [draft_from_row(row) for row in self._session.rows("journal/list_open_drafts", identity)]
        for draft in drafts:
            draft.presume(state.value, min(at or self._now, self._now).timestamp(), reason)
        self._put_tasks(identity, [cleaned(draft) for draft in drafts])
        return len(drafts)

    def _drafts(self, identity: Mapping[str, Any], numbers: set[int]) -> dict[int, TaskDraft]:
        """Those of the numbered tasks that are stored."""
        if not numbers:
            return {}
        rows = self._session.rows("journal/list_drafts", {**identity, "numbers": to_json(sorted(numbers))})
        return {row[0]: draft_from_row(row) for row in rows}

    def _write(self, identity: Mapping[str, Any], stream: int, batch: Batch) -> None:
        drafts = list(batch.drafts.values())
        if drafts and batch.needs_cleaning():
            drafts = [cleaned(draft) for draft in drafts]
        self._put_tasks(identity, drafts)
        for chunk in batch.log_chunks():
            self._session.execute("journal/insert_logs", {**identity, "stream": stream, **chunk})
        if batch.artifacts:
            values = {**identity, "stream": stream, "artifacts": to_json(batch.artifacts)}
            self._session.execute("journal/insert_artifacts", values)

    def _put_tasks(self, identity: Mapping[str, Any], drafts: Sequence[TaskDraft]) -> None:
        if drafts:
            common = drafts[len(drafts) // 2].common()
            rows = [
                draft.short_row() if (own := draft.common()) == common else draft.short_row() + own for draft in drafts
            ]
            values = {**identity, **dict(zip(COMMON, common, strict=True)), "tasks": to_json(rows)}
            self._session.execute("journal/put_tasks", values)

    def _mark(self, identity: Mapping[str, Any], stream: int, acked: int, batch: Batch) -> None:
        values = {
            **identity,
            "stream": stream,
            "acked": acked,
            "ended": int(batch.ended),
            "header": None if batch.header is None else to_json(batch.header),
            "stored_at": to_micros(self._now),
        }
        self._session.execute("journal/put_mark", values)

    def _chunk_of(self, run_id: str, line: tuple[int, int, int]) -> int:
        attempt, stream, seq = line
        row = self._session.row(
            "journal/get_chunk", {"run_id": run_id, "attempt": attempt, "stream": stream, "seq": seq}
        )
        return 0 if row is None else int(row[0])


def _line(attempt: int, stream: int, seq: int, entry: list[Any]) -> LogLine:
    _, number, at, level, logger, message = entry
    return LogLine(
        attempt=attempt, stream=stream, seq=seq, number=number, at=at, level=level, logger=logger, message=message
    )


def task_from_row(run_id: str, row: Row) -> TaskRun:
    """The record of a row in the order of columns of `journal/list_tasks`."""
    attempt, number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, text = row
    detail = from_json(text)
    return TaskRun(
        run_id=run_id,
        attempt=attempt,
        number=number,
        parent=parent,
        kind=kind,
        key=key,
        name=name,
        state=RunState(state),
        state_name=state_name,
        reason=detail.get("reason"),
        tries=tries,
        created_at=from_micros(created_at),
        started_at=optional_time(started_at),
        ended_at=optional_time(ended_at),
        upstream=tuple(detail.get("upstream", ())),
        tags=tuple(detail.get("tags", ())),
        timeline=tuple((entered, label, at) for entered, label, at in detail["timeline"]),
        result=detail.get("result"),
    )
