"""Journals of the model store: `core.ports.Journal`. Lines are read by the product's own reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.simulation.model_data import Data
from turnout.core import limits
from turnout.core.errors import Conflict
from turnout.core.jobs import Checkpoint
from turnout.core.records import Artifact, LogLine, Page, TaskRun
from turnout.core.states import FINAL, RunState
from turnout.store.ingest import Batch, log_lines
from turnout.store.journal import Ingested, task_from_row
from turnout.store.task_drafts import cleaned, draft_from_row
from turnout.store.text import from_json
from turnout.store.times import from_micros


class Journal:
    """See `core.ports.Journal`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def acked(self, run_id: str, attempt: int, stream: int) -> int:
        return self._data.streams.get((run_id, attempt, stream), (-1, False, None))[0]

    def store(self, run_id: str, attempt: int, stream: int, first: int, lines: Sequence[bytes]) -> Ingested:
        acked = self.acked(run_id, attempt, stream)
        if first > acked + 1:
            raise Conflict(f"lines {acked + 1} to {first - 1} of stream {stream} are missing")
        fresh = lines[acked + 1 - first :]
        if not fresh:
            return Ingested(acked)
        batch = Batch(acked + 1, fresh)
        for number in batch.touched():
            row = self._data.tasks.get((run_id, attempt, number))
            if row is not None:
                batch.drafts[number] = draft_from_row(row)
        batch.merge()
        self._write(run_id, attempt, stream, batch)
        acked += len(fresh)
        _, ended, header = self._data.streams.get((run_id, attempt, stream), (-1, False, None))
        mark = (acked, ended or batch.ended, batch.header if batch.header is not None else header)
        self._data.put(self._data.streams, (run_id, attempt, stream), mark)
        return Ingested(acked, batch)

    def tasks(self, run_id: str, attempt: int | None, page: Page) -> list[TaskRun]:
        if attempt is None:
            attempt = max((key[1] for key in self._data.numbers if key[0] == run_id), default=0)
        after, limit = int(page.after or 0), max(0, min(page.limit, limits.PAGE_ROWS))
        rows = [(attempt, *row) for row in self._rows(run_id, attempt) if row[0] > after]
        return [task_from_row(run_id, row) for row in rows[:limit]]

    def task_counts(self, run_id: str, attempt: int) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for row in self._rows(run_id, attempt):
            counts[row[5]] = counts.get(row[5], 0) + 1
        return counts

    def logs(
        self,
        run_id: str,
        attempt: int | None,
        after: tuple[int, int, int] | None,
        limit: int,
        *,
        arrival: bool = False,
    ) -> list[LogLine]:
        chunks = [
            (chunk[1], number, chunk[2], chunk[3]) for number, chunk in self._data.chunks.items() if chunk[0] == run_id
        ]
        chunks.sort(key=lambda chunk: chunk[1] if arrival and attempt is None else chunk[:2])
        found: list[LogLine] = []
        begun = after is None or attempt not in (None, after[0])
        for of, _, stream, entries in chunks:
            if attempt not in (None, of):
                continue
            for seq, entry in entries:
                if begun:
                    _, number, at, level, logger, message = entry
                    line = LogLine(
                        attempt=of,
                        stream=stream,
                        seq=seq,
                        number=number,
                        at=at,
                        level=level,
                        logger=logger,
                        message=message,
                    )
                    found.append(line)
                elif (of, stream, seq) == after:
                    begun = True
        return found[: max(0, limit)]

    def has_open_output(self, run_id: str, attempt: int) -> bool:
        streams = self._data.streams.items()
        return any(key[:2] == (run_id, attempt) and key[2] > 0 and not mark[1] for key, mark in streams)

    def artifacts(self, run_id: str) -> list[Artifact]:
        return [
            Artifact(
                run_id=run_id,
                attempt=key[1],
                number=number,
                key=name,
                kind=kind,
                at=from_micros(at),
                data=from_json(text),
            )
            for key, (_, number, name, kind, at, text) in sorted(self._data.artifacts.items())
            if key[0] == run_id
        ]

    def checkpoints(self, run_id: str, before_attempt: int) -> Iterator[Checkpoint]:
        seen: set[tuple[str, str | None]] = set()
        for attempt in range(before_attempt - 1, 0, -1):
            for row in self._rows(run_id, attempt):
                if row[5] != "completed":
                    continue
                detail = from_json(row[11])
                key, inputs = row[3], detail.get("inputs")
                if (key, inputs) not in seen and not {"inline", "ref"}.isdisjoint(detail.get("result") or ()):
                    seen.add((key, inputs))
                    yield Checkpoint(
                        key=key, attempt=attempt, inputs=inputs, result=detail["result"], code=detail.get("code")
                    )

    def close_open_tasks(
        self, run_id: str, attempt: int, state: RunState, reason: str, at: datetime | None = None
    ) -> int:
        drafts = [draft_from_row(row) for row in self._rows(run_id, attempt) if row[5] not in FINAL]
        for draft in drafts:
            draft.presume(state.value, min(at or self._now, self._now).timestamp(), reason)
            self._data.put(self._data.tasks, (run_id, attempt, draft.number), cleaned(draft).row())
        return len(drafts)

    def _write(self, run_id: str, attempt: int, stream: int, batch: Batch) -> None:
        data = self._data
        for draft in batch.drafts.values():
            row = cleaned(draft).row() if batch.needs_cleaning() else draft.row()
            if (run_id, attempt, draft.number) not in data.tasks:
                numbers = data.numbers.get((run_id, attempt), ())
                data.put(data.numbers, (run_id, attempt), tuple(sorted((*numbers, draft.number))))
            data.put(data.tasks, (run_id, attempt, draft.number), row)
        for chunk in batch.log_chunks():
            entries = tuple(log_lines(chunk["body"]))
            data.put(data.chunks, len(data.chunks) + 1, (run_id, attempt, stream, entries))
        for artifact in batch.artifacts:
            data.put(data.artifacts, (run_id, attempt, stream, artifact[0]), artifact)

    def _rows(self, run_id: str, attempt: int) -> list[tuple[Any, ...]]:
        tasks = self._data.tasks
        return [tasks[run_id, attempt, number] for number in self._data.numbers.get((run_id, attempt), ())]
