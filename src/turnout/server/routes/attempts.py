"""What the executor of an attempt asks, its supervisor or its worker: to go on, and to store what it has written."""

from typing import Any

from starlette.responses import Response

from turnout.core.errors import ParameterError
from turnout.core.jobs import Heartbeat
from turnout.core.limits import JOURNAL_BATCH_BYTES
from turnout.core.ports import Tx
from turnout.core.states import FINAL, RunState
from turnout.orchestration import claims, ingest
from turnout.server.auth.scope import for_run
from turnout.server.call import Call, countdown
from turnout.server.codec import encode
from turnout.server.routing import EXECUTOR, Route
from turnout.server.work_bodies import AckAnswer, AttemptQuery, HeartbeatBody, JournalQuery, ReportBody

ATTEMPTS = "/api/v1/work/runs/{id}"
SLOW_POLL_SECONDS = 5.0
"""How often a waiting heartbeat looks for a command of which no hint came."""


async def heartbeat(call: Call) -> Heartbeat:
    """Renew the lease, and stay until there is a command or the time is up."""
    body = await call.body(HeartbeatBody)
    run_id, seconds = call.run_id, call.context.settings.lease_seconds

    def write(tx: Tx) -> Heartbeat:
        return claims.heartbeat(tx, for_run(tx, call.principal, run_id), run_id, body.attempt, seconds)

    def quiet(tx: Tx) -> bool:
        run = tx.runs.get(run_id)
        return run is not None and run.attempt == body.attempt and run.state not in FINAL | {RunState.CANCELLING}

    async with call.waiting(f"run:{run_id}") as bell:
        left = countdown(min(body.wait, seconds / 2))
        answer = await call.write(write)
        while answer.command is None and left() > 0 and not bell.stopped():
            await bell.wait(min(left(), SLOW_POLL_SECONDS))
            if not await call.point(quiet):
                answer = await call.write(write)
                break
        return answer


async def journal(call: Call) -> AckAnswer:
    """Store journal lines."""
    where = call.query(JournalQuery)
    run_id = call.run_id
    lines = (await call.raw()).split(b"\n")
    if lines.pop() != b"":
        raise ParameterError("the last journal line is not ended", fix="send whole lines, each ended by a newline")

    def write(tx: Tx) -> int:
        who = for_run(tx, call.principal, run_id)
        return ingest.ship(tx, who, run_id, where.attempt, where.stream, where.first, lines)

    return AckAnswer(acked=await call.write(write))


async def report(call: Call) -> dict[str, Any]:
    """How an attempt ended, from outside of it."""
    body = await call.body(ReportBody)
    run_id = call.run_id

    def write(tx: Tx) -> None:
        claims.report(tx, for_run(tx, call.principal, run_id), run_id, body.attempt, body.event, body.reason)

    await call.write(write)
    return {}


async def checkpoints(call: Call) -> Response:
    """Completed steps of earlier attempts, one a line."""
    attempt, run_id = call.query(AttemptQuery).attempt, call.run_id

    def read(tx: Tx) -> bytes:
        found = claims.checkpoints(tx, for_run(tx, call.principal, run_id), run_id, attempt)
        return b"".join(encode(step) + b"\n" for step in found)

    return Response(await call.read(read), media_type="application/x-ndjson")


ROUTES = (
    Route(
        method="POST",
        path=ATTEMPTS + "/heartbeat",
        access=EXECUTOR,
        doc="Renew an attempt's lease; answers at once when there is a command, else after `wait` seconds.",
        handler=heartbeat,
        body=HeartbeatBody,
        answer=Heartbeat,
    ),
    Route(
        method="POST",
        path=ATTEMPTS + "/journal",
        access=EXECUTOR,
        doc="Store journal lines, raw, each ended by a newline. Lines that are stored already are acknowledged again.",
        handler=journal,
        query=JournalQuery,
        answer=AckAnswer,
        limit=JOURNAL_BATCH_BYTES,
        accepts="application/x-ndjson",
    ),
    Route(
        method="POST",
        path=ATTEMPTS + "/report",
        access=EXECUTOR,
        doc="How an attempt ended, as its supervisor or worker saw it; ignored once the attempt is over.",
        handler=report,
        body=ReportBody,
        answer=dict[str, Any],
    ),
    Route(
        method="GET",
        path=ATTEMPTS + "/checkpoints",
        access=EXECUTOR,
        doc="Completed steps of earlier attempts, one JSON object a line.",
        handler=checkpoints,
        query=AttemptQuery,
        media="application/x-ndjson",
    ),
)
