"""The log of an attempt by rows: portions, search over the whole of it, the text of it."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.responses import Response, StreamingResponse

from turnout.core.ports import Tx
from turnout.core.records import FlowRun, LogLine
from turnout.core.views import LogSearch
from turnout.orchestration.logs import is_over
from turnout.server.auth.scope import visible_run
from turnout.server.call import Call, countdown
from turnout.server.routes.run_views import RUN
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import LogSearchAnswer, LogSearchQuery, RowsAnswer, RowsQuery, TextQuery

SLOW_POLL_SECONDS = 2.0
SCANNED = 50_000
"""So many lines are looked at for one answer of a search."""
PORTION = 5_000
"""So many lines of a text are read at once."""
Line = tuple[int, int, int, float, int, str, str]


async def show_rows(call: Call) -> RowsAnswer:
    """Lines by position; waits for news on an event, holding no thread."""
    run_id, asked = call.run_id, call.query(RowsQuery)
    left = countdown(asked.wait)

    def read(tx: Tx) -> RowsAnswer:
        run = visible_run(tx, call.principal, run_id)
        size = tx.views.log_size(run_id, asked.attempt)
        found = tx.views.log_rows(run_id, asked.attempt, asked.first, asked.limit) if asked.first < size else []
        over = asked.attempt != run.attempt or is_over(tx, run)
        return RowsAnswer(first=asked.first, size=size, over=over, lines=[_line(line) for line in found])

    async with call.waiting(f"log:{run_id}") as bell:
        while True:
            found = await call.read(read)
            if found.lines or found.over or left() <= 0 or bell.stopped():
                return found
            await bell.wait(min(left(), SLOW_POLL_SECONDS))


async def search_rows(call: Call) -> LogSearchAnswer:
    """Rows that match."""
    run_id, asked = call.run_id, call.query(LogSearchQuery)
    wanted = LogSearch(text=asked.text, level=asked.level, number=asked.task)

    def read(tx: Tx) -> LogSearchAnswer:
        visible_run(tx, call.principal, run_id)
        hits, following = tx.views.search_log(run_id, asked.attempt, wanted, asked.first, asked.limit, SCANNED)
        lines = [_line(hit.line) for hit in hits] if asked.lines else []
        return LogSearchAnswer(rows=[hit.row for hit in hits], lines=lines, next=following)

    return await call.read(read)


async def show_text(call: Call) -> Response:
    """The whole log as a file."""
    run_id, asked = call.run_id, call.query(TextQuery)
    run = await call.read(lambda tx: visible_run(tx, call.principal, run_id))
    name = f"{run.deployment or 'run'}-{run.id[:12]}-{asked.attempt}.log"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_texts(call, run, asked.attempt), media_type="text/plain; charset=utf-8", headers=headers)


async def _texts(call: Call, run: FlowRun, attempt: int) -> AsyncIterator[bytes]:
    first = 0
    while True:
        at = first
        lines = await call.read(lambda tx, at=at: tx.views.log_rows(run.id, attempt, at, PORTION))  # type: ignore[misc]
        yield "".join(map(_text, lines)).encode("utf-8", "backslashreplace")
        first += len(lines)
        if len(lines) < PORTION:
            return


def _line(line: LogLine) -> Line:
    return (line.stream, line.seq, line.number, line.at, line.level, line.logger, line.message)


def _text(line: LogLine) -> str:
    at = datetime.fromtimestamp(line.at, UTC).isoformat(timespec="milliseconds")
    return f"{at} {logging.getLevelName(line.level)} {line.logger}: {line.message}\n"


ROUTES = (
    Route(
        method="GET",
        path=RUN + "/log",
        access=OPERATOR,
        doc="Lines of an attempt's log by row, held up to `wait` seconds until there are some.",
        handler=show_rows,
        query=RowsQuery,
        answer=RowsAnswer,
    ),
    Route(
        method="GET",
        path=RUN + "/log/search",
        access=OPERATOR,
        doc="Rows of an attempt's whole log that match, a portion at a time: go on from `next`.",
        handler=search_rows,
        query=LogSearchQuery,
        answer=LogSearchAnswer,
    ),
    Route(
        method="GET",
        path=RUN + "/log/text",
        access=OPERATOR,
        doc="The whole log of an attempt as a text file.",
        handler=show_text,
        query=TextQuery,
        media="text/plain",
    ),
)
