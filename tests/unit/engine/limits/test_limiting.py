"""Tasks with a limit in one process: never more than it allows, in order, recorded, and no thread held meanwhile."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from benchmarks.limits import most_at_once
from turnout import flow, task
from turnout.core.errors import ConfigurationError, LimitUnavailable, TaskTimeout
from turnout.engine.limits import declared
from turnout.task_runners import ThreadPoolTaskRunner
from turnout.testing import Harness


@pytest.fixture(autouse=True)
def _nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_declared", {})


class Spans:
    """When calls began and ended."""

    def __init__(self) -> None:
        self.all: list[tuple[float, float]] = []

    def __enter__(self) -> None:
        self._local = getattr(self, "_local", threading.local())
        self._local.began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.all.append((self._local.began, time.monotonic()))


@pytest.fixture
def spans() -> Spans:
    return Spans()


def worker(spans: Spans, **options: object) -> Callable[..., object]:
    def call(number: int = 0) -> int:
        with spans:
            time.sleep(0.01)
        return number

    return task(**options)(call)  # type: ignore[no-any-return, call-overload]


def test_never_more_than_the_limit_run_at_once(records: Harness, spans: Spans) -> None:
    call = worker(spans, limit=3, per="api")

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=8))
    def calls() -> list[int]:
        return call.map(range(30)).result()  # type: ignore[attr-defined, no-any-return]

    assert calls() == list(range(30))
    assert len(spans.all) == 30
    assert most_at_once(spans.all) == 3


def test_tasks_of_one_name_share_it_and_weights_count(records: Harness) -> None:
    held, most, lock = 0, [0], threading.Lock()

    def body(weight: int) -> Callable[[], None]:
        def run() -> None:
            nonlocal held
            with lock:
                held += weight
                most[0] = max(most[0], held)
            time.sleep(0.01)
            with lock:
                held -= weight

        return run

    light = task(per="api", limit=4)(body(1))
    heavy = task(per="api", occupy=3)(body(3))

    @flow
    def calls() -> None:
        for future in [each.submit() for _ in range(6) for each in (light, heavy)]:
            future.result()

    calls()
    assert most == [4]


def test_places_are_given_in_order(records: Harness) -> None:
    order: list[int] = []

    @task(limit=1)
    def call(number: int) -> None:
        order.append(number)

    @flow
    def calls() -> None:
        call.map(range(50)).result()

    calls()
    assert order == list(range(50))


def test_who_waits_holds_no_thread_of_the_pool(records: Harness) -> None:
    go = threading.Event()

    @task(limit=1)
    def limited() -> None:
        assert go.wait(10)

    @task
    def free() -> None:
        go.set()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
    def calls() -> None:
        waiting = [limited.submit() for _ in range(10)]
        free.submit().result(timeout=10)
        for future in waiting:
            future.result()

    calls()


def test_the_wait_is_recorded_with_its_reason(records: Harness) -> None:
    go = threading.Event()

    @task(limit=1, per="van-api")
    def call(first: bool) -> None:
        if first:
            assert go.wait(10)

    @flow
    def calls() -> None:
        futures = [call.submit(True), call.submit(False)]
        go.set()
        for future in futures:
            future.result()

    calls()
    first, second = records.run.tasks
    assert [state for state, _ in first.states] == ["pending", "running", "completed"]
    assert second.states == [
        ("pending", "Pending"),
        ("scheduled", "AwaitingConcurrencySlot"),
        ("running", "Running"),
        ("completed", "Completed"),
    ]
    reasons = [(entry[4] or {}).get("reason") for entry in records.run.entries if entry[0] == "s"]
    assert "waits for limit van-api (1 of 1 held)" in reasons


def test_the_wait_is_no_part_of_the_timeout(records: Harness) -> None:
    @task(limit=1, timeout_seconds=0.2)
    def call() -> int:
        time.sleep(0.12)
        return 1

    @flow
    def calls() -> list[int]:
        return [future.result() for future in [call.submit() for _ in range(3)]]

    assert calls() == [1, 1, 1]


def test_a_timed_out_try_gives_its_place_back(records: Harness) -> None:
    @task(limit=1, timeout_seconds=0.05)
    def call(seconds: float) -> int:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass
        return 1

    @flow
    def calls() -> int:
        with pytest.raises(TaskTimeout):
            call(5)
        return call(0)

    assert calls() == 1


def test_a_retry_lets_others_in_while_it_waits(records: Harness) -> None:
    order: list[str] = []

    @task(limit=1, per="api", retries=1, retry_delay_seconds=0.05)
    def fails_once() -> None:
        order.append("first")
        if order.count("first") == 1:
            raise ValueError

    @task(per="api")
    def other() -> None:
        order.append("other")

    @flow
    def calls() -> None:
        futures = [fails_once.submit(), other.submit()]
        for future in futures:
            future.result()

    calls()
    assert order == ["first", "other", "first"]


def test_async_tasks_wait_without_blocking_their_loop(records: Harness) -> None:
    now, most = 0, 0

    @task(limit=2)
    async def call() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    @flow
    async def calls() -> None:
        await asyncio.gather(*(call() for _ in range(8)))

    asyncio.run(calls())
    assert most == 2


def test_a_flow_that_fails_cancels_who_waits(records: Harness) -> None:
    began, release = threading.Event(), threading.Event()

    @task(limit=1)
    def call() -> None:
        began.set()
        assert release.wait(10)

    @flow
    def calls() -> None:
        for _ in range(5):
            call.submit()
        assert began.wait(10)
        threading.Timer(0.05, release.set).start()
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        calls()
    states = [each.state for each in records.run.tasks]
    assert states.count("cancelled") == 4
    assert states.count("completed") == 1


def test_who_is_called_by_a_holder_runs_in_its_place(records: Harness) -> None:
    @task(limit=1, per="api")
    def outer(how: str) -> int:
        return inner() if how == "call" else inner.submit().result()  # type: ignore[no-any-return]

    @task(per="api")
    def inner() -> int:
        return 5

    @flow
    def calls(how: str) -> int:
        return outer(how)

    assert calls("call") == 5
    with pytest.raises(ConfigurationError, match="could wait for each other for ever"):
        calls("submit")


def test_a_rate_is_kept_evenly(records: Harness) -> None:
    starts: list[float] = []

    @task(rate="50/s")
    def call() -> None:
        starts.append(time.monotonic())

    @flow
    def calls() -> None:
        for future in [call.submit() for _ in range(10)]:
            future.result()

    began = time.monotonic()
    calls()
    assert max(starts) - began >= 9 * 0.02 - 0.01  # not since the first start, which may be seen late


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limit": 0}, "limit is 0"),
        ({"limit": -3}, "limit is -3"),
        ({"limit": True}, "limit is True"),
        ({"limit": 1.5}, "limit is 1.5"),
        ({"rate": "10/fortnight"}, "'10/fortnight' is no rate"),
        ({"rate": 10}, "'10' is no rate"),
        ({"per": ""}, "per is ''"),
        ({"per": 3}, "per is 3"),
        ({"limit": 2, "occupy": 3}, "occupy=3 is more than limit=2"),
        ({"limit": 2, "occupy": 0}, "occupy is 0"),
        ({"adaptive": True}, "adaptive without a limit has no effect"),
        ({"occupy": 2}, "occupy without a limit has no effect"),
    ],
)
def test_what_cannot_be_is_refused_at_the_decorator(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        task(**options)(lambda: None)  # type: ignore[call-overload]
    assert said in caught.value.what
    assert "test_limiting.py" in (caught.value.where or "")


def test_contradictions_name_both_places() -> None:
    task(limit=3, per="api")(lambda: None)
    with pytest.raises(ConfigurationError, match=r"declared twice: limit=4 here, limit=3 at .*test_limiting.py:\d+"):
        task(limit=4, per="api")(lambda: None)
    task(rate="5/s", per="api")(lambda: None)
    assert str(declared._declared["api"]) == "limit=3, rate='5/s'"


def test_a_limit_that_nobody_declared_fails_the_task(records: Harness) -> None:
    @task(per="nobody")
    def call() -> None: ...

    @flow
    def calls() -> None:
        with pytest.raises(LimitUnavailable, match="there is no limit 'nobody'"):
            call()
        call.submit().wait()

    with pytest.raises(Exception, match="nobody"):
        calls()
    assert [each.state for each in records.run.tasks] == ["failed", "failed"]


def test_a_cancelled_direct_call_leaves_the_line(records: Harness) -> None:
    holding, release = threading.Event(), threading.Event()

    @task(limit=1, per="api")
    def hold() -> None:
        holding.set()
        assert release.wait(10)

    @task(per="api")
    def call() -> int:
        return 7

    @flow(timeout_seconds=0.3)
    def late() -> int:
        return call()

    @flow
    def calls() -> int:
        first = hold.submit()
        assert holding.wait(10)
        with pytest.raises(TimeoutError):
            late()
        release.set()
        first.result()
        return call()

    assert calls() == 7


def test_releasing_twice_does_nothing() -> None:
    from turnout.engine.limits.gates import Gate

    gate = Gate("api", 1)
    first, second, third = (gate.ask() for _ in range(3))
    first.release()
    first.release()
    assert second.granted
    assert not third.granted
