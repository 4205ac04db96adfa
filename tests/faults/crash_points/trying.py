"""One operation, every point: what was acknowledged is there, what was not is there wholly or not at all."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.crash_points.databases import Content, Database, difference, essence, opened
from tests.faults.crash_points.faulty import Fault, Plan
from tests.faults.crash_points.operations import Operation
from tests.faults.crash_points.world import Runs, fill
from turnout.core.errors import Conflict, StoreError, StoreUnavailable, Unauthorized
from turnout.store import Store

PATIENCE = 10.0
"""Seconds after which an operation that has not come back hangs."""
_STAYS = 1000


@dataclass(kw_only=True)
class Tried:
    """What became of the points of one operation."""

    name: str
    calls: int = 0
    points: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Trial:
    """A seeded database on which operations are tried."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.ids: Runs = {}
        self._plan = Plan()
        self._known: set[str] = set()
        self._ends: dict[str, tuple[Content, Content]] = {}
        database.seed(self._fill)

    def _fill(self, store: Store) -> None:
        fill(store, self.ids)
        self._known = {finding.partition(":")[0] for finding in findings(store)}

    def every_point(self, operation: Operation, stride: int = 1, offset: int = 0) -> Tried:
        """Fail and kill at every call of the operation; with a stride, at every so many points of them."""
        tried = Tried(name=operation.name)
        with self._database.counted(self._plan), _quiet():
            before, after = self._good(operation, tried)
            place = self._database.fresh()
            for fault in list(self._points(tried.calls))[offset::stride]:
                self._one(operation, fault, place, (before, after), tried)
                place = self._database.renew(place)
            self._database.drop(place)
        return tried

    def after_a_kill(self, operation: Operation, place: str, *, acked: bool) -> Iterator[str]:
        """What is wrong with a database on which another process began the operation and ended somewhere."""
        if operation.name not in self._ends:
            self._ends[operation.name] = self._good(operation, Tried(name=operation.name))
        known = self._ends[operation.name]
        content = self._database.content(place)
        with self._store(operation, place, seed=2) as store:  # a new process makes other ids
            yield from self._judge(operation, content, known, acked=acked, unknown=True, store=store)
            yield from self._repeat(operation, store, place, content, known[1])

    def _points(self, calls: int) -> Iterator[Fault]:
        for at in range(1, calls + 1):
            for kind in self._database.kinds:
                yield Fault(kind=kind, moment="before", at=at)  # type: ignore[arg-type]
            lasting = "lost" if "lost" in self._database.kinds else "io"
            yield Fault(kind=lasting, moment="after", at=at)  # type: ignore[arg-type]
            yield Fault(kind="io", moment="before", at=at, until=_STAYS)
            yield Fault(kind="kill", moment="before", at=at)
        yield Fault(kind="kill", moment="after", at=calls)

    def _good(self, operation: Operation, tried: Tried) -> tuple[Content, Content]:
        place = self._database.fresh()
        before = self._database.content(place)
        with self._store(operation, place) as store:
            self._plan.arm(None)
            operation.act(store, self.ids)
            self._plan.disarm()
            tried.calls = len(self._plan.calls)
            after = self._database.content(place)
            tried.faults += [f"{operation.name}: after it: {finding}" for finding in self._findings(store)]
        tried.faults += [f"{operation.name}: after it: {finding}" for finding in self._database.damage(place)]
        self._database.drop(place)
        if before == after:
            tried.faults.append(f"{operation.name}: changes nothing, so it proves nothing")
        return before, after

    def _one(
        self, operation: Operation, fault: Fault, place: str, known: tuple[Content, Content], tried: Tried
    ) -> None:
        tried.points += 1
        tried.kinds[fault.kind] = tried.kinds.get(fault.kind, 0) + 1
        found = self._killed if fault.kind == "kill" else self._failed
        words = f"{self._database.name}: {operation.name}: {fault}"
        tried.faults += [f"{words}: {what}" for what in found(operation, fault, place, known)]

    def _failed(self, operation: Operation, fault: Fault, place: str, known: tuple[Content, Content]) -> Iterator[str]:
        with self._store(operation, place) as store:
            self._plan.arm(fault)
            ended = _patiently(lambda: operation.act(store, self.ids))
            at_commit = fault.at <= len(self._plan.calls) and "COMMIT" in self._plan.calls[fault.at - 1]
            hit, calls = self._plan.hit, len(self._plan.calls)
            self._plan.disarm()
            if ended is _HANGS:
                yield "hangs"
                return
            if not hit:
                yield "the fault did not happen"
            content = self._database.content(place)
            if isinstance(ended, BaseException) and not isinstance(ended, StoreError):
                yield f"raises {type(ended).__name__}: {ended}"
            # PostgreSQL gets COMMIT in a pipeline, whose last call names none: whoever lost its answer must say so.
            says_so = isinstance(ended, StoreUnavailable) and "unknown whether" in ended.what
            unknown = fault.moment == "after" and (at_commit or (says_so and fault.at == calls))
            yield from self._judge(operation, content, known, acked=ended is None, unknown=unknown, store=store)
            yield from self._repeat(operation, store, place, content, known[1])
        yield from self._database.damage(place)

    def _killed(self, operation: Operation, fault: Fault, place: str, known: tuple[Content, Content]) -> Iterator[str]:
        acked = self._in_child(operation, fault, place)
        if acked is None:
            yield "the child was not killed"
        yield from self._database.damage(place)
        content = self._database.content(place)
        with self._store(operation, place, seed=2) as store:  # a new process makes other ids
            yield from self._judge(operation, content, known, acked=bool(acked), unknown=True, store=store)
            yield from self._repeat(operation, store, place, content, known[1])

    def _judge(
        self,
        operation: Operation,
        content: Content,
        known: tuple[Content, Content],
        *,
        acked: bool,
        unknown: bool,
        store: Store,
    ) -> Iterator[str]:
        before, after = known
        if operation.transactions == "one":
            if acked and not _alike(content, after):
                yield f"acknowledged, and not as it should be: {difference(content, after)}"
            if not acked and not unknown and content != before:
                yield f"refused, and yet something is there: {difference(before, content)}"
            if content != before and not _alike(content, after):
                yield f"there by halves: {difference(before, content)}"
        if content not in (before, after):
            yield from (f"then: {finding}" for finding in self._findings(store))

    def _repeat(
        self, operation: Operation, store: Store, place: str, content: Content, after: Content
    ) -> Iterator[str]:
        """Doing it again comes to the same end, without a new start."""
        done = _alike(content, after)
        if not operation.repeatable and done:
            return
        try:
            operation.act(store, self.ids)
        except (Conflict, Unauthorized) as error:
            if not done:
                yield f"cannot be repeated: {error.what}"
        except Exception as error:
            yield f"repeated, raises {type(error).__name__}: {error}"
            return
        then = self._database.content(place)
        if then != after and (operation.repeatable or operation.transactions == "one"):
            ends, wanted = essence(then), essence(after)
            if ends != wanted:
                yield f"repeated, ends otherwise: {difference(ends, wanted)}"
            yield from (f"repeated: {finding}" for finding in self._findings(store))

    def _findings(self, store: Store) -> list[str]:
        """Those that the seeded database does not have already (a cluster for tests that syncs nothing)."""
        return [finding for finding in findings(store) if finding.partition(":")[0] not in self._known]

    def _in_child(self, operation: Operation, fault: Fault, place: str) -> bool | None:
        """Whether the operation was acknowledged before the process was killed; None if it was not killed."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                store = opened(place, threaded=operation.threaded, later=operation.later)
                self._plan.arm(fault)
                operation.act(store, self.ids)
                os.write(writing, b"!")
            finally:
                os._exit(3)
        os.close(writing)
        acked = bool(os.read(reading, 1))
        os.close(reading)
        _, status = os.waitpid(child, 0)
        return acked if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else None

    @contextmanager
    def _store(self, operation: Operation, place: str, seed: int = 1) -> Iterator[Store]:
        self._plan.disarm()
        with opened(place, threaded=operation.threaded, later=operation.later, seed=seed) as store:
            yield store


def findings(store: Store) -> list[str]:
    """What the invariants say of the database."""
    try:
        from turnout.store.invariants import check
    except ImportError:
        return []
    return [f"{it.invariant}: {it.what}: {it.details[:2]}" for it in store.read(lambda tx: check(tx, serving=False))]


def _alike(one: Content, other: Content) -> bool:
    """The same, but for ids and times: a store may have tried twice."""
    return one == other or essence(one) == essence(other)


class _Hangs:
    pass


_HANGS = _Hangs()


def _patiently(act: Any) -> Any:
    """None if it returned, what it raised, or _HANGS."""
    result: list[Any] = []

    def run() -> None:
        try:
            act()
            result.append(None)
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return result[0] if result else _HANGS


@contextmanager
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("turnout.services")
    was, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was


def seconds_since(started: float) -> float:
    """Seconds, to a tenth."""
    return round(time.monotonic() - started, 1)
