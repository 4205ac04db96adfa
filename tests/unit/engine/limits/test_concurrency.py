"""`concurrency` and `rate_limit`, as moved code uses them."""

import asyncio
import threading
import time

import pytest

from benchmarks.limits import most_at_once
from turnout import flow, task
from turnout.concurrency import asyncio as awaited
from turnout.concurrency.sync import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    concurrency,
    rate_limit,
)
from turnout.core.errors import ParameterError
from turnout.engine.limits import declared
from turnout.engine.limits.declared import Bound, declare
from turnout.testing import Harness


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_declared", {})
    declare("two", Bound(2, None, False, "here"))
    declare("one", Bound(1, None, False, "here"))
    declare("quick", Bound(None, 0.01, False, "here"))


def test_in_tasks_no_more_than_the_limit_are_inside(records: Harness) -> None:
    spans: list[tuple[float, float]] = []

    @task
    def call() -> None:
        with concurrency("two", occupy=1):
            began = time.monotonic()
            time.sleep(0.01)
            spans.append((began, time.monotonic()))

    @flow
    def calls() -> None:
        for future in [call.submit() for _ in range(12)]:
            future.result()

    calls()
    assert len(spans) == 12
    assert most_at_once(spans) == 2


def test_outside_of_flows_threads_share_it() -> None:
    spans: list[tuple[float, float]] = []

    def call() -> None:
        with concurrency(["two", "one"]):
            began = time.monotonic()
            time.sleep(0.005)
            spans.append((began, time.monotonic()))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spans) == 6
    assert most_at_once(spans) == 1


def test_async_code_awaits_it(records: Harness) -> None:
    inside = most = 0

    async def call() -> None:
        nonlocal inside, most
        async with awaited.concurrency("two"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1
        await awaited.rate_limit("quick")

    @flow
    async def calls() -> None:
        await asyncio.gather(*(call() for _ in range(8)))

    asyncio.run(calls())
    assert most == 2


def test_who_waits_too_long_is_told() -> None:
    with concurrency("one"):
        with (
            pytest.raises(AcquireConcurrencySlotTimeoutError, match=r"1 of 1 held"),
            concurrency("one", timeout_seconds=0.01),
        ):
            pass
        with pytest.raises(TimeoutError), concurrency("one", max_retries=0):
            pass
    with concurrency("one", timeout_seconds=0.01):
        pass


def test_a_timed_out_wish_keeps_nothing() -> None:
    with (
        concurrency("two", occupy=2),
        pytest.raises(AcquireConcurrencySlotTimeoutError),
        concurrency(["one", "two"], timeout_seconds=0.01),
    ):
        pass
    with concurrency(["one", "two"], occupy=2, timeout_seconds=5):
        pass


def test_an_error_inside_gives_the_place_back() -> None:
    with pytest.raises(ValueError, match="inside"), concurrency("one"):
        raise ValueError("inside")
    with concurrency("one", timeout_seconds=5):
        pass


def test_a_limit_that_nobody_declared_limits_nothing_and_says_so(records: Harness) -> None:
    @flow
    def calls() -> int:
        with concurrency("nobody"), concurrency("nobody"):
            rate_limit("nobody")
            return 1

    assert calls() == 1
    assert any("there is no limit 'nobody', so nothing is limited" in message for message in records.run.messages)


def test_strict_refuses_what_nobody_declared() -> None:
    with pytest.raises(ConcurrencySlotAcquisitionError, match="there is no limit 'nobody'"):  # noqa: SIM117
        with concurrency("nobody", strict=True):
            pass
    with pytest.raises(ConcurrencySlotAcquisitionError):
        rate_limit("nobody", strict=True)


def test_a_rate_is_waited_for_and_needs_one() -> None:
    began = time.monotonic()
    for _ in range(5):
        rate_limit("quick")
    rate_limit("quick", occupy=5)
    rate_limit("quick")
    assert time.monotonic() - began >= 10 * 0.01 - 0.001
    with pytest.raises(ConcurrencySlotAcquisitionError, match="limit 'one' has no rate"):
        rate_limit("one")


@pytest.mark.parametrize("occupy", [0, -1, 1.5, True])
def test_a_weight_is_a_whole_number_from_one(occupy: int) -> None:
    with pytest.raises(ParameterError, match="occupy is"), concurrency("one", occupy=occupy):
        pass


def test_no_names_limit_nothing() -> None:
    with concurrency([]):
        rate_limit([])
