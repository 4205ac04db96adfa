"""Tasks that wait for a limit: before each try, recorded, and without a thread of the pool if they were submitted.

A place belongs to one try; it is free while a retry is waited for. A task that is called by one that holds the same
limit runs in the caller's place: the caller only waits meanwhile.
"""

from __future__ import annotations

from turnout.core.errors import ConfigurationError, RunCancelled, TurnoutError
from turnout.engine.clock import monotonic
from turnout.engine.limits.declared import gate_of, undeclared
from turnout.engine.limits.throttling import asked_to_wait, slow
from turnout.engine.runs.instructions import Wait
from turnout.engine.runs.tracebacks import summary
from turnout.engine.states.state import State
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.limits.gates import Claim
    from turnout.engine.runners.port import TaskRunner
    from turnout.engine.runs.run_task import TaskScope

WAITING = "AwaitingConcurrencySlot"


def entrance(runner: TaskRunner) -> Callable[[TaskScope, Any], None]:
    """`runner.enter` for tasks with a limit: they enter once they have their place, or will have none."""

    def enter(scope: TaskScope, context: Any) -> None:
        if any(future._state is not None and future._state.type != "completed" for future in scope.needs):
            runner.enter(scope, context)  # it may be skipped, which needs no place
            return
        claim = _claim(scope)
        if claim is None:
            runner.enter(scope, context)
            return
        scope.place = claim
        if not claim.done():
            _tell_wait(scope, claim)
        claim.when_done(lambda: runner.enter(scope, context))

    return enter


def hold(scope: TaskScope) -> Generator[Any, Any, State | None]:
    """Have a place in `scope.place`, waiting for it; or the state in which the task ends without, not recorded.
    Raises Interrupt when it is to stop."""
    claim = scope.place
    if claim is None or claim.in_use or (claim.over and claim.error is None):
        claim = scope.place = _claim(scope)
    if claim is None:
        return None
    try:
        yield from _wait(scope, claim)
    except Exception as error:
        return State("failed", reason=summary(error), error=error)
    except BaseException as error:
        claim.release()
        if scope.future is None:
            reason = scope.root.cancelled or (
                "the flow was stopped" if isinstance(error, Interrupt) else summary(error)
            )
            cancelled = RunCancelled(f"task '{scope.name}' did not start: {reason}")
            scope.record(State("cancelled", reason=reason, error=cancelled))
        raise
    return None


def _wait(scope: TaskScope, claim: Claim) -> Generator[Any, Any, None]:
    if not claim.done():
        _tell_wait(scope, claim)
        ends = scope.parent.ends if scope.parent is not None else None
        yield Wait([claim], None if ends is None else max(ends - monotonic(), 0.0))
    if claim.error is not None:
        raise claim.error
    if not claim.granted or claim.over:
        raise Interrupt


def outcome(scope: TaskScope, claim: Claim, state: State) -> None:
    """A try came to its end in `state`: its place is free, and an adaptive limit learns from it."""
    if scope.definition.limit is not None and scope.definition.limit.adaptive:
        seconds = asked_to_wait(state.error)
        if seconds is not None:
            claim.asked = max(seconds, claim.asked)
            state.reason = f"{state.reason}; {slow(claim.gate, claim.at, seconds)}"
        elif state.type == "completed" and not claim.asked:
            claim.gate.pace.update(lambda pace: pace.accept(claim.at))
    claim.release()


def leave_with_flow(scope: Scope, claim: Claim) -> None:
    """Nobody waits in a flow that has ended badly."""
    if not claim.done() and scope.flow is not None:
        scope.flow.closing.when_done(lambda: None if claim.granted else claim.release())


def _claim(scope: TaskScope) -> Claim | None:
    """A place asked for; None if there is nothing to wait for. What is wrong is in the claim's `error`."""
    limit: Any = scope.definition.limit
    around = _around(scope, limit.name)
    if around is not None and scope.future is None:
        return None
    try:
        if around is not None:
            raise ConfigurationError(
                f"task '{scope.name}' was submitted by task '{around.name}', which holds limit '{limit.name}' itself: "
                "they could wait for each other for ever",
                fix="call it directly, or submit it in the flow",
            )
        gate = gate_of(limit.name, scope)
        if gate is None:
            raise undeclared(limit.name)
    except TurnoutError as error:
        return _failed(scope, error)
    claim = gate.ask(limit.weight, scope.key, scope)
    leave_with_flow(scope, claim)
    return claim


def _failed(scope: TaskScope, error: Exception) -> Claim:
    from turnout.engine.limits.gates import Claim, Gate

    claim = Claim(Gate("", None), 1, "", scope)
    claim.error = error
    claim.over = True
    claim.set()
    return claim


def _around(scope: TaskScope, name: str) -> Any:
    parent: Any = scope.parent
    while parent is not None:
        limit = getattr(parent.definition, "limit", None)
        if limit is not None and limit.name == name:
            return parent
        parent = parent.parent
    return None


def _tell_wait(scope: TaskScope, claim: Claim) -> None:
    if claim.told:
        return
    claim.told = True
    # A retry is `scheduled` already: it is pending again.
    scope.record(State("pending" if scope.tries else "scheduled", WAITING, claim.gate.said()))
