"""A flow that waits for a person: in its process (`pause_flow_run`), or after its process has ended
(`suspend_flow_run`), with a form for what it needs to know.

A pause has a key, the same in every attempt. What was answered under it is known: an attempt that comes by again goes
on at once.
"""

from __future__ import annotations

import json

from turnout.core.errors import MissingContext, NotFound, ParameterError, PauseTimeout
from turnout.engine.clock import monotonic, now, sleep
from turnout.engine.context.scopes import required
from turnout.engine.control_plane.asking import POLL_SECONDS, ask
from turnout.engine.journal import entries
from turnout.engine.states.state import State
from turnout.engine.stopping.interrupts import Interrupt
from turnout.engine.twins import dispatched, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from turnout.engine.context.scopes import FlowScope, Scope
    from turnout.engine.control_plane.forms import Form

ANSWER = "answer:"
"""Keys of answers begin so; see `orchestration.answering`."""
UNKNOWN_SECONDS = 0.2
"""How often a script asks until whoever stores its journal knows its run."""


class Suspension(Interrupt):
    """Ends the process of a flow that waits for a person. question: JSON."""

    def __init__(self, question: str, reason: str) -> None:
        super().__init__()
        self.question = question
        self.reason = reason


def pause_flow_run_blocking(
    wait_for_input: Any = None, timeout: float | None = 3600, poll_interval: float = 10, key: str | None = None
) -> Any:
    """Wait in this process until somebody resumes the run; gives what the form `wait_for_input` asks for: a pydantic
    model or a plain type.

    The run is `paused`; it keeps its process, its lease and its slots, and its time goes on. Tasks that were submitted
    go on. Raises PauseTimeout after `timeout` seconds (None: never). The answer comes as it is given: `poll_interval`
    changes nothing. key: tells this pause from others; made up from where it is called.
    """
    scope, form = _pausable("pause_flow_run"), _form(wait_for_input)
    key = key or scope.step_key("pause")
    answer = _answer(scope, key, 0.0) if scope.root.attempt > 1 or scope.tries > 1 else None
    if answer is None:
        answer = _wait(scope, key, _question(key, form, timeout), form, timeout)
    return form.read(answer) if form is not None else None


def suspend_flow_run_blocking(
    wait_for_input: Any = None, flow_run_id: Any = None, timeout: float | None = None, key: str | None = None
) -> Any:
    """End this process until somebody resumes the run: then a new attempt begins, reuses the completed steps and goes
    on from here, with what the form asks for.

    Waits for tasks that were submitted; slots are free meanwhile. After `timeout` seconds (None: never) the run fails.
    Raises MissingContext in a script, which no worker could start again.
    """
    scope, form = _pausable("suspend_flow_run"), _form(wait_for_input)
    if flow_run_id is not None and str(flow_run_id).replace("-", "") != scope.root.run_id:
        raise ParameterError(
            "a flow can suspend its own run only", fix="leave `flow_run_id` out; to stop another run, cancel it"
        )
    if scope.root.control is None:
        raise MissingContext(
            "suspend_flow_run needs a worker, which starts the run again, and was called in a script",
            fix="deploy the flow and trigger it, or use pause_flow_run, which waits in the process",
        )
    key = key or scope.step_key("suspend")
    answer = _answer(scope, key, 0.0) if scope.root.attempt > 1 else None
    if answer is None:
        _finish_tasks(scope)
        raise Suspension(_question(key, form, timeout), _reason(form, key))
    return form.read(answer) if form is not None else None


def resume_flow_run_blocking(flow_run_id: Any, run_input: Mapping[str, Any] | None = None) -> None:
    """Let a paused run of the project go on, with what its form asks for. Raises NotFound, Conflict, ParameterError."""
    run_id = str(flow_run_id).replace("-", "")
    ask(lambda api: api.answer(run_id, dict(run_input) if run_input else None), repeat=False)


apause_flow_run = in_thread(pause_flow_run_blocking)
asuspend_flow_run = in_thread(suspend_flow_run_blocking)
aresume_flow_run = in_thread(resume_flow_run_blocking)
pause_flow_run = dispatched(pause_flow_run_blocking, apause_flow_run)
suspend_flow_run = dispatched(suspend_flow_run_blocking, asuspend_flow_run)
resume_flow_run = dispatched(resume_flow_run_blocking, aresume_flow_run)


def suspended(scope: FlowScope, suspension: Suspension) -> State:
    """The state of a flow that a suspension left: the root's is not its end, a subflow begins again with it."""
    if scope.parent is not None:
        return State("cancelled", "Suspended", "the run was suspended", error=suspension)
    state = State("paused", "Suspended", suspension.reason)
    state.data = suspension.question
    return state


def record_suspended(scope: FlowScope, state: State) -> None:
    """The last word of a process that ends while its run waits. The name comes first: who ships it looks for it."""
    facts = entries.facts(name='"Suspended"', reason=entries.quote(state.reason or ""), question=state.data)
    scope.root.journal.write(entries.transition(0, "paused", now(), facts))


def _pausable(what: str) -> Scope:
    scope = required(what)
    if scope.kind != "flow":
        raise MissingContext(f"{what} was called in task '{scope.name}'", fix="call it in the flow, between its tasks")
    if not scope.root.recorded:
        raise MissingContext(f"{what} needs a run that is recorded: nobody could resume this one")
    return scope


def _form(wanted: Any) -> Form | None:
    if wanted is None:
        return None
    from turnout.engine.control_plane.forms import Form

    return Form(wanted)


def _question(key: str, form: Form | None, timeout: float | None) -> str:
    asked = {
        "key": key,
        "form": form.schema if form is not None else None,
        "description": form.description if form is not None else None,
        "timeout": timeout,
    }
    return json.dumps(asked, default=str)


def _reason(form: Form | None, key: str) -> str:
    return f"waits for input '{form.name}'" if form is not None else f"waits for a go-ahead ({key})"


def _wait(scope: Scope, key: str, question: str, form: Form | None, timeout: float | None) -> Mapping[str, Any]:
    journal = scope.root.journal
    facts = entries.facts(reason=entries.quote(_reason(form, key)), question=question)
    journal.write(entries.transition(0, "paused", now(), facts))
    try:
        return _until_answered(scope, key, timeout)
    finally:
        if not scope.root.stopping():
            journal.write(entries.transition(0, "running", now()))


def _until_answered(scope: Scope, key: str, timeout: float | None) -> Mapping[str, Any]:
    end = None if timeout is None else monotonic() + timeout
    while True:
        left = POLL_SECONDS if end is None else min(end - monotonic(), POLL_SECONDS)
        answer = _answer(scope, key, max(left, 0.0))
        if answer is not None:
            return answer
        if end is not None and monotonic() >= end:
            raise PauseTimeout(f"nobody resumed the run within {timeout:g} s", where=f"flow '{scope.name}', {key}")


def _answer(scope: Scope, key: str, wait: float) -> Mapping[str, Any] | None:
    wanted = ANSWER + key
    try:
        told = ask(lambda api: api.told(scope.root.run_id, wanted, wait=wait))
    except NotFound:  # a script's run: whoever stores its journal has not seen it yet
        sleep(min(wait, UNKNOWN_SECONDS))
        return None
    return next((each.value for each in told if each.key == wanted), None)


def _finish_tasks(scope: Scope) -> None:
    """Wait for what was submitted, here and in the flows around: it is recorded once and not repeated."""
    around: Scope | None = scope
    while around is not None:
        if around.flow is not None and around.flow is around:
            while (quiet := around.flow.quiet()) is not None:
                quiet.block(None)
        around = around.parent
