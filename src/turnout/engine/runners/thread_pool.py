"""Submitted tasks on threads, async ones on one background event loop.

A task enters the pool when its last dependency ended, so waiting for upstream never occupies a thread. A task that
itself waits for other tasks gives its slot back while it waits: the pool may start one more thread, so no size
deadlocks. After such a wait more than `max_workers` may run for a moment, but no further one starts until they do not.

Threads that run short tasks hinder each other: only one has the interpreter at a time, and it changes hands with every
line of the journal. So the thread that ends a task's last dependency goes on with that task if nothing else waits;
while many tasks wait, threads are added once those there do not keep up, which takes a millisecond to see; and while
tasks are submitted one after another as fast as one thread runs them, it stands aside for some milliseconds.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident, start_new_thread
from collections import deque
from functools import partial

from turnout.engine.clock import monotonic
from turnout.engine.futures.futures import _lock
from turnout.engine.runners.port import check_workers
from turnout.engine.runners.threaded import ThreadedRunner
from turnout.engine.runs.drivers import run_awaiting, run_blocking
from turnout.engine.runs.run_task import broken, cancel_unstarted, finish, run_ready
from turnout.engine.stopping.interrupts import Interruptible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.engine.context.scopes import FlowScope
    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.states.state import State

    Job = tuple[TaskScope, Any]

TICK_SECONDS = 0.001
KEEPING_UP = 8
"""So many tasks begun in a tick, and the threads of a pool are enough."""
BURST = 16
"""So many tasks are run before it is looked whether more come as fast."""
STRETCH = 1024
"""So many are run after a thread stood aside, whatever comes: who submits without end must not starve them."""
_ASIDE_TICKS = 20
_BUSY_TICKS = 3
"""So many ticks in a row may be too long to judge by: the interpreter, or the machine, did something else."""


class ThreadPoolTaskRunner(ThreadedRunner):
    """At most `max_workers` submitted tasks at once: by default 4 a core, between 8 and 32.

    The same limit holds for async tasks if it is given; by default they are not limited.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        check_workers("ThreadPoolTaskRunner", max_workers)
        self.max_workers = max_workers if max_workers is not None else min(32, max(8, 4 * (os.cpu_count() or 1)))
        super().__init__(self.max_workers)
        self._given = max_workers
        self._handed: dict[int, Job | None] = {}
        """Thread that settles a task -> what it goes on with."""
        self._resting: set[int] = set()
        """Threads that wait for a job; whoever queues one takes a thread out."""
        self._begun = 0
        self._watching = False
        self._aside = False
        self._interruptible = Interruptible()
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
        if idle and self._handed.get(get_ident(), job) is None and self._threads <= self._allowed:
            self._handed[get_ident()] = job
            return
        self._queue.put(job)
        if idle or not self._threads:
            self._wake()
        elif not self._watching and self._threads < self._allowed:
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
        super().worker_blocks()

    def worker_resumes(self) -> None:
        """The opposite of `worker_blocks`."""
        super().worker_resumes()
        if self._threads > self._allowed and self._queue.empty():
            self._queue.put(None)  # an idle thread takes it and leaves; a busy one leaves when its task is done

    def interrupt(self) -> None:
        """Stop every task that runs: an Interrupt for those on threads, cancellation for async ones."""
        self._async.cancel()
        if self._processes is not None:
            self._processes.interrupt()
        self._interruptible.interrupt()

    def close(self) -> None:
        """No task will come: let the threads go."""
        if self._processes is not None:
            self._processes.close()
        super().close()

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
            going = self._aside or self._begun - begun >= KEEPING_UP
            busy = 0 if going else busy + 1
            going = going or (busy <= _BUSY_TICKS and monotonic() - moment > 3 * TICK_SECONDS)
        self._watching = False  # before it looks: who puts something in from now on has it watched again
        for _ in range(self._queue.qsize()):
            self._grow()

    def _wake(self) -> None:
        """There is a job in the queue: a thread that rests takes it, or another one starts."""
        try:
            self._resting.pop()
        except KeyError:
            self._grow()

    def _next(self, me: int) -> Job | None:
        """Wait for a job. A thread that was counted on for one, and may have got another, sees to the other."""
        self._resting.add(me)
        job: Job | None = self._queue.get()
        try:
            self._resting.remove(me)
        except KeyError:
            self._grow()
        return job

    def _give_way(self, scope: TaskScope, made: int | None) -> tuple[int, int]:
        """Stand aside if tasks were submitted, since `made` were, about as fast as this only thread ran them; how many
        it runs before it looks again, and how many were made by now."""
        flow = scope.flow
        assert flow is not None
        if made is None or self._threads > 1 or flow.made - made < BURST // 2:
            return BURST, flow.made
        self._stand_aside(flow)
        return STRETCH, flow.made

    def _stand_aside(self, flow: FlowScope) -> None:
        """Let the thread that submits tasks have the interpreter until it pauses."""
        self._aside = True
        pause = allocate_lock()
        pause.acquire()
        for _ in range(_ASIDE_TICKS):
            made = flow.made
            pause.acquire(timeout=TICK_SECONDS)
            if flow.made - made < KEEPING_UP:
                break
        self._aside = False

    def _serve(self) -> None:
        me = get_ident()
        left, made = BURST, None
        try:
            while not self._leave():
                job = self._next(me)
                while job is not None:
                    self._begun += 1  # by several threads at once, so now and then one too few: it tells the pace
                    if job[1].run(run_submitted, job[0], self._interruptible, self._settle):
                        self.worker_resumes()
                    left -= 1
                    if not left:
                        left, made = self._give_way(job[0], made)
                    job = self._handed.pop(me, None)  # an idle thread must not keep a result alive
        finally:
            self._hand_back()
            self._handed.pop(me, None)

    def _settle(self, scope: TaskScope, state: State) -> None:
        self._handed[get_ident()] = None
        scope.settle(state)

    def _leave(self) -> bool:
        if not self._closed and self._threads <= self._allowed:
            return False
        with _lock:
            if not self._closed and self._threads <= self._allowed:
                return False
            self._threads -= 1
            return True


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
