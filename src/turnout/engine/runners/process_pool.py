"""Submitted tasks in worker processes: `ProcessPoolTaskRunner`, and one call in a process of its own."""

from __future__ import annotations

import os

from turnout.core.errors import TaskCrashed, TaskTimeout
from turnout.engine.futures.futures import _lock
from turnout.engine.runners import processes
from turnout.engine.runners.pickling import dumps
from turnout.engine.runners.port import check_workers
from turnout.engine.runners.processes import GRACE_SECONDS, ProcessLost, WorkerProcess
from turnout.engine.runners.reasons import STOPPED, TIMED_OUT
from turnout.engine.runners.sending import crashed, crew_of, outcome, request
from turnout.engine.runners.steering import Steered, SteeringRunner, is_over
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.runs.instructions import Call
    from turnout.engine.runs.run_task import TaskScope


class ProcessPoolTaskRunner(SteeringRunner):
    """At most `max_workers` submitted tasks at once, each in a worker process: by default one a core.

    Processes are started when they are needed, fresh and not forked, and serve later tasks and flow runs of this
    process too. A task's function has to be importable, its arguments and result have to pickle.

    initializer: called with `initargs` once in each process, before its first task; such processes serve only pools
    with the same initializer.
    """

    def __init__(
        self,
        max_workers: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        check_workers("ProcessPoolTaskRunner", max_workers)
        self.preparation = None if initializer is None else preparation(initializer, initargs)
        self._initializer = (initializer, initargs)
        self.max_workers = max_workers if max_workers is not None else os.cpu_count() or 1
        self._given = max_workers
        self._active: dict[TaskScope, WorkerProcess] = {}
        super().__init__(self.max_workers)

    def fresh(self) -> ProcessPoolTaskRunner:
        """A pool with the same settings: every flow run has its own; the processes are shared."""
        return type(self)(self._given, *self._initializer)

    def interrupt(self) -> None:
        """Stop every task that runs: TERM, and KILL after the grace."""
        with _lock:
            active = list(self._active.values())
        for process in active:
            process.stop(STOPPED)

    def perform(self, job: Steered, step: Call) -> Any:
        return call(job.scope, step, job.context, self)

    def starts(self, scope: TaskScope, process: WorkerProcess) -> None:
        """`process` is about to run the task. Raises Interrupt if the flow is over."""
        with _lock:
            self._active[scope] = process
        if is_over(scope):  # asked last: whoever stops the flow closes it before looking at what runs
            self.ends(scope)
            raise Interrupt

    def ends(self, scope: TaskScope) -> None:
        """It does not run it any more."""
        with _lock:
            self._active.pop(scope, None)


_STARTS = 3


def call(scope: TaskScope, step: Call, context: Any, pool: ProcessPoolTaskRunner | None) -> Any:
    """Run the task's function in a worker process and wait: its value. Raises what it raised; TaskTimeout; TaskCrashed
    saying how the process was lost; Interrupt for a task that was stopped."""
    if scope.root.control is not None:
        scope.root.control.clear(scope)  # its deadline is kept here, and must not end the whole attempt
    process, frame = _prepared(scope, step, context, pool)
    if pool is not None:
        try:
            pool.starts(scope, process)
        except Interrupt:
            processes.give_back(process)
            raise
    try:
        answer = processes.exchange(process, frame, step.seconds, sliced=pool is None)
    except ProcessLost as lost:
        raise _lost(scope, step, process, str(lost)) from None
    except BaseException:  # this thread was interrupted while it waited
        process.abandon(STOPPED)
        raise
    finally:
        if pool is not None:
            pool.ends(scope)
    return _read(scope, step, process, answer)


def preparation(initializer: Callable[..., object], initargs: tuple[Any, ...]) -> bytes:
    """The message that has a process call `initializer(*initargs)`. Raises NotSendable."""
    return b"I" + dumps((initializer, initargs))


def _prepared(
    scope: TaskScope, step: Call, context: Any, pool: ProcessPoolTaskRunner | None
) -> tuple[WorkerProcess, bytes]:
    """A process that knows the run, and the request to send to it."""
    preparation = pool.preparation if pool is not None else None
    for left in reversed(range(_STARTS)):
        process = processes.take(preparation)
        try:
            frame = _tell(scope, step, context, process)
            if process.prepared != preparation:
                _initialize(scope, process, preparation)
        except ProcessLost as lost:  # the task has not begun: another process will do
            if not left:
                raise crashed(scope, f"{lost}, before the task began") from None
        except BaseException:
            processes.give_back(process)
            raise
        else:
            return process, frame
    raise AssertionError


def _tell(scope: TaskScope, step: Call, context: Any, process: WorkerProcess) -> bytes:
    crew = crew_of(scope.root)
    if crew.id not in process.streams:
        if not crew.endings and scope.root.recorded:
            crew.endings.append(lambda: processes.end_run(crew.id))
        process.streams[crew.id] = crew.next_stream()
    key, setting = crew.setting(scope, False)
    frame = b"C" + request(scope, step, process.streams[crew.id], key, context, False)
    if key not in process.known:
        process.call(b"S" + setting)
        process.known.add(key)
    return frame


def _initialize(scope: TaskScope, process: WorkerProcess, preparation: bytes | None) -> None:
    assert preparation is not None
    said = process.call(preparation)
    if said:
        process.stop("its initializer failed")
        raise TaskCrashed(f"the initializer of the process of task '{scope.name}' failed:\n{bytes(said).decode()}")
    process.prepared = preparation


def _read(scope: TaskScope, step: Call, process: WorkerProcess, answer: bytes | bytearray) -> Any:
    """The outcome. What a stopped or timed-out task may have left running goes with its process."""
    try:
        return outcome(scope, step, answer)
    except TaskTimeout:
        process.discard()
        raise
    except Interrupt:
        asked = process.stopped_for is not None or scope.root.stopping()
        process.discard()
        if not asked:
            raise crashed(scope, "was ended by SIGTERM") from None
        raise
    finally:
        if not scope.root.recorded:
            processes.end_run_in(process, crew_of(scope.root).id)
        processes.give_back(process)


def _lost(scope: TaskScope, step: Call, process: WorkerProcess, how: str) -> BaseException:
    if process.stopped_for == STOPPED:
        return Interrupt()
    if process.stopped_for == TIMED_OUT and step.seconds is not None:
        return TaskTimeout(
            f"task '{scope.name}' ran longer than its timeout of {step.seconds:g} s, "
            f"and its process was killed {GRACE_SECONDS:g} s later"
        )
    return crashed(scope, how)
