import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from tests.unit.orchestration.world import NOON, World
from turnout.core.ports import Store
from turnout.services.loop import Loop

WAIT = 10.0
"""Seconds until a test that waits for a signal gives up."""


class Duty:
    """A service that does what it is told and remembers when it was called."""

    def __init__(self, name: str = "duty", do: Callable[[], datetime | None] = lambda: None, pause: float = 60) -> None:
        self.name = name
        self.pause = timedelta(seconds=pause)
        self.calls: list[datetime] = []
        self._do = do

    def tick(self, store: Store, now: datetime) -> datetime | None:
        self.calls.append(now)
        return self._do()


@contextmanager
def running(world: World, *duties: Duty) -> Iterator[Loop]:
    loop = Loop(world.store, world.clock, duties)
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()


def test_calls_each_at_the_start_with_the_time(world: World) -> None:
    one, two = Duty("one"), Duty("two")
    with running(world, one, two) as loop:
        assert loop.wait_ticked("one", 1, WAIT)
        assert loop.wait_ticked("two", 1, WAIT)
    assert one.calls == two.calls == [NOON]


def test_calls_again_when_asked_for(world: World) -> None:
    duty = Duty(do=lambda: NOON)
    with running(world, duty) as loop:
        assert loop.wait_ticked("duty", 3, WAIT)


def test_never_sleeps_longer_than_the_pause(world: World) -> None:
    duty = Duty(do=lambda: NOON + timedelta(days=1), pause=0.01)
    with running(world, duty) as loop:
        assert loop.wait_ticked("duty", 3, WAIT)


def test_a_hint_wakes_the_one_it_names(world: World) -> None:
    named, other = Duty("named"), Duty("other")
    with running(world, named, other) as loop:
        assert loop.wait_ticked("named", 1, WAIT)
        assert loop.wait_ticked("other", 1, WAIT)
        for topic in ("run:named", "named", "service:nobody", "service:named"):
            loop.notify(topic)
        assert loop.wait_ticked("named", 2, WAIT)
        assert loop.ticked("other") == 1
    assert len(named.calls) == 2


def test_a_hint_during_a_call_is_not_lost(world: World) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        assert leave.wait(WAIT)

    with running(world, Duty(do=slow)) as loop:
        assert entered.wait(WAIT)
        loop.notify("service:duty")
        leave.set()
        assert loop.wait_ticked("duty", 2, WAIT)


def test_an_error_is_logged_and_stops_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    failures = iter([RuntimeError("no"), RuntimeError("still no")])

    def fail_twice() -> None:
        for error in failures:
            raise error

    duty, other = Duty(do=fail_twice), Duty("other", pause=0.01)
    with caplog.at_level(logging.ERROR), running(world, duty, other) as loop:
        assert loop.wait_ticked("duty", 3, WAIT)
        assert loop.wait_ticked("other", 3, WAIT)
    assert sum("service duty failed" in record.message for record in caplog.records) == 2


def test_stop_waits_for_the_call_under_way(world: World) -> None:
    entered, finished = threading.Event(), threading.Event()

    def slow() -> None:
        entered.set()
        finished.set()

    loop = Loop(world.store, world.clock, [Duty(do=slow)])
    loop.start()
    assert entered.wait(WAIT)
    loop.stop()
    assert finished.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "turnout-duty"]


def test_stopping_what_never_started_is_no_error(world: World) -> None:
    Loop(world.store, world.clock, [Duty()]).stop()
