"""The life of one task run, written once for `def` and `async def`: a generator of instructions.

created running | created pending -> running
running -> completed | failed | cancelled        running -> scheduled AwaitingRetry -> running
pending -> skipped NotReady | cancelled          running -> completed Reused (an earlier attempt's result)
"""

from __future__ import annotations

from turnout.core.errors import ResultUnavailable, RunCancelled, TaskCrashed, TaskTimeout, UpstreamFailed
from turnout.engine.clock import monotonic, now
from turnout.engine.context.scopes import Scope, current, tag_context, unrecorded
from turnout.engine.futures import futures
from turnout.engine.futures.futures import Latch, _lock
from turnout.engine.results.typed_json import is_unstored, result_fact
from turnout.engine.reuse import reusing
from turnout.engine.runs.failures import error_fact, report
from turnout.engine.runs.instructions import Call, Sleep, Wait
from turnout.engine.runs.retries import pause
from turnout.engine.runs.returned import LAZY, settled
from turnout.engine.runs.tracebacks import summary, trim
from turnout.engine.states.state import State
from turnout.engine.stopping.interrupts import Interrupt, NotStarted
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any

    from turnout.engine.futures.futures import Future
    from turnout.engine.limits.gates import Claim
    from turnout.engine.reuse.kept_runs import Kept
    from turnout.engine.runs.instructions import Steps
    from turnout.engine.task import Task


_RETRIED = ("failed", "crashed")


class TaskScope(Scope):
    """A task run in progress."""

    __slots__ = (
        "_claimed",
        "abandoned",
        "again",
        "args",
        "future",
        "kept",
        "kwargs",
        "late",
        "needs",
        "place",
        "tolerated",
    )

    definition: Task[Any, Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: Future[Any] | None
    needs: tuple[Future[Any], ...]
    """Futures that must end first, and complete unless they are in `tolerated`."""
    tolerated: set[Future[Any]]
    place: Claim | None
    """Of its limit, for the try that comes or goes on."""
    again: str | None
    """Why it runs although an earlier attempt completed it, or a cache might have had it."""
    kept: Kept | None
    """What is known of its result, where options or a transaction concern it."""
    late: State | None
    """How the last try ended when its deadline passed and its code was stuck; the next one goes on from there."""
    _claimed: int
    abandoned: frozenset[int]
    """The pool threads in which its code is stuck past a deadline: what they come to say is not heard any more."""

    def claim(self, number: int, *, abandoning: int | None = None) -> bool:
        """Whether the caller is the first who wants to say how try `number` ended; then no more is heard from the
        thread `abandoning`."""
        with _lock:
            first = self._claimed < number
            self._claimed = max(self._claimed, number)
            if first and abandoning is not None:
                self.abandoned |= {abandoning}
        return first

    def returns(self, thread: int) -> bool:
        """Whether a thread that has left the task had been abandoned; it may serve again."""
        if not self.abandoned:
            return False
        with _lock:
            found = thread in self.abandoned
            self.abandoned -= {thread}
        return found

    def settle(self, state: State) -> None:
        """Let the future of a submitted task have its outcome."""
        if self.place is not None:
            self.place.drop()
        if self.future is not None and self.flow is not None:
            self.future.resolve(state)
            self.flow.ended(self.future, state)


def begin(
    task: Task[Any, Any],
    parent: Scope | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    needs: tuple[Future[Any], ...],
    tolerated: set[Future[Any]],
) -> TaskScope:
    """A new task run inside `parent`, numbered and keyed, not yet in the journal."""
    if parent is None:
        root, flow, parent_key_owner = unrecorded(), None, None
    else:
        root, flow, parent_key_owner = parent.root, parent.flow, parent
    key = f"{task.name}#0" if parent_key_owner is None else parent_key_owner.step_key(task.name)
    scope = TaskScope(root, parent, root.next_number(), key, "task", task.name)
    scope.definition = task
    scope.flow = flow
    scope.args = args
    scope.kwargs = kwargs
    scope.needs = needs
    scope.tolerated = tolerated
    scope.future = None
    scope.again = None
    scope.kept = None
    scope.late = None
    scope.place = None
    scope._claimed = 0
    scope.abandoned = frozenset()
    scope.log_prints = task.log_prints if task.log_prints is not None else bool(parent and parent.log_prints)
    context_tags = tag_context.get()
    scope.tags = tuple(sorted({*context_tags, *task.tags})) if context_tags else task.tags
    if task.task_run_name is not None:
        scope.name = task.make_run_name(scope)
    return scope


def created_line(scope: TaskScope, state: str) -> str:
    """The journal's line of the task's birth."""
    scope.started = now()
    return scope.created_line(state, [future.number for future in scope.needs])


def run_directly(scope: TaskScope) -> Steps:
    """A task called as a function: it waits for futures among its arguments, then runs."""
    refuse_late(scope)
    waits = scope.needs or scope.definition.limit is not None or _marked(scope)
    try:
        scope.root.journal.write(created_line(scope, "pending" if waits else "running"))
    except RecursionError:
        scope.started = 0.0  # the journal does not know it: it has no end either
        raise
    if waits:
        yield Wait(scope.needs)
        return (yield from run_ready(scope))
    return (yield from _run(scope, State("running")))


def run_ready(scope: TaskScope) -> Steps:
    """A task whose upstream has ended: skip it, or run it with the values filled in."""
    if scope.late is not None:
        return (yield from _run(scope, scope.late))
    refuse_late(scope)
    for future in scope.needs:
        if _failed(future) and future not in scope.tolerated:
            return _skip(scope, future)
    if scope.needs or _marked(scope):
        from turnout.engine.futures.arguments import fill

        scope.args = tuple(map(fill, scope.args))
        if scope.kwargs:
            scope.kwargs = {name: fill(value) for name, value in scope.kwargs.items()}
    if scope.definition.limit is not None:
        from turnout.engine.limits.limiting import hold

        ended = yield from hold(scope)
        if ended is not None:
            return (yield from finish(scope, ended))
    running = State("running")
    at = running.timestamp = now()
    scope.root.journal.write(f'["s",{scope.number},"running",{at:.6f},null]\n')
    return (yield from _run(scope, running))


def refuse_late(scope: TaskScope) -> None:
    """Raise Interrupt if nothing may begin any more: the run is to stop, or the time of a run around this is over."""
    if _is_late(scope):
        raise Interrupt


def _is_late(scope: TaskScope) -> bool:
    ends = scope.parent.ends if scope.parent is not None else None
    return scope.root.stopping() or (ends is not None and monotonic() > ends)


def cancel_unstarted(scope: TaskScope, reason: str) -> State:
    """The flow ended before this task began."""
    state = State("cancelled", reason=reason, error=RunCancelled(f"task '{scope.name}' did not start: {reason}"))
    scope.record(state)
    return state


def _marked(scope: TaskScope) -> bool:
    """Whether an argument is wrapped in `quote`, `allow_failure` or `unmapped`."""
    return futures.find_marks is not None and futures.find_marks((*scope.args, *scope.kwargs.values()))


def broken(scope: TaskScope, error: BaseException) -> State:
    """The engine itself, or an interrupt at the wrong moment, ended a submitted task."""
    stopped = isinstance(error, Interrupt)
    reason = scope.root.cancelled or ("the flow was stopped" if stopped else summary(error))
    state = State("cancelled" if stopped else "failed", reason=reason, error=None if stopped else error)
    scope.record(state, error=None if stopped else error_fact(scope.root, error))
    return state


def _failed(future: Future[Any]) -> bool:
    return future._state is not None and future._state.type != "completed"


def _skip(scope: TaskScope, blocker: Future[Any]) -> State:
    reason = f"Upstream task '{blocker.name}' did not complete"
    error = UpstreamFailed(f"task '{scope.name}' did not run: {reason[0].lower()}{reason[1:]}")
    blocked_by: Any = blocker._state
    failure = blocked_by.failure()
    error.__cause__ = failure.__cause__ if isinstance(failure, UpstreamFailed) else failure  # the root of a long chain
    state = State("skipped", "NotReady", reason, error=error)
    scope.record(state)
    if is_strict(scope):  # what user code sees; the record has an end
        said = f"Upstream task run '{blocker.task_run_id}' did not reach a 'COMPLETED' state."
        return State("pending", "NotReady", said, error=error)
    return state


def _run(scope: TaskScope, running: State) -> Steps:
    """Reuse the task, or try it until its run ends, with what options and transactions want of its result."""
    reused = reusing.reuse(scope) if scope.root.digests and scope.late is None else None
    if reused is not None and scope.place is not None:
        scope.place.drop()
    if scope.definition.keeping is not None or scope.root.keeps:
        from turnout.engine.reuse import kept_runs

        return kept_runs.run(scope, running, reused)
    return tries(scope, running) if reused is None else _given(reused)


def _given(state: State) -> Steps:
    yield from ()
    return state


def tries(scope: TaskScope, running: State) -> Steps:
    """Try the task until its run ends; the final state, recorded."""
    task = scope.definition
    if scope.late is not None:
        running = yield from _again(scope, scope.late)
        if running.is_final():
            return running
    while True:
        scope.tries += 1
        number, place = scope.tries, scope.place
        if place is not None:
            place.in_use = True
        state, token = running, current.set(scope)
        try:
            if task.hooks["on_running"]:
                yield from _hooks(scope, task.hooks["on_running"], running)
            value = yield _call(scope)
            if type(value) in LAZY:
                value = yield from settled(scope, value)
            state = _completed(scope, value)
        except Exception as error:
            state = _failure(error)
        except Interrupt as error:
            state = _stopped(scope, error)
        except NotStarted:
            state = cancel_unstarted(scope, "the flow ended")
            return state
        except BaseException as error:
            state = _left(scope, error)
        finally:
            current.reset(token)
            if scope.root.control is not None and number == scope.tries:
                scope.root.control.clear(scope)
            if place is not None:
                from turnout.engine.limits.limiting import outcome

                outcome(scope, place, state)
        if scope.future is not None and task.timeout_seconds is not None and not scope.claim(number):
            return state  # the deadline passed while the code was stuck, and the timer has said so
        state = yield from _again(scope, state)
        if state.is_final():
            return state
        running = state


def _again(scope: TaskScope, state: State) -> Steps:
    """After a try: the state in which the next one begins, or the final state, which is recorded."""
    if state.type in _RETRIED and scope.tries <= scope.definition.retries and not _is_late(scope):
        delay = yield from _retry_delay(scope, state)
        if delay is not None:
            stopped = yield from _await_retry(scope, state, delay)
            if stopped:
                return cancel_unstarted(scope, "the flow ended")
            if scope.definition.limit is not None:
                from turnout.engine.limits.limiting import hold

                ended = yield from hold(scope)
                if ended is not None:
                    return (yield from finish(scope, ended))
            running = State("running")
            scope.record(running, **{"try": str(scope.tries + 1)})
            return running
    return (yield from finish(scope, state))


def _call(scope: TaskScope) -> Call:
    task = scope.definition
    if task.isolation is not None and scope.future is None:
        from turnout.engine.runners.isolation import isolated_call

        return isolated_call(scope)
    if task.timeout_seconds is None:
        return Call(task.body, scope.args, scope.kwargs, task.is_async)
    from turnout.engine.stopping.deadlines import task_call

    return task_call(scope)


def _completed(scope: TaskScope, value: Any) -> State:
    if type(value) is State:
        return value if value.is_final() else State("failed", reason="the task returned a state that is not final")
    return State("completed", data=value)


def _failure(error: Exception) -> State:
    trim(error)
    name = "TimedOut" if isinstance(error, TaskTimeout) else None
    return State("crashed" if isinstance(error, TaskCrashed) else "failed", name, summary(error), error=error)


def _stopped(scope: TaskScope, error: Interrupt) -> State:
    """Someone further out is stopping: a deadline of the flow, or a cancelled run."""
    reason = scope.root.cancelled or "the flow was stopped"
    state = State("cancelled", reason=reason, error=RunCancelled(f"task '{scope.name}' was stopped: {reason}"))
    if scope.future is None:
        scope.record(state)
        raise error
    return state


def _left(scope: TaskScope, error: BaseException) -> State:
    """SystemExit, KeyboardInterrupt, asyncio.CancelledError: not the task's own failure, and not ours to keep."""
    trim(error)
    kind = "failed" if isinstance(error, SystemExit) else "cancelled"
    state = State(kind, reason=summary(error), error=error)
    if scope.future is None:
        scope.record(state, error=error_fact(scope.root, error))
        raise error
    return state


def _retry_delay(scope: TaskScope, state: State) -> Generator[Any, Any, float | None]:
    """Seconds until the next try, or None if the task's condition says that there is none."""
    task = scope.definition
    if task.retry_condition_fn is not None:
        from turnout.engine.context.views import TaskRun

        try:
            wanted = yield Call(
                task.retry_condition_fn, (task, TaskRun(scope, state), state), {}, task.condition_is_async
            )
        except Exception as error:
            report(scope, f"the retry condition of task '{scope.name}' failed, so there is no retry", error)
            return None
        if not wanted:
            return None
    delay = pause(task.retry_delays, scope.tries, task.retry_jitter_factor)
    return delay if scope.place is None else max(delay, scope.place.asked)


def _await_retry(scope: TaskScope, state: State, delay: float) -> Generator[Any, Any, bool]:
    """Record the wait, and wait; True if the flow ended meanwhile."""
    word = f"{state.reason}; retry {scope.tries} of {scope.definition.retries} in {delay:g} s"
    report(scope, f"Task '{scope.name}' failed: {word}", None)
    scope.record(State("scheduled", "AwaitingRetry", word), error=error_fact(scope.root, state.error))
    if delay <= 0:
        return False
    return bool((yield Sleep(delay, scope.flow.closing if scope.flow is not None else Latch())))


def finish(scope: TaskScope, state: State) -> Steps:
    """Record how the run ended, then run the hooks."""
    task, kept = scope.definition, scope.kept
    if kept is not None:
        from turnout.engine.reuse import kept_runs
    if state.type == "completed":
        state.reason = state.reason or scope.again
        result = (
            _result(scope, state)
            if kept is None
            else _insisted(scope, state, (yield from kept_runs.fact(scope, kept, state)))
        )
        if state.type == "completed":
            if scope.digest is None and state.reason is None and state.name == "Completed":
                _record_completed(scope, state, result)
            else:
                scope.record(state, result=result, **reusing.facts(scope))
    if state.type != "completed":
        error = state.failure()
        scope.record(state, error=error_fact(scope.root, error))
    if scope.root.acknowledge is not None:
        scope.root.acknowledge()
    if kept is not None:
        yield from kept_runs.settle(scope, kept, state)
    hooks = task.hooks_for(state)
    if hooks:
        yield from _hooks(scope, hooks, state)
    return state if kept is None else kept_runs.released(kept, state)


def _record_completed(scope: TaskScope, state: State, result: str) -> None:
    at = state.timestamp = now()
    scope.root.journal.write(f'["s",{scope.number},"completed",{at:.6f},{{"result":{result}}}]\n')


def _result(scope: TaskScope, state: State) -> str:
    """The journal's `result`."""
    task = scope.definition
    if not scope.root.recorded:
        return "null"
    if task.persist_result is False:
        return '{"unstored":"the task says persist_result=False"}'
    result = result_fact(state.data, scope.root.mask)
    if scope.root.digests and is_unstored(result):
        from turnout.engine.reuse.by_reference import by_reference

        result = by_reference(scope, state.data, result)
    return result


def _insisted(scope: TaskScope, state: State, result: str) -> str:
    """`result`. Turns `state` into a failure if the task insists on storing what cannot be stored."""
    task = scope.definition
    if task.persist_result and is_unstored(result):
        why = result[len('{"unstored":"') : -2]
        error = ResultUnavailable(
            f"the result of task '{scope.name}' cannot be stored: {why}",
            fix="return plain values, or drop persist_result=True",
        )
        state.type, state.name, state.reason, state.error, state.data = "failed", "Failed", error.what, error, None
    return result


def _hooks(scope: TaskScope, hooks: Iterable[Callable[..., Any]], state: State) -> Generator[Any, Any, None]:
    from turnout.engine.context.views import TaskRun
    from turnout.engine.runs.hooks import run_hooks

    return run_hooks(scope, hooks, state, TaskRun(scope, state))
