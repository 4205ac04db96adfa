"""The pages that people look at, and the one script they load."""

from collections import deque

from starlette.responses import Response

from turnout.core.ports import Tx
from turnout.core.records import LogLine, Page, RunFilter
from turnout.core.states import ACTIVE, QUEUED
from turnout.orchestration.access import find_run
from turnout.orchestration.deployments import statuses
from turnout.orchestration.explain import explained
from turnout.orchestration.source import commit_trouble, source
from turnout.orchestration.workers import list_workers
from turnout.server.call import Call
from turnout.server.pages.layout import SCRIPT
from turnout.server.pages.run import TASK_ROWS, RunView, run_page
from turnout.server.pages.status import Overview, status_page
from turnout.server.routing import OPERATOR, Route

LIVE_ROWS = 50
RECENT_RUNS = 200
LOG_ROWS = 300
LOG_PAGE = 5000


async def status(call: Call) -> Response:
    """The status page."""
    return _html(status_page(await call.read(overview), call.context.base))


async def run(call: Call) -> Response:
    """The page of one run."""
    run_id = call.run_id
    return _html(run_page(await call.read(lambda tx: run_view(tx, run_id)), call.context.base))


async def script(call: Call) -> Response:
    """The script of the pages."""
    return Response(SCRIPT, media_type="text/javascript")


def overview(tx: Tx) -> Overview:
    """What the status page shows."""
    live = tx.runs.find(RunFilter(states=tuple(sorted(ACTIVE | QUEUED))), Page(limit=LIVE_ROWS))
    followed = source(tx).report
    return Overview(
        now=tx.now,
        deployments=statuses(tx),
        live=explained(tx, live),
        recent=tx.runs.find(RunFilter(), Page(limit=RECENT_RUNS)),
        workers=list_workers(tx),
        trouble=commit_trouble(followed) if followed else None,
    )


def run_view(tx: Tx, run_id: str) -> RunView:
    """What a run's page shows. Raises NotFound."""
    found = explained(tx, [find_run(tx, run_id)])[0]
    logs, cut = _tail(tx, run_id, found.attempt)
    return RunView(
        now=tx.now,
        run=found,
        worker=_worker_name(tx, found.worker),
        tasks=tx.journal.tasks(run_id, found.attempt, Page(limit=TASK_ROWS)),
        task_count=sum(tx.journal.task_counts(run_id, found.attempt).values()),
        logs=logs,
        cut=cut,
        artifacts=[item for item in tx.journal.artifacts(run_id) if item.attempt == found.attempt],
        history=tx.runs.history(run_id),
    )


def _worker_name(tx: Tx, worker_id: str | None) -> str | None:
    worker = tx.workers.get(worker_id) if worker_id else None
    return worker.name if worker else worker_id


def _tail(tx: Tx, run_id: str, attempt: int) -> tuple[list[LogLine], bool]:
    """The last lines of an attempt's log, and whether there are earlier ones."""
    last: deque[LogLine] = deque(maxlen=LOG_ROWS)
    count, mark = 0, None
    while True:
        lines = tx.journal.logs(run_id, attempt, mark, LOG_PAGE)
        last.extend(lines)
        count += len(lines)
        if len(lines) < LOG_PAGE:
            return list(last), count > len(last)
        mark = (lines[-1].attempt, lines[-1].stream, lines[-1].seq)


def _html(content: bytes) -> Response:
    return Response(content, media_type="text/html")


ROUTES = (
    Route(
        method="GET",
        path="/status",
        access=OPERATOR,
        doc="Deployments with their next and latest runs, what runs and waits, workers.",
        handler=status,
        media="text/html",
    ),
    Route(
        method="GET",
        path="/status/runs/{id}",
        access=OPERATOR,
        doc="One run: state, tasks, artifacts, the end of its log.",
        handler=run,
        media="text/html",
    ),
    Route(
        method="GET",
        path="/page.js",
        access=OPERATOR,
        doc="The script of the pages: local times, fresh content.",
        handler=script,
        media="text/javascript",
    ),
)
