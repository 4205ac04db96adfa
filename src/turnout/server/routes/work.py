"""What workers ask: to be known, for runs, for code."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from starlette.responses import Response

from turnout.core.errors import NotFound, ParameterError
from turnout.core.journal import PROTOCOL, SPOKEN
from turnout.core.ports import Tx
from turnout.core.records import Worker
from turnout.orchestration import claims
from turnout.orchestration.queue import Outlook, look
from turnout.server.auth.scope import narrowed
from turnout.server.auth.tokens import derived_token, new_token
from turnout.server.call import Call, countdown
from turnout.server.hints import Place
from turnout.server.routing import WORKER, Route
from turnout.server.work_bodies import ClaimAnswer, ClaimBody, RegisterBody

WORK = "/api/v1/work"
SLOW_POLL_SECONDS = 0.5
"""How often a waiting claim looks for runs that became due by the passing of time."""
SOONEST_SECONDS = 0.001
"""The shortest wait for a moment that is known."""
SLOWEST_POLL_SECONDS = 5.0
"""How far that stretches while the runs it finds cannot be claimed (the pool is full)."""

CALLED_AT_ONCE = 16
"""How many waiting workers are woken for runs that can start at the same moment; those that start wake the others."""


async def register(call: Call) -> dict[str, Any]:
    """Note a worker, release what it was given and never started."""
    body = await call.body(RegisterBody)
    who = narrowed(call.principal, body.project, body.pool)
    _check_protocol(body.protocol)
    seconds = call.context.settings.lease_seconds

    def write(tx: Tx) -> None:
        known = tx.workers.get(body.worker_id)
        if known is not None:
            narrowed(call.principal, known.project, known.pool)
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
            lease_seconds=seconds,
            session=body.session,
        )

    await call.write(write)
    return {"lease_seconds": seconds, "protocol": PROTOCOL}


async def claim(call: Call) -> ClaimAnswer:
    """Hand out jobs; wait for the first on an event, holding no thread."""
    body = await call.body(ClaimBody)
    worker = await _worker(call, body.worker_id)
    who = narrowed(call.principal, worker.project, worker.pool)
    credential = call.request.headers.get("authorization") or new_token("run")

    def write(tx: Tx) -> Any:
        return claims.claim(
            tx,
            who,
            worker_id=body.worker_id,
            key=body.key,
            slots=body.slots,
            lease_seconds=call.context.settings.lease_seconds,
            mint=lambda text: derived_token("run", credential, text),
            session=body.session,
            number=body.number,
        )

    def outlook(tx: Tx, wanted: int) -> tuple[Outlook, datetime]:
        return look(tx, worker.project, worker.pool, wanted), tx.now

    async with call.standing_in(f"pool:{worker.project}/{worker.pool}") as place:
        # A worker is heard of by its claims: with a short lease it has to ask again sooner.
        left, pause = countdown(min(body.wait, call.context.settings.lease_seconds / 2)), SLOW_POLL_SECONDS
        while True:
            jobs = await call.write(write)
            if jobs or not await _found(call, place, outlook, left, pause):
                break
            pause = min(pause * 2, SLOWEST_POLL_SECONDS)
    if not jobs and body.session:
        await call.write(lambda tx: claims.answered_with_nothing(tx, body.worker_id, body.session, body.number))
    return ClaimAnswer(jobs=jobs)


async def _found(
    call: Call,
    place: Place,
    outlook: Callable[..., tuple[Outlook, datetime]],
    left: Callable[[], float],
    pause: float,
) -> bool:
    """Wait until a run can start; False when the time is up, the client has gone or the server stops. A run that time
    alone makes startable (it becomes due, a rate lets it through) is waited for to the moment, by the first in line."""
    looked, bell = False, place.bell
    while left() > 0 and not bell.stopped():
        if bell.called:
            bell.called = False
            return True
        found, now = await call.point(partial(outlook, wanted=min(place.waiting, CALLED_AT_ONCE)))
        if looked and found.run_ids:
            place.call_others(len(found.run_ids) - 1)
            return True
        if found.run_ids:
            place.pass_on()
        looked = True  # what the claim itself just left behind is not for this worker
        ahead = pause
        if found.next_at is not None and place.first():
            ahead = max((found.next_at - now).total_seconds(), SOONEST_SECONDS)
        await bell.wait(min(pause, ahead, max(left(), 0.0)))
    return False


async def bundle(call: Call) -> Response:
    """The code of a release."""
    digest = call.path("digest")
    content = await call.read(lambda tx: tx.bundles.get(digest))
    if content is None:
        raise NotFound(f"there is no bundle {digest[:64]}")
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


def _check_protocol(spoken: int) -> None:
    """A worker may be of this release or of the last one. Raises ParameterError."""
    if spoken in SPOKEN:
        return
    newer = spoken > PROTOCOL
    raise ParameterError(
        f"the worker speaks protocol {spoken}, this server understands {' and '.join(map(str, sorted(SPOKEN)))}",
        where="worker",
        fix=f"upgrade Turnout on the {'server, before its workers' if newer else 'worker'}",
    )


async def _worker(call: Call, worker_id: str) -> Worker:
    worker = await call.point(lambda tx: tx.workers.get(worker_id))
    if worker is None:
        raise NotFound(f"worker {worker_id[:64]} is not registered", fix="register, then claim")
    return worker


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
)
