"""Runs that wait for a person: what they ask, the answer; and what else runs are told."""

from typing import Any

from turnout.core.inventory import Misfit
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, RunInput
from turnout.orchestration import answering
from turnout.orchestration.misfits import misfits_of_answer
from turnout.server.auth.scope import visible_run
from turnout.server.bodies import AnswerBody, QuestionAnswer, SendBody, ToldQuery
from turnout.server.call import Call, countdown
from turnout.server.routes.runs import RUN
from turnout.server.routing import FLOW, OPERATOR, Route

SLOW_POLL_SECONDS = 2.0
MOST = 100
"""So many inputs are answered at once."""


async def show_question(call: Call) -> QuestionAnswer:
    """What it waits for."""
    run_id = call.run_id

    def read(tx: Tx) -> QuestionAnswer:
        return QuestionAnswer(question=answering.question(tx, visible_run(tx, call.principal, run_id).id))

    return await call.read(read)


async def answer(call: Call) -> FlowRun:
    """Let it go on."""
    run_id, body = call.run_id, await call.body(AnswerBody)

    def write(tx: Tx) -> FlowRun:
        visible_run(tx, call.principal, run_id)
        return answering.answer(tx, run_id, call.principal, body.input)

    return await call.write(write)


async def check_answer(call: Call) -> list[Misfit]:
    """What is wrong with an answer; nothing goes on."""
    run_id, body = call.run_id, await call.body(AnswerBody)

    def read(tx: Tx) -> list[Misfit]:
        visible_run(tx, call.principal, run_id)
        return misfits_of_answer(tx, run_id, body.input or {})

    return await call.read(read)


async def send(call: Call) -> dict[str, Any]:
    """Tell it something."""
    run_id, body = call.run_id, await call.body(SendBody)

    def write(tx: Tx) -> bool:
        visible_run(tx, call.principal, run_id)
        return answering.send(tx, run_id, body.key, body.value, body.sender or str(call.principal))

    return {"told": await call.write(write)}


async def list_inputs(call: Call) -> list[RunInput]:
    """What it was told; waits for it on an event, holding no thread."""
    run_id, asked = call.run_id, call.query(ToldQuery)
    left = countdown(asked.wait)

    def read(tx: Tx) -> list[RunInput]:
        visible_run(tx, call.principal, run_id)
        return list(tx.inputs.told(run_id, asked.prefix, asked.after, MOST))

    async with call.waiting(f"run:{run_id}") as bell:
        while True:
            found = await call.read(read)
            if found or left() <= 0 or bell.stopped():
                return found
            await bell.wait(min(left(), SLOW_POLL_SECONDS))


ROUTES = (
    Route(
        method="GET",
        path=RUN + "/question",
        access=OPERATOR | FLOW,
        doc="What a paused run waits for, with the JSON Schema of the answer.",
        handler=show_question,
        answer=QuestionAnswer,
    ),
    Route(
        method="POST",
        path=RUN + "/resume",
        access=OPERATOR | FLOW,
        doc="Let a paused run go on, with the input that its form asks for: in its process, or in a new attempt.",
        handler=answer,
        body=AnswerBody,
        answer=FlowRun,
    ),
    Route(
        method="POST",
        path=RUN + "/question/check",
        access=OPERATOR | FLOW,
        doc="What is wrong with an answer to what a paused run asks, by the place in it; nothing goes on.",
        handler=check_answer,
        body=AnswerBody,
        answer=list[Misfit],
    ),
    Route(
        method="GET",
        path=RUN + "/inputs",
        access=OPERATOR | FLOW,
        doc="What the run was told, in order, held up to `wait` seconds until there is something.",
        handler=list_inputs,
        query=ToldQuery,
        answer=list[RunInput],
    ),
    Route(
        method="POST",
        path=RUN + "/inputs",
        access=OPERATOR | FLOW,
        doc="Tell a run something that is not over; `told` is false if it was told under that key.",
        handler=send,
        body=SendBody,
        answer=dict[str, Any],
    ),
)
