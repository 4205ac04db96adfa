from typing import Any

import pytest

from turnout import flow, task
from turnout.core.errors import ConfigurationError
from turnout.engine.runs.retries import exponential_backoff, pause, resolve_delay
from turnout.testing import Harness


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (None, [0, 0, 0]),
        (2, [2, 2, 2]),
        ([1, 5], [1, 5, 5]),
        ([], [0, 0, 0]),
        (exponential_backoff(3), [3, 6, 12]),
        (lambda retries: [retries], [3, 3, 3]),
    ],
)
def test_delays(delay: Any, expected: list[float]) -> None:
    delays = resolve_delay(delay, 3)
    assert [pause(delays, retry, None) for retry in (1, 2, 3)] == expected


def test_jitter_adds_up_to_its_share() -> None:
    pauses = [pause(10.0, 1, 0.5) for _ in range(200)]
    assert all(10 <= seconds <= 15 for seconds in pauses)
    assert len(set(pauses)) > 100


def test_a_negative_delay_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        resolve_delay([1, -1], 2)


def test_retries_are_recorded_and_logged(records: Harness) -> None:
    tries: list[int] = []

    @task(retries=2, retry_delay_seconds=[0.001, 0.002])
    def flaky() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError("down")
        return "up"

    @flow
    def main() -> str:
        return flaky()

    assert main() == "up"
    task_run = records.run.task("flaky")
    assert [state for state, _ in task_run.states] == [
        "running", "scheduled", "running", "scheduled", "running", "completed",
    ]  # fmt: skip
    assert task_run.tries == 3
    assert records.run.messages[0] == "Task 'flaky' failed: ConnectionError: down; retry 1 of 2 in 0.001 s"


def test_the_last_failure_is_the_tasks(records: Harness) -> None:
    @task(retries=1)
    def always() -> None:
        raise ValueError("no")

    @flow
    def main() -> None:
        always.submit().result()

    with pytest.raises(ValueError, match="no"):
        main()
    assert records.run.task("always").states[-1] == ("failed", "Failed")


@pytest.mark.parametrize("is_async", [False, True])
def test_a_condition_decides(records: Harness, is_async: bool) -> None:
    def wanted(task: Any, run: Any, state: Any) -> bool:
        assert run.task_name == task.name
        return isinstance(state.error, ConnectionError)

    async def wanted_async(task: Any, run: Any, state: Any) -> bool:
        return wanted(task, run, state)

    tries: list[str] = []

    @task(retries=3, retry_condition_fn=wanted_async if is_async else wanted)
    def work() -> None:
        tries.append("x")
        raise ConnectionError if len(tries) == 1 else ValueError("final")

    @flow
    def main() -> None:
        work()

    with pytest.raises(ValueError, match="final"):
        main()
    assert len(tries) == 2


def test_a_broken_condition_means_no_retry(records: Harness) -> None:
    @task(retries=3, retry_condition_fn=lambda *_: 1 / 0)
    def work() -> None:
        raise ValueError("original")

    @flow
    def main() -> None:
        work()

    with pytest.raises(ValueError, match="original"):
        main()
    assert "ZeroDivisionError" in records.run.messages[0]
