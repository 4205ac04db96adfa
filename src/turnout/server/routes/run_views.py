"""Runs as pages show them: lists, one run with all its page needs, tasks in columns, running again, what changed."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from turnout.core.errors import NotFound, TurnoutError
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Page
from turnout.core.states import RunState
from turnout.core.views import BulkOutcome, CodeChanges, FileChange, RerunPreview, RunCount, RunOverview, TaskRow
from turnout.orchestration import bulk
from turnout.orchestration.access import find_run
from turnout.orchestration.code_changes import changed_files
from turnout.orchestration.rerun import preview
from turnout.orchestration.run_overview import release_of, run_overview, run_rows
from turnout.server.auth.scope import visible_run
from turnout.server.bodies import RunsQuery
from turnout.server.call import Call
from turnout.server.routes.runs import filter_of
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import (
    BarsAnswer,
    BarsQuery,
    BulkBody,
    ChangesQuery,
    CountQuery,
    OverviewQuery,
    RowsOfRuns,
)

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from turnout.core.values import replace

RUNS = "/api/v1/views/runs"
RUN = RUNS + "/{id}"
_comparing = ThreadPoolExecutor(1, "comparing")
"""Bundles are compared one pair at a time: however many ask, other requests have the processor, too."""


async def list_run_rows(call: Call) -> RowsOfRuns:
    """A page of runs as rows."""
    asked = call.query(RunsQuery)
    where = filter_of(asked, call.principal)

    def read(tx: Tx) -> RowsOfRuns:
        found, after = tx.runs.search(where, Page(limit=asked.limit, after=asked.after))
        return RowsOfRuns(items=run_rows(tx, found), next=after)

    return await call.read(read)


async def count_runs(call: Call) -> RunCount:
    """How many there are, up to a cap."""
    asked = call.query(CountQuery)
    where = filter_of(asked, call.principal)
    return await call.read(lambda tx: bulk.count(tx, where, asked.action))


async def act_on_runs(call: Call) -> BulkOutcome:
    """Do it to a portion of them."""
    body = await call.body(BulkBody)
    where = filter_of(body, call.principal)
    return await call.write(lambda tx: bulk.act(tx, where, body.action, body.after, call.principal))


async def show_overview(call: Call) -> RunOverview:
    """Everything that is seen first."""
    run_id, asked = call.run_id, call.query(OverviewQuery)
    return await call.read(lambda tx: run_overview(tx, visible_run(tx, call.principal, run_id), asked.attempt))


async def list_bars(call: Call) -> BarsAnswer:
    """Tasks in columns."""
    run_id, asked = call.run_id, call.query(BarsQuery)

    def read(tx: Tx) -> tuple[FlowRun, Sequence[TaskRow]]:
        run = visible_run(tx, call.principal, run_id)
        return run, tx.views.tasks(run_id, asked.attempt, asked.after, asked.limit + 1, upstream=asked.upstream)

    run, rows = await call.read(read)
    return _columns(round(run.created_at.timestamp() * 1000), rows[: asked.limit], len(rows) > asked.limit)


async def show_artifact(call: Call) -> dict[str, Any]:
    """The data of one."""
    run_id = call.run_id
    place = [call.path(name) for name in ("attempt", "stream", "seq")]
    if not all(part.isdecimal() and len(part) < 16 for part in place):
        raise NotFound("there is no such artifact")
    attempt, stream, seq = map(int, place)

    def read(tx: Tx) -> dict[str, Any] | None:
        found = tx.views.artifact(visible_run(tx, call.principal, run_id).id, attempt, stream, seq)
        return None if found is None else dict(found)

    data = await call.read(read)
    if data is None:
        raise NotFound("there is no such artifact")
    return data


async def preview_rerun(call: Call) -> RerunPreview:
    """What would be reused."""
    run_id = call.run_id
    return await call.read(lambda tx: preview(tx, visible_run(tx, call.principal, run_id)))


async def show_changes(call: Call) -> CodeChanges:
    """What changed since it last went well."""
    run_id, asked = call.run_id, call.query(ChangesQuery)
    found, bundles = await call.read(lambda tx: _sides(tx, visible_run(tx, call.principal, run_id), asked.base))
    if bundles is None:
        return found
    try:
        files, more = await asyncio.get_running_loop().run_in_executor(_comparing, _compare, *bundles)
    except TurnoutError as error:
        return replace(found, unknown=str(error))
    return replace(found, files=files, more=more)


def _sides(tx: Tx, run: FlowRun, base_id: str | None) -> tuple[CodeChanges, tuple[bytes, bytes] | None]:
    """The two runs, and their bundles where these differ and are kept."""
    base = find_run(tx, base_id) if base_id else _last_good(tx, run)
    found = CodeChanges(
        base=None if base is None else replace(base, parameters=base.parameters if _small(base) else {}),
        base_release=None if base is None else release_of(tx, base),
        release=release_of(tx, run),
        same=base is not None and base.spec.bundle is not None and base.spec.bundle == run.spec.bundle,
        unknown=None,
        files=(),
        more=0,
    )
    if base is None or found.same:
        return found, None
    before, after = _bundle(tx, base), _bundle(tx, run)
    if before is None or after is None:
        which = base if before is None else run
        return replace(found, unknown=f"the code of {which.name} is not kept"), None
    return found, (before, after)


def _small(run: FlowRun) -> bool:
    return len(str(run.parameters)) <= 32_000


def _last_good(tx: Tx, run: FlowRun) -> FlowRun | None:
    before = tx.views.completed_before(run, 1)
    return tx.runs.get(before[0].id) if before else None


def _bundle(tx: Tx, run: FlowRun) -> bytes | None:
    return tx.bundles.get(run.spec.bundle) if run.spec.bundle else None


@lru_cache(maxsize=2)
def _compare(before: bytes, after: bytes) -> tuple[tuple[FileChange, ...], int]:
    files, more = changed_files(before, after)
    return tuple(files), more


def _columns(origin: int, rows: Sequence[TaskRow], more: bool) -> BarsAnswer:
    names: dict[str, int] = {}
    states: dict[str, int] = {state.value: place for place, state in enumerate(RunState)}

    def millis(micros: int | None) -> int | None:
        return None if micros is None else micros // 1000 - origin

    return BarsAnswer(
        origin=origin,
        name=[names.setdefault(row.name, len(names)) for row in rows],
        names=list(names),
        states=list(states),
        state=[states[row.state] for row in rows],
        number=[row.number for row in rows],
        parent=[row.parent for row in rows],
        tries=[row.tries for row in rows],
        created=[row.created_at // 1000 - origin for row in rows],
        started=[millis(row.started_at) for row in rows],
        ended=[millis(row.ended_at) for row in rows],
        flows=[row.number for row in rows if row.kind == "flow"],
        upstream=[row.upstream for row in rows],
        next=rows[-1].number if more else None,
    )


def _get(path: str, handler: Any, doc: str, answer: Any, query: type | None = None) -> Route:
    return Route(method="GET", path=path, access=OPERATOR, doc=doc, handler=handler, query=query, answer=answer)


ROUTES = (
    _get(RUNS, list_run_rows, "Runs as rows of a list, newest first.", RowsOfRuns, RunsQuery),
    _get(
        RUNS + "/count",
        count_runs,
        "How many runs match, by state, among the newest 10,000 that do; `complete` is false where there may be more.",
        RunCount,
        CountQuery,
    ),
    Route(
        method="POST",
        path=RUNS + "/actions",
        access=OPERATOR,
        doc="Cancel, retry or delete the next runs that match and for which it can be done, newest first. Ask again "
        "with `after` until `next` is null. Deleted is what is over, with all that it holds, for good; the last run "
        "and the last completed run of a deployment are kept.",
        handler=act_on_runs,
        body=BulkBody,
        answer=BulkOutcome,
    ),
    _get(RUN, show_overview, "All that the page of a run shows at once.", RunOverview, OverviewQuery),
    _get(RUN + "/tasks", list_bars, "The tasks of an attempt in columns, by number.", BarsAnswer, BarsQuery),
    _get(RUN + "/artifacts/{attempt}/{stream}/{seq}", show_artifact, "The data of one artifact.", dict[str, Any]),
    _get(RUN + "/rerun", preview_rerun, "What running the run again from its failure would reuse.", RerunPreview),
    _get(
        RUN + "/changes",
        show_changes,
        "What changed in the code since another run, the newest earlier one of the deployment that completed.",
        CodeChanges,
        ChangesQuery,
    ),
)
