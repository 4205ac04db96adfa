"""Runs: find, look at, cancel, retry."""

from turnout.core.ports import Tx
from turnout.core.records import Artifact, FlowRun, HistoryEntry, Page, Principal, RunFilter, TaskRun
from turnout.core.states import FINAL
from turnout.orchestration import runs
from turnout.orchestration.explain import explained
from turnout.orchestration.logs import Portion, read_logs
from turnout.orchestration.rerun import rerun
from turnout.server.auth.scope import check_namespace, visible_run
from turnout.server.bodies import (
    CancelBody,
    FilterQuery,
    LogsAnswer,
    LogsQuery,
    RetryBody,
    RunQuery,
    RunsAnswer,
    RunsQuery,
    TasksQuery,
)
from turnout.server.call import Call, countdown
from turnout.server.routing import FLOW, OPERATOR, Route

RUN = "/api/v1/runs/{id}"
SLOW_POLL_SECONDS = 2.0


async def list_runs(call: Call) -> RunsAnswer:
    """A page of runs, newest first, each with the reason why it waits."""
    asked = call.query(RunsQuery)
    where = filter_of(asked, call.principal)
    page = Page(limit=asked.limit, after=asked.after)

    def read(tx: Tx) -> RunsAnswer:
        found, after = tx.runs.search(where, page)
        return RunsAnswer(items=explained(tx, found), next=after)

    return await call.read(read)


def filter_of(asked: FilterQuery, who: Principal) -> RunFilter:
    """The runs that are asked for. Raises Forbidden for those of a project that is not `who`'s to see."""
    project, environment = asked.project or who.project, asked.environment or who.environment
    check_namespace(who, project, environment)
    return RunFilter(
        project=project,
        environment=environment,
        deployment=asked.deployment,
        flow_name=asked.flow,
        states=asked.state,
        tags=asked.tag,
        text=asked.text,
        since=asked.since,
        until=asked.until,
        not_states=asked.not_state,
        not_tags=asked.not_tag,
        not_deployments=asked.not_deployment,
    )


async def show_run(call: Call) -> FlowRun:
    """One run; waits for its end on an event, holding no thread."""
    run_id, left = call.run_id, countdown(call.query(RunQuery).wait)
    async with call.waiting(f"run:{run_id}") as bell:
        while True:
            found = await call.read(lambda tx: explained(tx, [visible_run(tx, call.principal, run_id)])[0])
            if found.state in FINAL or left() <= 0 or bell.stopped():
                return found
            await bell.wait(min(left(), SLOW_POLL_SECONDS))


async def show_history(call: Call) -> list[HistoryEntry]:
    """Its transitions, oldest first."""
    run_id = call.run_id
    return await call.read(lambda tx: tx.runs.history(visible_run(tx, call.principal, run_id).id))


async def list_tasks(call: Call) -> list[TaskRun]:
    """Its tasks."""
    run_id, asked = call.run_id, call.query(TasksQuery)
    page = Page(limit=asked.limit, after=None if asked.after is None else str(asked.after))

    def read(tx: Tx) -> list[TaskRun]:
        return tx.journal.tasks(visible_run(tx, call.principal, run_id).id, asked.attempt, page)

    return await call.read(read)


async def list_artifacts(call: Call) -> list[Artifact]:
    """What it made to be looked at."""
    run_id = call.run_id
    return await call.read(lambda tx: tx.journal.artifacts(visible_run(tx, call.principal, run_id).id))


async def show_logs(call: Call) -> LogsAnswer:
    """Log lines after a cursor; waits for news on an event, holding no thread."""
    run_id, asked = call.run_id, call.query(LogsQuery)
    left = countdown(asked.wait)

    def read(tx: Tx) -> Portion:
        visible_run(tx, call.principal, run_id)
        return read_logs(tx, run_id, asked.attempt, asked.cursor, asked.limit, arrival=asked.arrival)

    async with call.waiting(f"log:{run_id}") as bell:
        while True:
            found = await call.read(read)
            if found.lines or found.cursor is None or left() <= 0 or bell.stopped():
                return LogsAnswer(items=found.lines, cursor=found.cursor, position=found.position)
            await bell.wait(min(left(), SLOW_POLL_SECONDS))


async def cancel(call: Call) -> FlowRun:
    """Stop it."""
    run_id, body = call.run_id, await call.body(CancelBody)
    return await call.write(lambda tx: runs.cancel(tx, run_id, call.principal, body.reason))


async def retry(call: Call) -> FlowRun:
    """Open a new attempt."""
    run_id, body = call.run_id, await call.body(RetryBody)

    def write(tx: Tx) -> FlowRun:
        return rerun(
            tx,
            run_id,
            call.principal,
            from_failure=body.from_failure,
            parameters=body.parameters,
            newest=body.newest,
        )

    return await call.write(write)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/runs",
        access=OPERATOR | FLOW,
        doc="A page of runs, newest first. Every given condition must hold; `state` and `tag` may be repeated.",
        handler=list_runs,
        query=RunsQuery,
        answer=RunsAnswer,
    ),
    Route(
        method="GET",
        path=RUN,
        access=OPERATOR | FLOW,
        doc="One run; with `wait`, held up to so many seconds until it is over.",
        handler=show_run,
        query=RunQuery,
        answer=FlowRun,
    ),
    Route(
        method="GET",
        path=RUN + "/history",
        access=OPERATOR | FLOW,
        doc="The run's transitions, oldest first.",
        handler=show_history,
        answer=list[HistoryEntry],
    ),
    Route(
        method="GET",
        path=RUN + "/tasks",
        access=OPERATOR | FLOW,
        doc="The tasks and in-process subflows of an attempt, by number.",
        handler=list_tasks,
        query=TasksQuery,
        answer=list[TaskRun],
    ),
    Route(
        method="GET",
        path=RUN + "/logs",
        access=OPERATOR | FLOW,
        doc="Log lines after `cursor`, held up to `wait` seconds until there are some. The cursor is null once the run "
        "is over and everything was read.",
        handler=show_logs,
        query=LogsQuery,
        answer=LogsAnswer,
    ),
    Route(
        method="GET",
        path=RUN + "/artifacts",
        access=OPERATOR | FLOW,
        doc="What the run made to be looked at.",
        handler=list_artifacts,
        answer=list[Artifact],
    ),
    Route(
        method="POST",
        path=RUN + "/cancel",
        access=OPERATOR,
        doc="Cancel the run: at once when it waits, else as soon as its executor confirms that nothing is left.",
        handler=cancel,
        body=CancelBody,
        answer=FlowRun,
    ),
    Route(
        method="POST",
        path=RUN + "/retry",
        access=OPERATOR,
        doc="Open a new attempt of a run that is over; with `from_failure`, completed steps are reused, but for those "
        "whose inputs other parameters, or whose code a newer commit, have changed.",
        handler=retry,
        body=RetryBody,
        answer=FlowRun,
    ),
)
