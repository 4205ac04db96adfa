"""Runs services: each in a thread of its own, woken when it asked to be, when a hint names it, or at its longest pause.

Nothing else in the control plane waits. An error is logged and the service is called again after a pause that doubles
up to BACKOFF_MAXIMUM: it never stops the others, nor itself.
"""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from turnout.core.ports import Clock, Store

logger = logging.getLogger("turnout.services")

PAUSE_MINIMUM = 0.01
"""A service that is always due leaves this many seconds to others."""
BACKOFF_FIRST, BACKOFF_MAXIMUM = 0.5, 30.0
"""Seconds before a failed service is called again."""
TOPIC = "service:"


class Service(Protocol):
    """A duty. `pause` is the longest time between two calls."""

    name: str
    pause: timedelta

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Do what is due by `now`; when to be called again, None for after `pause`."""
        ...


class Loop:
    """Services and their threads, between `start` and `stop`. It is also the `Hints` of topics `service:<name>`."""

    def __init__(self, store: Store, clock: Clock, services: Iterable[Service]) -> None:
        self._runners = {service.name: _Runner(store, clock, service) for service in services}

    def start(self) -> None:
        """Call every service at once, then as it asks."""
        for runner in self._runners.values():
            runner.start()

    def stop(self) -> None:
        """Let each service finish its call, and wait for it."""
        for runner in self._runners.values():
            runner.ask_to_stop()
        for runner in self._runners.values():
            runner.join()

    def notify(self, topic: str) -> None:
        """Have the named service called now; other topics are not for us."""
        runner = self._runners.get(topic.removeprefix(TOPIC)) if topic.startswith(TOPIC) else None
        if runner is not None:
            runner.wake()

    def ticked(self, name: str) -> int:
        """How many calls of a service have ended."""
        return self._runners[name].ticked

    def wait_ticked(self, name: str, count: int, timeout: float = 10.0) -> bool:
        """Wait until `count` calls of a service have ended; False if `timeout` seconds passed first. For tests."""
        return self._runners[name].wait_ticked(count, timeout)


class _Runner:
    """One service and its thread."""

    def __init__(self, store: Store, clock: Clock, service: Service) -> None:
        self._store = store
        self._clock = clock
        self._service = service
        self._changed = threading.Condition()
        self._woken = self._stopping = False
        self._failures = 0
        self._thread = threading.Thread(target=self._loop, name=f"turnout-{service.name}", daemon=True)
        self.ticked = 0

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def wait_ticked(self, count: int, timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.ticked >= count, timeout)

    def _loop(self) -> None:
        while not self._stopping:
            pause = self._tick()
            with self._changed:
                self.ticked += 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._woken or self._stopping, pause)
                self._woken = False

    def _tick(self) -> float:
        """Call the service; the seconds until it wants to be called again."""
        try:
            due = self._service.tick(self._store, self._clock.now())
        except Exception:
            logger.exception("service %s failed; it is called again", self._service.name)
            self._failures += 1
            return min(BACKOFF_FIRST * 2.0 ** (self._failures - 1), BACKOFF_MAXIMUM)
        self._failures = 0
        longest = self._service.pause.total_seconds()
        wanted = longest if due is None else (due - self._clock.now()).total_seconds()
        return min(max(wanted, PAUSE_MINIMUM), longest)
