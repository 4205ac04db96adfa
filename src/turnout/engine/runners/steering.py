"""Submitted tasks whose code runs elsewhere: their lives are steered by a few threads here.

A task that waits (for its code, for a retry) keeps no thread: its generator is parked and taken up again by whichever
thread is free. `drivers.py` blocks or awaits in its place; what the generators mean is the same.
"""

from __future__ import annotations

from turnout.engine.clock import monotonic
from turnout.engine.futures.futures import Latch, _lock
from turnout.engine.runners.threaded import ThreadedRunner
from turnout.engine.runs.drivers import run_blocking
from turnout.engine.runs.instructions import Call, Sleep, Wait
from turnout.engine.runs.run_task import broken, cancel_unstarted, run_ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from turnout.engine.runs.instructions import Steps
    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.states.state import State


class Parked(BaseException):
    """Raised by a runner that will call `go_on` later."""


class Steered:
    """A task under way. `go_on` takes it as far as it goes without waiting; one thread at a time."""

    __slots__ = ("_runner", "_steps", "context", "scope", "value")

    def __init__(self, runner: SteeringRunner, scope: TaskScope, context: Any) -> None:
        self.scope = scope
        self.context = context
        self.value: Callable[[], Any] | None = None
        """Gives what the task waited for, or raises."""
        self._runner = runner
        self._steps: Steps | None = None

    def go_on(self) -> None:
        """Start, or continue with what `value` gives. Settles the task's future at the end, whatever happens."""
        try:
            state = self._advance()
        except Parked:
            return
        except BaseException as error:
            state = broken(self.scope, error)
        self._runner.leave(self)
        self.scope.settle(state)

    def park(self, latches: Sequence[Latch], seconds: float | None, answer: Callable[[], bool]) -> None:
        """Go on with `answer()` once every latch is done, or in `seconds`."""
        once, left = Latch(), len(latches)

        def one_less() -> None:
            nonlocal left
            with _lock:
                left -= 1
                last = left == 0
            if last:
                once.set()

        self.value = answer
        self._runner.leave(self)
        once.when_done(lambda: self._runner.admit(self))
        if seconds is not None:
            from turnout.engine.stopping.timers import at

            at(monotonic() + seconds, once.set)
        for latch in latches:
            latch.when_done(one_less)

    def _advance(self) -> State:
        if self._steps is None:
            if is_over(self.scope):
                return cancel_unstarted(self.scope, "the flow ended")
            self._steps = run_ready(self.scope)
            return self._drive(lambda: next(self._steps))  # type: ignore[arg-type]
        return self._drive(self._resumed())

    def _resumed(self) -> Callable[[], Any]:
        steps: Any = self._steps
        try:
            answer = self.value() if self.value is not None else None
        except BaseException as error:
            failure = error
            return lambda: steps.throw(failure)
        return lambda: steps.send(answer)

    def _drive(self, move: Callable[[], Any]) -> State:
        steps: Any = self._steps
        try:
            while True:
                step = self.context.run(move)
                if self._waits(step):
                    raise Parked
                try:
                    answer = self._do(step)
                except Parked:
                    raise
                except BaseException as error:
                    move = _throwing(steps, error)
                else:
                    move = _sending(steps, answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _waits(self, step: Any) -> bool:
        """Whether the task was parked: what it asks for is not there yet."""
        if isinstance(step, Sleep):
            if step.seconds <= 0 or step.unless.done():
                return False
            self.park([step.unless], step.seconds, step.unless.done)
            return True
        if isinstance(step, Wait):
            latches = step.latches
            open_ = [latch for latch in latches if not latch.done()]
            if not open_:
                return False
            self.park(open_, step.seconds, lambda: all(latch.done() for latch in latches))
            return True
        return False

    def _do(self, step: Any) -> Any:
        if isinstance(step, Call) and is_own(self.scope, step):
            return self._runner.perform(self, step)
        return self.context.run(run_blocking, _one(step))


class SteeringRunner(ThreadedRunner):
    """What runners with steered tasks share: a queue of tasks that can go on, and the threads that take them on."""

    remote = True

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self._idle = 0

    def enter(self, scope: TaskScope, context: Any) -> None:
        """Run a task whose upstream has ended."""
        self.admit(Steered(self, scope, context))

    def admit(self, job: Steered) -> None:
        """`job` wants to go on."""
        self._put(job)

    def leave(self, job: Steered) -> None:
        """`job` has ended, or waits for something else than its code."""

    def perform(self, job: Steered, step: Call) -> Any:
        """Run the task's own function elsewhere: its value. Raises what it raised; Parked if `job` goes on later."""
        raise NotImplementedError

    def _put(self, job: Steered) -> None:
        self._queue.put(job)
        self._grow()

    def _is_short(self) -> bool:
        return self._idle < self._queue.qsize()

    def _serve(self) -> None:
        try:
            while (job := self._taken()) is not None:
                self._grow()  # whoever put the next one may have counted on this thread
                job.go_on()
                del job  # an idle thread must not keep a result alive
                if self._closed and self._queue.empty():
                    return
        finally:
            with _lock:
                self._threads -= 1

    def _taken(self) -> Steered | None:
        with _lock:
            self._idle += 1
        job: Steered | None = self._queue.get()
        with _lock:
            self._idle -= 1
        return job


def is_over(scope: TaskScope) -> bool:
    """Whether the flow of a task has ended under it."""
    return scope.flow is not None and scope.flow.closing.done()


def is_own(scope: TaskScope, step: Call) -> bool:
    """Whether `step` calls the task's own function, not a hook or a condition."""
    return step.function is scope.definition.body


def _one(step: Any) -> Any:
    return (yield step)


def _throwing(steps: Any, error: BaseException) -> Callable[[], Any]:
    return lambda: steps.throw(error)


def _sending(steps: Any, answer: Any) -> Callable[[], Any]:
    return lambda: steps.send(answer)
