"""The database behind the simulated servers, and what may go wrong on the way to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tests.simulation.kernel import Kernel
from tests.simulation.model_store import ModelStore
from turnout.core.errors import StoreUnavailable
from turnout.core.ports import Store
from turnout.store import open_store

T = TypeVar("T")
BASE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""Simulated second 0."""
EVENTS = 1000


class SimulatedClock:
    """Simulated time and how far somebody has set the clock beside it."""

    def __init__(self, kernel: Kernel, offset: float = 0.0) -> None:
        self._kernel = kernel
        self._highest = BASE
        self._offset = offset

    @property
    def offset(self) -> float:
        return self._offset

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._highest = self.highest()
        self._offset = seconds

    def highest(self) -> datetime:
        """The latest time that it ever showed."""
        return max(self._highest, self.now())

    def put_right(self) -> None:
        """Set it to where it has been at most: nothing lies in its future that was written as its past."""
        self.offset += (self.highest() - self.now()).total_seconds()

    def now(self) -> datetime:
        return BASE + timedelta(seconds=self._kernel.now + self.offset)

    def monotonic(self) -> float:
        return self._kernel.now


class Observer(Protocol):
    """Who is told what was committed, in the order of commits."""

    def committed(self, events: list[Any]) -> None: ...


class Listener(Protocol):
    """A server's half of the hints."""

    def hint(self, topic: str, *, own: bool) -> None: ...


class Backend:
    """One database. `down`: nobody reaches it. `reopen` is what a restart of the database does to it."""

    def __init__(self, kernel: Kernel, observer: Observer, folder: Path | None) -> None:
        self.kernel = kernel
        self.clock = SimulatedClock(kernel)
        self.down = False
        self.commits = 0
        self.listeners: list[Listener] = []
        self.current: Listener | None = None
        self._observer = observer
        self._folder = folder
        self._seen = 0
        self._randomness = random.Random(kernel.seed ^ 0x5EED).randbytes
        self.store: Store = self._open()

    @property
    def real(self) -> bool:
        """Whether it is a database."""
        return self._folder is not None

    def write(self, fn: Callable[[Any], T], by: Listener | None) -> T:
        """Commit `fn`, tell the observer."""
        self.current = by

        def observed(tx: Any) -> tuple[T, list[Any]]:
            return fn(tx), tx.outbox.after(self._seen, EVENTS)

        value, events = self.store.write(observed)
        self.commits += 1
        if events:
            self._seen = events[-1]["seq"]
            self._observer.committed(events)
        return value

    def read(self, fn: Callable[[Any], T]) -> T:
        return self.store.read(fn)

    def notify(self, topic: str) -> None:
        """A hint of the store: to the server that wrote at once, to the others soon or never."""
        for listener in list(self.listeners):
            listener.hint(topic, own=listener is self.current)

    def reopen(self) -> None:
        """The database process died and was started again: what was not committed is gone."""
        if self._folder is not None:
            crash(self.store)
            self.store = self._open()

    def close(self) -> None:
        self.store.close()

    def _open(self) -> Store:
        if self._folder is None:
            return ModelStore(self.clock, self, self._randomness)
        return open_store(self._folder, clock=self.clock, hints=self, threaded=False, randomness=self._randomness)


def crash(store: Any) -> None:
    """End a SQLite store as a kill would: what no COMMIT has returned for is undone."""
    connection = store._writer._commits._connection
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    store.close()


@dataclass
class StoreFaults:
    """Probabilities a call: refused before, undone at its end, done but reported as failed."""

    before: float = 0.0
    undone: float = 0.0
    unknown: float = 0.0
    slow: float = 0.0

    def calm(self) -> None:
        self.before = self.undone = self.unknown = self.slow = 0.0


class Handle:
    """The store as one server has it: every call takes time, may fail, and lets others come between."""

    def __init__(self, backend: Backend, listener: Listener, faults: StoreFaults) -> None:
        self._backend = backend
        self._kernel = backend.kernel
        self._listener = listener
        self._faults = faults

    def write(self, fn: Callable[[Any], T], then: Callable[[], None] | None = None) -> T:
        """`then` is called at the commit, whatever the caller is told of it."""
        faults, dice = self._faults, self._pass_time()
        work = fn
        if faults.before <= dice < faults.before + faults.undone:

            def work(tx: Any) -> T:
                fn(tx)
                raise StoreUnavailable("simulated: the transaction was undone")

        value = self._backend.write(work, self._listener)
        if then is not None:
            then()
        if dice > 1 - faults.unknown:
            raise StoreUnavailable("simulated: the outcome of COMMIT is unknown")
        return value

    def submit(self, fn: Callable[[Any], T]) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(self.write(fn))
        except Exception as error:
            future.set_exception(error)
        return future

    def read(self, fn: Callable[[Any], T]) -> T:
        self._pass_time()
        return self._backend.read(fn)

    def close(self) -> None:
        pass

    def _pass_time(self) -> float:
        """The dice of this call, once its turn has come."""
        random, faults = self._kernel.random, self._faults
        dice = random.random()
        seconds = dice * 0.004
        if faults.slow and random.random() < faults.slow:
            seconds += random.uniform(0.1, 5.0)
        self._kernel.sleep(seconds)
        if self._backend.down or dice < faults.before:
            raise StoreUnavailable("simulated: the database does not answer")
        return dice
