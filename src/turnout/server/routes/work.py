"""What workers and the supervisors of runs ask."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from turnout.core.errors import Forbidden, NotFound, ParameterError
from turnout.core.jobs import Heartbeat
from turnout.core.journal import PROTOCOL
from turnout.core.limits import JOURNAL_BATCH_BYTES, POLL_SECONDS
from turnout.core.ports import Tx
from turnout.core.records import Principal, Worker
from turnout.core.states import FINAL, RunState
from turnout.orchestration import claims, ingest
from turnout.orchestration.access import check_attempt, executor_run
from turnout.server.auth.files import ANY_PROJECT
from turnout.server.auth.tokens import new_token
from turnout.server.bodies import (
    AckAnswer,
    AttemptQuery,
    ClaimAnswer,
    ClaimBody,
    HeartbeatBody,
    JournalQuery,
    RegisterBody,
    ReportBody,
)
from turnout.server.call import Call
from turnout.server.codec import encode
from turnout.server.hints import Bell
from turnout.server.routing import EXECUTOR, WORKER, Route

WORK = "/api/v1/work"
SLOW_POLL_SECONDS = 0.5
"""How often a waiting claim looks for runs that became due by the passing of time."""
SLOWEST_POLL_SECONDS = 5.0
"""How far that stretches while the runs it finds cannot be claimed (the pool is full)."""


async def register(call: Call) -> dict[str, Any]:
    """Note a worker, release what it was given and never started."""
    body = await call.body(RegisterBody)
    who = _for_pool(call.principal, body.project, body.pool)
    if body.protocol != PROTOCOL:
        raise ParameterError(
            f"worker and server speak different protocols: {body.protocol} and {PROTOCOL}",
            fix="install the same release of Turnout on both, or releases next to each other",
        )
    seconds = call.context.settings.lease_seconds

    def write(tx: Tx) -> None:
        known = tx.workers.get(body.worker_id)
        if known is not None:
            _for_pool(call.principal, known.project, known.pool)
        claims.register(
            tx,
            who,
            worker_id=body.worker_id,
            name=body.name,
            project=body.project,
            pool=body.pool,
            capacity=body.capacity,
            version=body.version,
            holding=body.holding,
        )

    await call.write(write)
    return {"lease_seconds": seconds, "protocol": PROTOCOL}


async def claim(call: Call) -> ClaimAnswer:
    """Hand out jobs; wait for the first on an event, holding no thread."""
    body = await call.body(ClaimBody)
    worker = _worker(call, body.worker_id)
    who = _for_pool(call.principal, worker.project, worker.pool)

    def write(tx: Tx) -> Any:
        return claims.claim(
            tx,
            who,
            worker_id=body.worker_id,
            key=body.key,
            slots=body.slots,
            lease_seconds=call.context.settings.lease_seconds,
            mint=lambda: new_token("run"),
        )

    def due(tx: Tx) -> bool:
        return bool(tx.runs.claimable(worker.project, worker.pool, 1))

    async with call.waiting(f"pool:{worker.project}/{worker.pool}") as bell:
        left, pause = _countdown(body.wait), SLOW_POLL_SECONDS
        while True:
            jobs = await call.write(write)
            if jobs or not await _found(call, bell, due, left, pause):
                return ClaimAnswer(jobs=jobs)
            pause = min(pause * 2, SLOWEST_POLL_SECONDS)


async def _found(call: Call, bell: Bell, due: Callable[[Tx], bool], left: Callable[[], float], pause: float) -> bool:
    """Wait until there is a due run; False when the time is up, the client has gone or the server stops."""
    while left() > 0 and not bell.stopped():
        await bell.wait(min(pause, left()))
        if not bell.stopped() and call.point(due):
            return True
    return False


async def bundle(call: Call) -> Response:
    """The code of a release."""
    digest = call.path("digest")
    content = await call.read(lambda tx: tx.bundles.get(digest))
    if content is None:
        raise NotFound(f"there is no bundle {digest[:64]}")
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


async def heartbeat(call: Call) -> Heartbeat:
    """Renew the lease, and stay until there is a command or the time is up."""
    body = await call.body(HeartbeatBody)
    run_id, seconds = call.run_id, call.context.settings.lease_seconds

    def write(tx: Tx) -> Heartbeat:
        return claims.heartbeat(tx, _for_run(tx, call.principal, run_id), run_id, body.attempt, seconds)

    def quiet(tx: Tx) -> bool:
        run = tx.runs.get(run_id)
        return run is not None and run.attempt == body.attempt and run.state not in FINAL | {RunState.CANCELLING}

    async with call.waiting(f"run:{run_id}") as bell:
        left = _countdown(min(body.wait, seconds / 2))
        answer = await call.write(write)
        while answer.command is None and left() > 0 and not bell.stopped():
            await bell.wait(min(left(), SLOWEST_POLL_SECONDS))
            if not call.point(quiet):
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
        who = _for_run(tx, call.principal, run_id)
        return ingest.ship(tx, who, run_id, where.attempt, where.stream, where.first, lines)

    return AckAnswer(acked=await call.write(write))


async def report(call: Call) -> dict[str, Any]:
    """How an attempt ended, from outside of it."""
    body = await call.body(ReportBody)
    run_id = call.run_id

    def write(tx: Tx) -> None:
        who = _for_run(tx, call.principal, run_id)
        if who.kind == "run":
            check_attempt(who, executor_run(tx, who, run_id), body.attempt)
        claims.report(tx, who, run_id, body.attempt, body.event, body.reason)

    await call.write(write)
    return {}


async def checkpoints(call: Call) -> Response:
    """Completed steps of earlier attempts, one a line."""
    attempt, run_id = call.query(AttemptQuery).attempt, call.run_id

    def read(tx: Tx) -> bytes:
        found = claims.checkpoints(tx, _for_run(tx, call.principal, run_id), run_id, attempt)
        return b"".join(encode(step) + b"\n" for step in found)

    return Response(await call.read(read), media_type="application/x-ndjson")


def _worker(call: Call, worker_id: str) -> Worker:
    worker = call.point(lambda tx: tx.workers.get(worker_id))
    if worker is None:
        raise NotFound(f"worker {worker_id[:64]} is not registered", fix="register, then claim")
    return worker


def _for_pool(who: Principal, project: str, pool: str) -> Principal:
    """The worker's principal, narrowed to the project it acts for. Raises Forbidden for a pool that is not its own."""
    if who.scope != pool or who.project not in (ANY_PROJECT, project):
        raise Forbidden(
            f"this token is for pool '{who.scope}', not for pool '{pool}' of project '{project}'",
            fix=f"use the token in pool.{pool}.token of the server's data folder",
        )
    return replace(who, scope=f"{project}/{pool}", project=project)


def _for_run(tx: Tx, who: Principal, run_id: str) -> Principal:
    """The principal as the use cases judge it: a worker narrowed to the run's project, if it may act in that."""
    if who.kind != "worker":
        return who
    run = tx.runs.get(run_id)
    return _for_pool(who, run.project, run.pool or "") if run else who


def _countdown(seconds: float) -> Callable[[], float]:
    """Seconds left, of at most `limits.POLL_SECONDS`."""
    clock = asyncio.get_running_loop().time
    end = clock() + min(seconds, POLL_SECONDS)
    return lambda: end - clock()


ROUTES = (
    Route(
        method="POST",
        path=WORK + "/register",
        access=WORKER,
        doc="A worker says hello and names the attempts that have a spool there.",
        handler=register,
        body=RegisterBody,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path=WORK + "/claim",
        access=WORKER,
        doc="Take jobs; answers at once when there are some, else when the first comes or `wait` seconds are over. "
        "Repeating `key` repeats the answer.",
        handler=claim,
        body=ClaimBody,
        answer=ClaimAnswer,
    ),
    Route(
        method="GET",
        path=WORK + "/bundles/{digest}",
        access=WORKER,
        doc="The code bundle with this SHA-256.",
        handler=bundle,
        media="application/octet-stream",
    ),
    Route(
        method="POST",
        path=WORK + "/runs/{id}/heartbeat",
        access=EXECUTOR,
        doc="Renew an attempt's lease; answers at once when there is a command, else after `wait` seconds.",
        handler=heartbeat,
        body=HeartbeatBody,
        answer=Heartbeat,
    ),
    Route(
        method="POST",
        path=WORK + "/runs/{id}/journal",
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
        path=WORK + "/runs/{id}/report",
        access=EXECUTOR,
        doc="How an attempt ended, as its supervisor or worker saw it; ignored once the attempt is over.",
        handler=report,
        body=ReportBody,
        answer=dict[str, Any],
    ),
    Route(
        method="GET",
        path=WORK + "/runs/{id}/checkpoints",
        access=EXECUTOR,
        doc="Completed steps of earlier attempts, one JSON object a line.",
        handler=checkpoints,
        query=AttemptQuery,
        media="application/x-ndjson",
    ),
)
