"""Virtual time and processes. Everything random comes from one seed, and nothing here knows the real clock."""

from __future__ import annotations

import heapq
import random
import zlib
from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

TIMEOUT: Any = object()
"""What `Kernel.wait` gives when the time is up."""


class Stuck(Exception):
    """The simulation does more than it can have a reason for."""


class Node:
    """What is killed, paused and cut off together: a server, a worker, an attempt's processes. `host` survives it."""

    def __init__(self, name: str, host: str | None = None) -> None:
        self.name = name
        self.host = host or name
        self.alive = True
        self.paused = False
        self.processes: dict[int, Process] = {}
        self.deferred: list[tuple[Process, int, Any]] = []


class Process(greenlet):
    """A coroutine of a node."""

    node: Node
    waits: int
    serial: int


class Signal:
    """Something that processes wait for. `set` wakes them all with a value and stays set."""

    __slots__ = ("_kernel", "is_set", "value", "waiters")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.is_set = False
        self.value: Any = None
        self.waiters: list[tuple[Process, int]] = []

    def set(self, value: Any = None) -> None:
        """The first value counts."""
        if not self.is_set:
            self.is_set, self.value = True, value
            self._wake()

    def ring(self) -> None:
        """Wake who waits now, without staying set."""
        self._wake()

    def _wake(self) -> None:
        waiters, self.waiters = self.waiters, []
        for process, wait in waiters:
            self._kernel.at(0.0, self._kernel.resume, process, wait, self.value)


class Kernel:
    """The clock, the queue of what comes next, and who is at work."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.now = 0.0
        self.events = 0
        self.limit = 2_000_000
        self.lines: list[tuple[float, str]] = []
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serial = 0
        self._hub = getcurrent()
        self._failure: BaseException | None = None

    # -- the trace

    def note(self, text: str) -> None:
        """One line of what happened."""
        self.lines.append((self.now, text))

    def digest(self) -> str:
        """The hash of everything that happened."""
        return f"{zlib.crc32(repr(self.lines).encode()):08x}-{self.events}"

    def story(self, last: int | None = None) -> str:
        """The trace for people: seconds and what happened."""
        lines = self.lines if last is None else self.lines[-last:]
        return "\n".join(f"{at:10.3f}  {text}" for at, text in lines)

    # -- time

    def at(self, delay: float, fn: Callable[..., None], *arguments: Any) -> None:
        """Call `fn` after so many seconds; those of the same moment in the order in which they were asked for."""
        self._serial += 1
        heapq.heappush(self._queue, (self.now + delay, self._serial, fn, arguments))

    def run(self, until: float, done: Callable[[], bool] | None = None) -> bool:
        """Go on until a moment, or until `done()` is true after some event (asked once a simulated second)."""
        queue, asked = self._queue, self.now
        while queue and queue[0][0] <= until:
            when, _, fn, arguments = heapq.heappop(queue)
            self.now = when
            self.events += 1
            fn(*arguments)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self.events > self.limit:
                raise Stuck(f"more than {self.limit} events: somebody asks without pause")
            if done is not None and when >= asked + 1.0:
                asked = when
                if done():
                    return True
        self.now = until
        return done is not None and done()

    # -- processes

    def spawn(self, node: Node, fn: Callable[..., Any], *arguments: Any) -> Process:
        """A process that begins at once, after what is under way."""

        def body(_: Any) -> None:
            try:
                fn(*arguments)
            except GreenletExit:
                raise
            except BaseException as error:
                self.note(f"{node.name} fell over: {error!r}")
                self._failure = error
            finally:
                node.processes.pop(process.serial, None)

        process = Process(body, self._hub)
        self._serial += 1
        process.node, process.waits, process.serial = node, 0, self._serial
        node.processes[process.serial] = process
        self.at(0.0, self.resume, process, 0, None)
        return process

    def resume(self, process: Process, wait: int, value: Any) -> None:
        """Let a process go on, if it still waits for this; a paused node's processes later."""
        if process.waits != wait or process.serial not in process.node.processes:
            return
        if process.node.paused:
            process.node.deferred.append((process, wait, value))
            return
        process.waits += 1
        process.switch(value)

    def sleep(self, seconds: float) -> None:
        """Pause the calling process."""
        process = self._me()
        self.at(seconds, self.resume, process, process.waits, TIMEOUT)
        self._switch(process)

    def wait(self, signal: Signal, timeout: float | None = None) -> Any:
        """The signal's value, TIMEOUT when the time is up first."""
        if signal.is_set:
            return signal.value
        process = self._me()
        signal.waiters.append((process, process.waits))
        if timeout is not None:
            self.at(timeout, self.resume, process, process.waits, TIMEOUT)
        return self._switch(process)

    def signal(self) -> Signal:
        return Signal(self)

    def kill(self, node: Node) -> None:
        """kill -9: no process of the node does anything from now on."""
        if not node.alive:
            return
        node.alive = False
        victims = list(node.processes.values())
        node.processes.clear()
        node.deferred.clear()
        me = getcurrent()
        for process in victims:
            if process is not me:
                self.at(0.0, self._bury, process)
        if me in victims:
            raise GreenletExit

    def pause(self, node: Node) -> None:
        """SIGSTOP."""
        node.paused = True

    def unpause(self, node: Node) -> None:
        """SIGCONT."""
        node.paused = False
        deferred, node.deferred = node.deferred, []
        for process, wait, value in deferred:
            self.at(0.0, self.resume, process, wait, value)

    def _bury(self, process: Process) -> None:
        if process and not process.dead:
            process.throw(GreenletExit)

    def _me(self) -> Process:
        process = getcurrent()
        assert isinstance(process, Process), "only processes wait"
        if process.serial not in process.node.processes:
            raise GreenletExit
        return process

    def _switch(self, process: Process) -> Any:
        value = self._hub.switch()
        if process.serial not in process.node.processes:
            raise GreenletExit
        return value
