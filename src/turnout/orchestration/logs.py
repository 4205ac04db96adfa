"""A run's log, portion by portion: a cursor names the last line that was read."""

from datetime import timedelta
from typing import NamedTuple

from turnout.core.errors import ParameterError
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, LogLine
from turnout.core.states import FINAL
from turnout.orchestration.access import find_run

START = "0.0.-1"
"""The cursor before the first line."""
LINES_MAXIMUM = 10_000
LATE = timedelta(seconds=1)
"""How long after a run's end its last lines are still expected: they are sent apart from the word of the end."""


OPEN = timedelta(seconds=30)
"""The same while a supervisor has begun to tell what the run printed and has not ended: it may have died."""


class Portion(NamedTuple):
    """Log lines; the cursor for the next ones, None when none is expected; and where this portion ended, which finds
    lines that arrive all the same: from a worker that was cut off, even days later."""

    lines: list[LogLine]
    cursor: str | None
    position: str


def read_logs(
    tx: Tx, run_id: str, attempt: int | None, cursor: str | None, limit: int, *, arrival: bool = False
) -> Portion:
    """Up to `limit` lines after `cursor` (None: from the start), of one attempt or of all; arrival: see `Journal.logs`.

    The next cursor is None once the run has been over for a moment and everything was read. Raises NotFound,
    ParameterError.
    """
    run = find_run(tx, run_id)
    limit = max(1, min(limit, LINES_MAXIMUM))
    lines = tx.journal.logs(run.id, attempt, None if cursor in (None, START) else _mark(cursor), limit, arrival=arrival)
    position = _cursor(lines[-1]) if lines else cursor or START
    over = run.state in FINAL and len(lines) < limit and _is_silent(tx, run)
    return Portion(lines, None if over else position, position)


def is_over(tx: Tx, run: FlowRun) -> bool:
    """Whether no more lines of the latest attempt are expected."""
    return run.state in FINAL and _is_silent(tx, run)


def _is_silent(tx: Tx, run: FlowRun) -> bool:
    if run.started_at is None or run.ended_at is None or run.ended_at + OPEN <= tx.now:
        return True
    return run.ended_at + LATE <= tx.now and not tx.journal.has_open_output(run.id, run.attempt)


def _cursor(line: LogLine) -> str:
    return f"{line.attempt}.{line.stream}.{line.seq}"


def _mark(cursor: str) -> tuple[int, int, int]:
    try:
        attempt, stream, seq = (int(part) for part in cursor.split("."))
    except ValueError:
        raise ParameterError(f"'{cursor[:60]}' is no cursor of a log", fix="give back the one you were given") from None
    return attempt, stream, seq
