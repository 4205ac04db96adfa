"""Limits: who holds them and who waits; slots that tasks take and give back; what people pause and let go on."""

from typing import Any

from turnout.core.ports import Tx
from turnout.core.records import LimitStatus, Namespace, Pause
from turnout.orchestration import pausing, slots
from turnout.orchestration.access import find_run
from turnout.orchestration.holding import limit_statuses
from turnout.server.auth.scope import for_run
from turnout.server.bodies import MaybeNamespaceQuery, NamespaceQuery, PauseBody, ResumeBody
from turnout.server.call import Call, countdown
from turnout.server.routes.attempts import ATTEMPTS
from turnout.server.routing import EXECUTOR, FLOW, OPERATOR, Access, Route
from turnout.server.work_bodies import SlotAnswer, SlotBody, SlotQuery

TAKERS: Access = EXECUTOR | FLOW | frozenset({"admin"})
"""A script beside the server has the data folder, and with it the administrator's token."""

SLOW_POLL_SECONDS = 5.0
"""How often a waiting task looks for a slot of whose freeing no hint came."""
SOONEST_SECONDS = 0.001
PATIENCE_SECONDS = 10.0
"""How long a task keeps its place in line after its call was answered without a slot."""


async def list_limits(call: Call) -> list[LimitStatus]:
    """Those of a namespace, or all."""
    asked = call.query(MaybeNamespaceQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment) if asked.project else None
    return await call.read(lambda tx: limit_statuses(tx, namespace))


async def acquire(call: Call) -> SlotAnswer:
    """Take a slot, waiting for it on an event, in line with the others."""
    body = await call.body(SlotBody)
    run_id = call.run_id

    def write(tx: Tx) -> tuple[slots.Grant, float]:
        who, patience = for_run(tx, call.principal, run_id), body.wait + PATIENCE_SECONDS
        grant = slots.acquire(tx, who, run_id, body.attempt, body.limit, body.holder, body.weight, patience)
        return grant, (grant.next_at - tx.now).total_seconds() if grant.next_at else SLOW_POLL_SECONDS

    run = await call.point(lambda tx: find_run(tx, run_id))
    async with call.waiting(slots.topic(run.project, run.environment, body.limit)) as bell:
        left = countdown(body.wait)
        grant, ahead = await call.write(write)
        while not grant.held and left() > 0 and not bell.stopped():
            await bell.wait(min(left(), SLOW_POLL_SECONDS, max(ahead, SOONEST_SECONDS)))
            grant, ahead = await call.write(write)
        if not grant.held and bell.gone():
            await call.write(lambda tx: _leave(tx, call, run_id, body))
        return SlotAnswer(held=grant.held, reason=grant.reason, next_at=grant.next_at)


async def release(call: Call) -> dict[str, Any]:
    """Give a slot back, or leave the line."""
    asked, run_id = call.query(SlotQuery), call.run_id

    def write(tx: Tx) -> bool:
        who = for_run(tx, call.principal, run_id)
        return slots.release(tx, who, run_id, asked.attempt, asked.limit, asked.holder)

    return {"released": await call.write(write)}


async def pause(call: Call) -> Pause:
    """Nothing of it starts from now on."""
    name, namespace, body = call.path("name"), _namespace(call), await call.body(PauseBody)
    return await call.write(
        lambda tx: pausing.pause(tx, namespace, name, body.schedule, call.principal, body.reason, body.until)
    )


async def resume(call: Call) -> dict[str, Any]:
    """Let it go on."""
    name, namespace, body = call.path("name"), _namespace(call), await call.body(ResumeBody)
    done = await call.write(lambda tx: pausing.resume(tx, namespace, name, body.schedule, call.principal))
    return {"resumed": done}


async def list_pauses(call: Call) -> list[Pause]:
    """What is paused in a namespace."""
    namespace = _namespace(call)
    return await call.read(lambda tx: tx.projects.pauses(namespace))


def _leave(tx: Tx, call: Call, run_id: str, body: SlotBody) -> None:
    run = tx.runs.get(run_id)
    if run is not None:
        tx.limits.stop_waiting(run, body.limit, body.holder)


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/limits",
        access=OPERATOR,
        doc="Every limit with who holds it, how many wait, and when its rate lets the next one through.",
        handler=list_limits,
        query=MaybeNamespaceQuery,
        answer=list[LimitStatus],
    ),
    Route(
        method="GET",
        path="/api/v1/pauses",
        access=OPERATOR,
        doc="Schedules and deployments that people paused on the server.",
        handler=list_pauses,
        query=NamespaceQuery,
        answer=list[Pause],
    ),
    Route(
        method="POST",
        path="/api/v1/deployments/{name}/pause",
        access=OPERATOR,
        doc="Pause a schedule, or without one the whole deployment: once this is answered, nothing of it starts.",
        handler=pause,
        query=NamespaceQuery,
        body=PauseBody,
        answer=Pause,
    ),
    Route(
        method="POST",
        path="/api/v1/deployments/{name}/resume",
        access=OPERATOR,
        doc="Let a schedule, or without one the deployment, go on as its catch-up policy says; `resumed` is false "
        "if it was not paused.",
        handler=resume,
        query=NamespaceQuery,
        body=ResumeBody,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path=ATTEMPTS + "/slots",
        access=TAKERS,
        doc="Take a slot of a named limit for a task of the run, waiting in line for up to `wait` seconds. Asking "
        "again with the same `holder` gives the same slot. It is let go by DELETE, or when the attempt ends.",
        handler=acquire,
        body=SlotBody,
        answer=SlotAnswer,
    ),
    Route(
        method="DELETE",
        path=ATTEMPTS + "/slots",
        access=TAKERS,
        doc="Give a task's slot back, or leave the line; `released` is false if it held none.",
        handler=release,
        query=SlotQuery,
        answer=dict[str, Any],
    ),
)
