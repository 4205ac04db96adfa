"""Futures: the outcome of a submitted task, before and after it is there.

A failed task must not pass unseen. A future counts as *read* once someone looked at its outcome: by `result()`
(raising or not), by `state` after it ended, by `await`, by `submit(..., return_state=True)`, by `allow_failure` on it
in another task's arguments, or by returning it from the flow. `wait()` alone looks at nothing. Passing it to another
task plainly leaves the judgement to that task's own future, which then ends as NotReady; reading that one reads its
upstream too. A flow that ends with an unread task that did not complete fails.
"""

from __future__ import annotations

from _thread import RLock, allocate_lock, get_ident

from turnout.core.errors import RunError
from turnout.engine.states.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _queue import SimpleQueue
    from collections.abc import Callable, Generator, Iterable, Iterator
    from typing import Any, Generic, TypeVar

    R = TypeVar("R")
    T = TypeVar("T")

    class _Typed(Generic[R]):
        __slots__ = ()

    class _TypedList(list[T], Generic[T]):
        pass
else:
    R = T = None

    class _Typed:
        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    class _TypedList(list):
        def __class_getitem__(cls, _):
            return cls


_lock = RLock()  # one for all latches: held for a few bytecodes, and a future must stay small


class blocked:  # noqa: N801 - reads as `with blocked():`
    """Around anything that waits for other tasks: the pool of this thread, if any, may start one more meanwhile."""

    __slots__ = ("_pool",)
    pools: Any = {}
    """Thread id -> the pool it works for; kept by `runners.threaded`."""

    def __enter__(self) -> None:
        self._pool = self.pools.get(get_ident())
        if self._pool is not None:
            self._pool.worker_blocks()

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.worker_resumes()


class Latch:
    """Something that happens once. Costs two slots until someone waits."""

    __slots__ = ("_callbacks", "_done")

    def __init__(self) -> None:
        self._done = False
        self._callbacks: list[Callable[[], object]] | None = None

    def done(self) -> bool:
        return self._done

    def set(self) -> bool:
        """Let it happen; False if it has happened before."""
        with _lock:
            if self._done:
                return False
            self._done = True
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback()
        return True

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call `callback` once it has happened: now, or in the thread that lets it happen."""
        with _lock:
            if not self._done:
                if self._callbacks is None:
                    self._callbacks = [callback]
                else:
                    self._callbacks.append(callback)
                return
        callback()

    def block(self, timeout: float | None = None) -> bool:
        """Wait in this thread for at most `timeout` seconds; whether it has happened."""
        if self._done:
            return True
        lock = allocate_lock()
        lock.acquire()
        self.when_done(lock.release)
        with blocked():
            lock.acquire(timeout=-1 if timeout is None else max(timeout, 0))
        return self._done


class Future(Latch, _Typed[R]):
    """The outcome of a submitted task. What counts as reading it: see the module."""

    __slots__ = ("__weakref__", "_read", "_state", "is_async", "name", "number", "run_id", "upstream")

    def __init__(
        self, name: str, number: int, run_id: str, upstream: tuple[Future[Any], ...] = (), is_async: bool = False
    ) -> None:
        self._done = False
        self._callbacks = None
        self._read = False
        self._state: State | None = None
        self.name = name
        self.number = number
        self.run_id = run_id
        self.upstream = upstream
        self.is_async = is_async

    @property
    def task_run_id(self) -> str:
        """The task run's id on the API; `run_id` is its flow run's id and attempt."""
        return f"{self.run_id}-{self.number}"

    @property
    def state(self) -> State:
        """The final state, or a pending one."""
        if self._state is None:
            return State("pending")
        self.mark_read()
        return self._state

    def wait(self, timeout: float | None = None) -> Future[R]:
        """Block until the task ended or `timeout` seconds passed. Does not count as reading."""
        self._wait(timeout)
        return self

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:
        """The task's value. If it did not complete: raise its exception, or return it if not `raise_on_failure`.

        Raises TimeoutError if it has not ended after `timeout` seconds.
        """
        __tracebackhide__ = True
        if not self._done:
            self._wait(timeout)
            if not self._done:
                raise TimeoutError(f"task '{self.name}' has not ended after {timeout} s")
        self.mark_read()
        state: Any = self._state
        if state.type == "completed":
            value: R = state.data
            return value
        error: Any = state.failure()
        if raise_on_failure:
            raise error
        return error  # type: ignore[no-any-return]

    async def result_async(self, raise_on_failure: bool = True) -> R:
        """`result` for coroutines."""
        __tracebackhide__ = True
        await self._wait_async()
        return self.result(raise_on_failure=raise_on_failure)

    async def wait_async(self) -> Future[R]:
        """`wait` for coroutines."""
        await self._wait_async()
        return self

    async def _wait_async(self) -> None:
        if not self._done:
            from turnout.engine.runners.loops import until

            await until(self)

    def __await__(self) -> Generator[Any, None, R]:
        return self.result_async().__await__()

    def add_done_callback(self, fn: Callable[[Future[R]], object]) -> None:
        """Call `fn(self)` once the task ended, in whatever thread ends it."""

        def call() -> None:
            with blocked():  # it may take long: what the thread would go on with is for another one
                fn(self)

        self.when_done(call)

    def mark_read(self) -> None:
        """Someone saw how the task ended."""
        unseen: list[Future[Any]] = [self]
        while unseen:  # not recursive: chains are longer than the stack
            future = unseen.pop()
            if not future._read:
                future._read = True
                unseen.extend(future.upstream)

    def was_read(self) -> bool:
        return self._read

    def resolve(self, state: State) -> bool:
        """The task ended in `state`; False if it had ended before."""
        with _lock:
            if self._state is not None:
                return False
            self._state = state
            if state.type == "completed":
                self.upstream = ()  # a chain of futures must not keep every value alive
        return self.set()

    def block(self, timeout: float | None = None) -> bool:
        """Wait in this thread. Raises RunError where the task that runs here would wait for itself."""
        if self._done or not blocked.pools:
            return super().block(timeout)
        from turnout.engine.futures.waiting import waits

        with waits(self):
            return super().block(timeout)

    def _wait(self, timeout: float | None) -> None:
        if not self._done:
            self._refuse_to_block_its_own_loop()
            self.block(timeout)

    def _refuse_to_block_its_own_loop(self) -> None:
        if loops is not None and loops.blocks_itself(self):
            raise RunError(
                f"waiting for task '{self.name}' would block the event loop that runs it",
                fix="write `await future` in an async task",
            )

    def __repr__(self) -> str:
        return f"<Future of '{self.name}': {self._state.name if self._state else 'Pending'}>"


class FutureList(_TypedList["Future[T]"]):
    """What `map` returns: a list of futures that can be read at once."""

    def wait(self, timeout: float | None = None) -> FutureList[T]:
        """Block until all ended or `timeout` seconds passed altogether."""
        wait(self, timeout)
        return self

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> list[T]:
        """All values, in order; the first failure raises, as `Future.result` does. Reads every future."""
        __tracebackhide__ = True
        _wait_all(self, timeout)
        for future in self:
            future.mark_read()
        for future in self:
            if not future.done():
                raise TimeoutError(f"task '{future.name}' has not ended after {timeout} s")
        return [future.result(raise_on_failure=raise_on_failure) for future in self]

    async def result_async(self, raise_on_failure: bool = True) -> list[T]:
        """`result` for coroutines."""
        __tracebackhide__ = True
        for future in self:
            await future._wait_async()
        return self.result(raise_on_failure=raise_on_failure)

    def __await__(self) -> Generator[Any, None, list[T]]:
        return self.result_async().__await__()


class DoneAndNotDone(tuple):  # type: ignore[type-arg]
    """(done, not done): two sets of futures, also by name."""

    __slots__ = ()

    @property
    def done(self) -> set[Future[Any]]:
        return self[0]  # type: ignore[no-any-return]

    @property
    def not_done(self) -> set[Future[Any]]:
        return self[1]  # type: ignore[no-any-return]


def wait(futures: Iterable[Future[Any]], timeout: float | None = None) -> DoneAndNotDone:
    """Block until all futures ended or `timeout` seconds passed; which did and which did not."""
    kept = list(futures)
    _wait_all(kept, timeout)
    done = {future for future in kept if future.done()}
    return DoneAndNotDone((done, set(kept) - done))


def as_completed(futures: Iterable[Future[T]], timeout: float | None = None) -> Iterator[Future[T]]:
    """The futures as they end. Raises TimeoutError after `timeout` seconds."""
    from _queue import SimpleQueue

    from turnout.engine.clock import monotonic

    kept = list(futures)
    ended: SimpleQueue[Future[T]] = SimpleQueue()
    for future in kept:
        future.when_done(lambda future=future: ended.put(future))  # type: ignore[misc]
    until = None if timeout is None else monotonic() + timeout
    for _ in kept:
        yield _next(ended, until, f"not all of {len(kept)} tasks ended after {timeout} s")


def _next(ended: SimpleQueue[Future[T]], until: float | None, complaint: str) -> Future[T]:
    from _queue import Empty

    from turnout.engine.clock import monotonic

    try:
        return ended.get_nowait()
    except Empty:
        pass
    try:
        with blocked():
            return ended.get(timeout=None if until is None else max(until - monotonic(), 0))
    except Empty:
        raise TimeoutError(complaint) from None


def _wait_all(futures: list[Future[T]], timeout: float | None) -> None:
    if timeout is None:
        for future in reversed(futures):  # most have ended when the last one has: one wait instead of one a future
            future._wait(None)
        return
    from turnout.engine.clock import monotonic

    until = monotonic() + timeout
    for future in futures:
        future._wait(until - monotonic())


loops: Any = None
"""The module `loops` once something async ran. It sets this when it is complete: another thread may be importing it."""
find_marks: Any = None
"""`arguments.find_marks` once somebody can have marked an argument; set in the same way."""
find_futures: Any = None
tolerated: Any = None
"""Those of `arguments`, set in the same way."""
any_made = False
"""Whether any task was ever submitted in this process: until then, arguments need not be searched for futures."""
close_streams: Any = None
"""`streaming.close_in` once there is a generator flow or task."""
