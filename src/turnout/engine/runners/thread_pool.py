"""Submitted tasks on threads, async ones on one background event loop.

A task enters the pool when its last dependency ended, so waiting for upstream never occupies a thread. A task that
itself waits for other tasks gives its slot back while it waits: the pool may start one more thread, so no size
deadlocks. After such a wait more than `max_workers` may run for a moment, but no further one starts until they do not.

Threads that run short tasks hinder each other: only one has the interpreter at a time, and it changes hands with every
line of the journal. So the thread that ends a task's last dependency goes on with that task if nothing else waits, and
while many tasks wait, threads are added once those there do not keep up, which takes a millisecond to see.
"""

from __future__ import annotations

import os
import sys
from _queue import SimpleQueue
from _thread import allocate_lock, get_ident, start_new_thread
from collections import deque
from functools import partial

from turnout.engine.clock import monotonic
from turnout.engine.futures import futures
from turnout.engine.futures.futures import _lock, blocked
from turnout.engine.runners.port import TaskRunner, check_workers
from turnout.engine.runs.drivers import run_awaiting, run_blocking
from turnout.engine.runs.run_task import broken, cancel_unstarted, finish, run_ready
from turnout.engine.stopping.interrupts import Interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.states.state import State

    Job = tuple[TaskScope, Any]

TICK_SECONDS = 0.001
KEEPING_UP = 8
"""So many tasks begun in a tick, and the threads of a pool are enough."""
_BUSY_TICKS = 3
"""So many ticks in a row may be too long to judge by: the interpreter, or the machine, did something else."""


class ThreadPoolTaskRunner(TaskRunner):
    """At most `max_workers` submitted tasks at once: by default 4 a core, between 8 and 32.

    The same limit holds for async tasks if it is given; by default they are not limited.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        check_workers("ThreadPoolTaskRunner", max_workers)
        self.max_workers = max_workers if max_workers is not None else min(32, max(8, 4 * (os.cpu_count() or 1)))
        self._given = max_workers
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._handed: dict[int, Job | None] = {}
        """Thread that settles a task -> what it goes on with."""
        self._begun = 0
        self._watching = False
        self._interruptible = Interruptible()
        self._workers = 0
        self._allowed = self.max_workers
        self._closed = False
        self._async = AsyncSlots(max_workers)
        self._processes: Any = None

    def fresh(self) -> ThreadPoolTaskRunner:
        """A pool with the same settings and no threads: every flow run has its own."""
        return type(self)(self._given)

    def enter(self, scope: TaskScope, context: Any) -> None:
        """Run a task whose upstream has ended, in a contextvars `context`."""
        lane = scope.definition.lane
        if lane is not None:
            self._hand_back()
            (self._async if lane == "async" else self._isolated()).enter(scope, context)
            return
        job = (scope, context)
        idle = self._queue.empty()
        if idle and self._handed.get(get_ident(), job) is None and self._workers <= self._allowed:
            self._handed[get_ident()] = job
            return
        self._queue.put(job)
        if idle or not self._workers:
            self._grow()
        elif not self._watching and self._workers < self._allowed:
            self._watch()

    def abandon(self, scope: TaskScope, state: State, context: Any = None) -> None:
        """The task's code is stuck in a thread past its deadline: end it as `state`, or try again in another thread in
        `context` if there is one; and do without the stuck thread."""
        if context is not None:
            scope.late = state
            self._queue.put((scope, context))
            self.worker_blocks()
            return
        self.worker_blocks()

        def end() -> None:
            scope.settle(run_blocking(finish(scope, state)))

        start_new_thread(end, ())

    def worker_blocks(self) -> None:
        """The calling thread, or a lost one, runs nothing for now."""
        self._hand_back()
        with _lock:
            self._allowed += 1
        self._grow()

    def worker_resumes(self) -> None:
        """The opposite of `worker_blocks`."""
        with _lock:
            self._allowed -= 1
            surplus = self._workers > self._allowed
        if surplus and self._queue.empty():
            self._queue.put(None)  # an idle thread takes it and leaves; a busy one leaves when its task is done

    def interrupt(self) -> None:
        """Stop every task that runs: an Interrupt for those on threads, cancellation for async ones."""
        self._async.cancel()
        if self._processes is not None:
            self._processes.interrupt()
        self._interruptible.interrupt()

    def close(self) -> None:
        """No task will come: let the threads go."""
        self._closed = True
        if self._processes is not None:
            self._processes.close()
        for _ in range(self._workers):
            self._queue.put(None)

    def _isolated(self) -> Any:
        """Where tasks with `isolation="process"` run: as many at once as there would be threads."""
        from turnout.engine.runners.process_pool import ProcessPoolTaskRunner

        with _lock:
            if self._processes is None:
                self._processes = ProcessPoolTaskRunner(self.max_workers)
        return self._processes

    def _hand_back(self) -> None:
        """What the calling thread was to go on with is for another one."""
        job = self._handed.get(get_ident())
        if job is not None:
            self._handed[get_ident()] = None
            self._queue.put(job)
            self._grow()

    def _watch(self) -> None:
        with _lock:
            if self._watching:
                return
            self._watching = True
        start_new_thread(self._add_when_behind, ())

    def _add_when_behind(self) -> None:
        """Add threads as soon as those there do not keep up with what is queued."""
        pause = allocate_lock()
        pause.acquire()
        busy, going = 0, True
        while going and not self._queue.empty():
            begun, moment = self._begun, monotonic()
            pause.acquire(timeout=TICK_SECONDS)
            going = self._begun - begun >= KEEPING_UP
            busy = 0 if going else busy + 1
            going = going or (busy <= _BUSY_TICKS and monotonic() - moment > 3 * TICK_SECONDS)
        self._watching = False  # before it looks: who puts something in from now on has it watched again
        for _ in range(self._queue.qsize()):
            self._grow()

    def _grow(self) -> None:
        if self._workers < self._allowed and not self._queue.empty():
            with _lock:
                if self._workers >= self._allowed:
                    return
                self._workers += 1
            start_new_thread(self._work, ())

    def _work(self) -> None:
        me = get_ident()
        blocked.pools[me] = self
        _trace_like_threading()
        try:
            while not self._leave():
                job = self._queue.get()
                while job is not None:
                    self._begun += 1  # by several threads at once, so now and then one too few: it tells the pace
                    if job[1].run(run_submitted, job[0], self._interruptible, self._settle):
                        self.worker_resumes()
                    job = self._handed.pop(me, None)  # an idle thread must not keep a result alive
        finally:
            self._hand_back()
            self._handed.pop(me, None)
            del blocked.pools[me]
            if futures.loops is not None:
                futures.loops.close_own()

    def _settle(self, scope: TaskScope, state: State) -> None:
        self._handed[get_ident()] = None
        scope.settle(state)

    def _leave(self) -> bool:
        if not self._closed and self._workers <= self._allowed:
            return False
        with _lock:
            if not self._closed and self._workers <= self._allowed:
                return False
            self._workers -= 1
            return True


def _trace_like_threading() -> None:
    """What `threading.Thread` does for coverage, profilers and debuggers; a thread made below it has to do itself."""
    threading = sys.modules.get("threading")
    if threading is not None:
        if trace := threading.gettrace():
            sys.settrace(trace)
        if profile := threading.getprofile():
            sys.setprofile(profile)


class AsyncSlots:
    """Submitted async tasks: all on the background loop, at most `limit` at once if it is given."""

    def __init__(self, limit: int | None) -> None:
        self._allowed = limit if limit is not None else 1 << 60
        self._running = 0
        self._waiting: deque[tuple[TaskScope, Any]] = deque()
        self._tasks: set[Any] = set()

    def enter(self, scope: TaskScope, context: Any) -> None:
        with _lock:
            self._waiting.append((scope, context))
        self._start()

    def blocks(self) -> None:
        """An async task of this pool waits for another one."""
        with _lock:
            self._allowed += 1
        self._start()

    def resumes(self) -> None:
        with _lock:
            self._allowed -= 1

    def cancel(self) -> None:
        for task in list(self._tasks):
            task.get_loop().call_soon_threadsafe(task.cancel)

    def _start(self) -> None:
        from turnout.engine.runners.loops import spawn

        while True:
            with _lock:
                if not self._waiting or self._running >= self._allowed:
                    return
                self._running += 1
                scope, context = self._waiting.popleft()
            spawn(partial(self._run, scope), context)

    async def _run(self, scope: TaskScope) -> None:
        from asyncio import current_task

        from turnout.engine.runners.loops import slot

        task = current_task()
        self._tasks.add(task)
        slot.set(self)
        try:
            await run_submitted_async(scope)
        finally:
            self._tasks.discard(task)
            with _lock:
                self._running -= 1
            self._start()


def run_submitted(scope: TaskScope, interruptible: Interruptible, settle: Callable[[TaskScope, State], None]) -> bool:
    """Run a submitted task in this thread and `settle` it, whatever happens; unless the thread was abandoned
    meanwhile, which is told."""
    try:
        if scope.flow is not None and scope.flow.closing.done():
            state = cancel_unstarted(scope, "the flow ended")
        else:
            state = run_blocking(run_ready(scope), interruptible)
    except BaseException as error:
        if scope.returns(get_ident()):
            return True
        state = broken(scope, error)
    if scope.returns(get_ident()):
        return True
    settle(scope, state)
    return False


async def run_submitted_async(scope: TaskScope) -> None:
    """`run_submitted` as a coroutine."""
    try:
        if scope.flow is not None and scope.flow.closing.done():
            state = cancel_unstarted(scope, "the flow ended")
        else:
            state = await run_awaiting(run_ready(scope))
    except BaseException as error:
        state = broken(scope, error)
    scope.settle(state)


ConcurrentTaskRunner = ThreadPoolTaskRunner
