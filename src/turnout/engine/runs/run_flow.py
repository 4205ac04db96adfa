"""The life of one flow run, root or subflow, written once for `def` and `async def`: a generator of instructions.

running -> completed | failed | cancelled; a subflow may pass through scheduled (AwaitingRetry) between its tries, a
root flow's retries stay inside `running`.
"""

from __future__ import annotations

from turnout.core.errors import FlowRunFailed, FlowTimeout, RunCancelled
from turnout.engine.clock import now
from turnout.engine.context.scopes import FlowScope, current, tag_context
from turnout.engine.definitions.parameters import validate
from turnout.engine.futures import futures
from turnout.engine.futures.futures import Future
from turnout.engine.journal import entries
from turnout.engine.results.typed_json import is_unstored, result_fact
from turnout.engine.reuse import reusing
from turnout.engine.runs.failures import error_fact, report, tell
from turnout.engine.runs.instructions import Call, Sleep, Wait
from turnout.engine.runs.retries import pause
from turnout.engine.runs.returned import WITH_CODE, settled
from turnout.engine.runs.tracebacks import summary, trim
from turnout.engine.states.state import State
from turnout.engine.stopping.interrupts import Interrupt
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from typing import Any

    from turnout.engine.context.scopes import Root, Scope
    from turnout.engine.flow import Flow
    from turnout.engine.runs.instructions import Steps

STOP_GRACE_SECONDS = 2.0
"""How long a flow that was stopped waits for its running tasks to leave their threads."""


def run_flow(
    flow: Flow[Any, Any],
    parent: Scope | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    wait_for: Iterable[Any] | None,
    root: Root | None = None,
) -> Steps:
    """Run `flow` inside `parent`, as the run `root`, or, with neither, as a run of its own."""
    if flow.bound:
        args = (*flow.bound, *args)
    if parent is not None:
        args, kwargs = yield from _await_arguments(args, kwargs, wait_for)
    bound = checked_parameters(flow, args, kwargs)
    if parent is not None:
        scope = _subflow(flow, parent, bound)
        try:
            return (yield from _run(scope))
        except RecursionError:
            scope.root.unended.append(scope)
            raise
    from turnout.engine import connect
    from turnout.engine.logs import capture

    root = root if root is not None else connect.standalone(flow, _visible(flow, bound))
    scope = FlowScope(root, None, 0, "", root.name)
    _describe(scope, flow, bound)
    capture.install(root)
    try:
        if flow.acknowledge is not None:
            from turnout.engine.journal.acknowledging import prepare

            root.acknowledge = prepare(flow, root)
        return (yield from _run(scope))
    finally:
        if futures.loops is not None:
            futures.loops.close_own()
        capture.uninstall(root)
        if root.acknowledge is not None:
            root.acknowledge.close()
        root.journal.close(entries.END_LINE.format(now()))
        if root.finish is not None:
            root.finish()


def checked_parameters(flow: Flow[Any, Any], args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The complete, validated parameters. Raises ParameterError."""
    signature = flow.signature
    bound = signature.bind(args, kwargs)
    if not flow.should_validate_parameters:
        return bound
    given = [*signature.positional[len(flow.bound) : len(args)], *(name for name in kwargs if name in bound)]
    return validate(signature, bound, given)


def _await_arguments(
    args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Iterable[Any] | None
) -> Generator[Any, Any, tuple[tuple[Any, ...], dict[str, Any]]]:
    """Wait for futures among a subflow's arguments and put their values in. Raises the first failure."""
    if not futures.any_made:
        return args, kwargs
    from turnout.engine.futures.arguments import fill, find_futures, tolerated

    found = find_futures((*args, *kwargs.values(), tuple(wait_for or ())))
    if found:
        yield Wait(found)
        tolerant = tolerated((args, kwargs))
        for future in found:
            if future not in tolerant:
                future.result()
    return tuple(map(fill, args)), {name: fill(value) for name, value in kwargs.items()}


def _subflow(flow: Flow[Any, Any], parent: Scope, bound: dict[str, Any]) -> FlowScope:
    root = parent.root
    scope = FlowScope(root, parent, root.next_number(), parent.step_key(flow.name), flow.name)
    _describe(scope, flow, bound)
    scope.log_prints = scope.log_prints if flow.log_prints is not None else parent.log_prints
    return scope


def _describe(scope: FlowScope, flow: Flow[Any, Any], bound: dict[str, Any]) -> None:
    scope.definition = flow
    scope.parameters = _visible(flow, bound)
    scope.log_prints = bool(flow.log_prints)
    if flow.keeping is not None:
        scope.root.keeps = True
    scope.tags = tuple(sorted({*scope.root.tags, *tag_context.get()}))
    if flow.flow_run_name is not None and scope.parent is not None:
        from turnout.engine.definitions.names import run_name

        scope.name = run_name(flow.flow_run_name, bound, flow.name, scope)
    scope.call = flow.signature.call_arguments(bound)


def _visible(flow: Flow[Any, Any], bound: dict[str, Any]) -> dict[str, Any]:
    """The parameters without the `self` or `cls` of a method."""
    return {name: value for name, value in bound.items() if not any(value is receiver for receiver in flow.bound)}


def _run(scope: FlowScope) -> Steps:
    flow = scope.definition
    running = State("running")
    scope.started = now()
    if scope.parent is None:
        scope.record(running)
    else:
        try:
            scope.root.journal.write(scope.created_line("running"))
        except RecursionError:
            scope.started = 0.0  # the journal does not know it: it has no end either
            raise
        if scope.root.digests:
            reused = reusing.reuse_subflow(scope)
            if reused is not None:
                return reused
    while True:
        scope.tries += 1
        state = _unless_stopped(scope, (yield from _try(scope, running)))
        if state.type != "failed" or scope.tries > flow.retries or not isinstance(state.error, Exception):
            break
        if scope.root.refusal is not None:
            break
        try:
            yield from _await_retry(scope, state)
        except BaseException as error:  # stopped while it waited
            state = _left(scope, error)
            break
        scope.reset()
    return (yield from _finish(scope, state))


def _try(scope: FlowScope, running: State) -> Steps:
    """One try: call the function, wait for what it submitted, judge."""
    flow = scope.definition
    token = current.set(scope)
    try:
        if flow.hooks["on_running"]:
            yield from _hooks(scope, flow.hooks["on_running"], running)
        value = yield _call(scope)
        if type(value) in WITH_CODE:
            value = yield from settled(scope, value)
        if futures.close_streams is not None:
            yield from futures.close_streams(scope)
        yield from _drain(scope, None)
        return _judge(scope, value)
    except Exception as error:
        trim(error)
        name = "TimedOut" if isinstance(error, FlowTimeout) else None
        state = State("failed", name, summary(error), error=error)
        stopped = isinstance(error, FlowTimeout)
    except BaseException as error:
        state = _left(scope, error)
        stopped = True
    finally:
        current.reset(token)
        if scope.root.control is not None:
            scope.root.control.clear(scope)
    scope.closing.set()
    if futures.close_streams is not None:
        yield from futures.close_streams(scope)
    if stopped and scope.runner is not None:
        scope.runner.interrupt()
    yield from _drain(scope, STOP_GRACE_SECONDS if stopped else None)
    return state


def _unless_stopped(scope: FlowScope, state: State) -> State:
    """A flow of a run that is to stop did not fail by itself: its tasks were stopped under it."""
    refusal = scope.root.refusal
    if refusal is not None and state.type != "completed":
        return State("failed", "ResumeRefused", summary(refusal), error=refusal)
    if state.type != "failed" or not scope.root.stopping():
        return state
    return State("cancelled", reason=scope.root.cancelled, error=state.error)


def _call(scope: FlowScope) -> Call:
    flow = scope.definition
    args, kwargs = scope.call
    seconds = flow.timeout_seconds
    if seconds is None:
        return Call(flow.body, args, kwargs, flow.is_async)

    scope.end_within(seconds)

    def timeout() -> FlowTimeout:
        return FlowTimeout(f"flow '{flow.name}' ran longer than its timeout of {seconds:g} s")

    return Call(flow.body, args, kwargs, flow.is_async, seconds, timeout)


def _drain(scope: FlowScope, grace: float | None) -> Generator[Any, Any, None]:
    """Wait until every submitted task has ended."""
    while (quiet := scope.quiet()) is not None:
        if not (yield Wait([quiet], grace)):
            return


def _judge(scope: FlowScope, value: Any) -> State:
    """The final state of a flow whose function returned `value`."""
    if type(value) is State:
        if value.is_final():
            return value
        return State("failed", reason=f"the flow returned a state that is not final: {value.name}")
    states = _returned_states(value)
    bad = [state for state in states if state.type != "completed"]
    if bad:
        cancelled = all(state.type == "cancelled" for state in bad)
        open_ = sum(not state.is_final() for state in bad)
        counts = {"are not final": open_, "cancelled" if cancelled else "failed": len(bad) - open_}
        reason = " ".join(f"{count}/{len(states)} states {what}." for what, count in counts.items() if count)
        return State("cancelled" if cancelled else "failed", None, reason, error=bad[0].failure())
    unread = [future for future in scope.unread if not future.was_read()]
    if unread and not is_strict(scope):
        return unread_failure(unread)
    return State("completed", data=_with_values(value) if states else value)


def _returned_states(value: Any) -> list[State]:
    """The states and the futures' states that a flow returned, alone or in a list, tuple, set or dict."""
    if type(value) is Future:
        return [value.state]
    if isinstance(value, (list, tuple, set, frozenset)):
        items: Iterable[Any] = value
    elif type(value) is dict:
        items = value.values()
    else:
        return []
    found = []
    for item in items:
        if type(item) is Future:
            found.append(item.state)
        elif type(item) is State:
            found.append(item)
    return found


def _with_values(value: Any) -> Any:
    """What a flow returned, with futures and states replaced by their values."""
    if type(value) is Future:
        return value.result()
    if type(value) is dict:
        return {key: _value(item) for key, item in value.items()}
    kind = list if isinstance(value, list) else type(value)
    return kind(_value(item) for item in value)


def _value(item: Any) -> Any:
    return item.state.data if type(item) is Future else item.data if type(item) is State else item


def unread_failure(futures: list[Future[Any]]) -> State:
    names = [f"'{future.name}' ({future._state.reason or future._state.name})" for future in futures if future._state]
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    count = "a task" if len(futures) == 1 else f"{len(futures)} tasks"
    reason = f"{count} did not complete and nobody read the result: {shown}"
    error = FlowRunFailed(reason, fix="call .result() on the future, return it, or catch the exception it raises")
    error.__cause__ = next((future._state.error for future in futures if future._state and future._state.error), None)
    return State("failed", reason=reason, error=error)


def _left(scope: FlowScope, error: BaseException) -> State:
    """The function was left by something that is not an Exception."""
    trim(error)
    if type(error).__name__ == "Suspension":  # `pausing` is loaded by flows that use it
        from turnout.engine.control_plane.pausing import suspended

        return suspended(scope, error)  # type: ignore[arg-type]
    if scope.root.cancelled is not None:
        reason = scope.root.cancelled
        return State("cancelled", reason=reason, error=RunCancelled(f"flow '{scope.name}' was cancelled: {reason}"))
    if isinstance(error, SystemExit):
        if error.code in (None, 0):
            return State("completed", reason="the flow called sys.exit()", error=error)
        return State("failed", reason=summary(error), error=error)
    if isinstance(error, Interrupt):
        return State("cancelled", reason="the flow around it was stopped", error=error)
    if isinstance(error, KeyboardInterrupt):
        return State("cancelled", reason="interrupted from the keyboard", error=error)
    kind = "cancelled" if type(error).__name__ == "CancelledError" else "failed"
    return State(kind, reason=summary(error), error=error)


def _await_retry(scope: FlowScope, state: State) -> Generator[Any, Any, None]:
    flow = scope.definition
    delay = pause(flow.retry_delays, scope.tries, None)
    word = f"{state.reason}; retry {scope.tries} of {flow.retries} in {delay:g} s"
    report(scope, f"Flow '{scope.name}' failed: {word}", None)
    if scope.parent is not None:
        scope.record(State("scheduled", "AwaitingRetry", word), error=error_fact(scope.root, state.error))
    if delay > 0:
        from turnout.engine.futures.futures import Latch

        yield Sleep(delay, Latch())
    if scope.parent is not None:
        scope.record(State("running"), **{"try": str(scope.tries + 1)})


def _finish(scope: FlowScope, state: State) -> Steps:
    flow, root = scope.definition, scope.root
    if scope.runner is not None:
        scope.runner.close()
    error = state.error
    while scope.parent is None and root.unended:
        deepest = root.unended.pop()
        if deepest.started:
            deepest.record(State("failed", reason="RecursionError: maximum recursion depth exceeded"))
    if state.type == "completed":
        result = _result(scope, state)
        known = reusing.facts(scope) if scope.parent is not None else {}
        scope.record(state, result=result, **known)
    elif state.type == "paused":
        from turnout.engine.control_plane.pausing import record_suspended

        record_suspended(scope, state)
    else:
        if scope.parent is None and state.type == "failed" and root.recorded:
            tell(root, flow.name, state.failure())
        scope.record(state, error=error_fact(root, state.failure()))
    left = error is not None and not isinstance(error, Exception)
    hooks = flow.hooks_for(state)
    if left and state.type == "failed":
        hooks = (*hooks, *flow.hooks["on_crashed"])
    if hooks:
        yield from _hooks(scope, hooks, state)
    if left:
        assert error is not None
        raise error  # SystemExit, KeyboardInterrupt, CancelledError go on, as they would without us
    return state


def _result(scope: FlowScope, state: State) -> str:
    """The journal's `result`; in a subflow that may be reused, a reference to what is too much for the record."""
    if scope.definition.persist_result is False:
        return '{"unstored":"the flow says persist_result=False"}'
    result = result_fact(state.data, scope.root.mask)
    if scope.parent is not None and scope.root.digests and is_unstored(result):
        from turnout.engine.reuse.by_reference import by_reference

        return by_reference(scope, state.data, result)
    return result


def _hooks(scope: FlowScope, hooks: Iterable[Any], state: State) -> Generator[Any, Any, None]:
    from turnout.engine.context.views import FlowRun
    from turnout.engine.runs.hooks import run_hooks

    return run_hooks(scope, hooks, state, FlowRun(scope, state))
