"""The fake clock."""

import asyncio
import itertools
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from turnout import flow, task
from turnout.engine import clock as engine_clock
from turnout.testing import FakeClock, harness


def failing(times: int, delay: float):
    tries = []

    @task(retries=times, retry_delay_seconds=delay)
    def unreliable() -> int:
        tries.append(engine_clock.now())
        if len(tries) <= times:
            raise ValueError("not yet")
        return len(tries)

    return unreliable, tries


def test_retries_an_hour_apart_are_over_at_once():
    unreliable, tries = failing(2, 3600)
    with harness(clock=FakeClock()) as records:
        assert flow(lambda: unreliable(), name="hourly")() == 3
    assert records.clock.waits == [3600, 3600]
    assert [round((b - a) / 3600) for a, b in itertools.pairwise(tries)] == [1, 1]


def test_submitted_and_async_tasks_jump_too():
    tries = []

    @task(retries=1, retry_delay_seconds=600)
    async def later() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "there"

    @flow
    async def waiting() -> str:
        return await later()

    unreliable, _ = failing(1, 900)

    @flow
    def submitting() -> int:
        return unreliable.submit().result()

    with harness(clock=FakeClock()) as records:
        assert asyncio.run(waiting()) == "there"
        assert submitting() == 2
    assert sorted(records.clock.waits) == [600, 900]


def test_the_record_carries_its_times():
    start = datetime(2030, 1, 1, 12, tzinfo=UTC)
    unreliable, _ = failing(1, 3600)
    with harness(clock=FakeClock(start)) as records:
        flow(lambda: unreliable(), name="new-year")()
    began, *_, ended = [entry[3] for entry in records.run.entries if entry[0] == "s" and entry[1] == 0]
    assert datetime.fromtimestamp(began, UTC) - start < timedelta(minutes=1)
    assert timedelta(hours=1) <= datetime.fromtimestamp(ended, UTC) - start < timedelta(hours=1, minutes=1)


def test_afterwards_the_engine_has_its_own_clock_again():
    with FakeClock(datetime(2030, 1, 1, tzinfo=UTC)).installed() as clock:
        clock.advance(60)
        assert engine_clock.now() - time.time() > 86400
    from turnout.engine.runs import drivers

    assert drivers.skip is None
    for name, module in list(sys.modules.items()):
        if name.startswith("turnout.engine.") and callable(getattr(module, "now", None)):
            assert abs(module.now() - time.time()) < 5, name


def test_one_inside_another():
    with FakeClock().installed() as outer:
        with FakeClock().installed() as inner:
            inner.advance(7200)
            assert engine_clock.now() - time.time() > 7000
        assert engine_clock.now() - time.time() < 5
        outer.advance(3600)
        assert engine_clock.now() - time.time() > 3500


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: FakeClock(datetime(2030, 1, 1)), "time zone"),
        (lambda: FakeClock().advance(-1), "does not go back"),
    ],
)
def test_what_a_clock_cannot_do(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
