"""A run's log, portion by portion: a cursor names the last line that was read."""

from turnout.core.errors import ParameterError
from turnout.core.ports import Tx
from turnout.core.records import LogLine
from turnout.core.states import FINAL
from turnout.orchestration.access import find_run

START = "0.0.-1"
"""The cursor before the first line."""
LINES_MAXIMUM = 10_000


def read_logs(
    tx: Tx, run_id: str, attempt: int | None, cursor: str | None, limit: int
) -> tuple[list[LogLine], str | None]:
    """Up to `limit` lines after `cursor` (None: from the start), of one attempt or of all, and the next cursor.

    The next cursor is None once the run is over and everything was read. Raises NotFound, ParameterError.
    """
    run = find_run(tx, run_id)
    limit = max(1, min(limit, LINES_MAXIMUM))
    lines = tx.journal.logs(run.id, attempt, None if cursor in (None, START) else _mark(cursor), limit)
    if len(lines) < limit and run.state in FINAL:
        return lines, None
    return lines, _cursor(lines[-1]) if lines else cursor or START


def _cursor(line: LogLine) -> str:
    return f"{line.attempt}.{line.stream}.{line.seq}"


def _mark(cursor: str) -> tuple[int, int, int]:
    try:
        attempt, stream, seq = (int(part) for part in cursor.split("."))
    except ValueError:
        raise ParameterError(f"'{cursor[:60]}' is no cursor of a log", fix="give back the one you were given") from None
    return attempt, stream, seq
