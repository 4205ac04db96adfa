"""The harness, and what can be said of the runs that it recorded."""

import os

import pytest

from turnout import Variable, flow, get_run_logger, secret, task
from turnout.testing import harness


@task
def double(number: int) -> int:
    return 2 * number


@task
def broken() -> None:
    raise ValueError("no such district")


@flow
def doubling(numbers: list[int]) -> list[int]:
    get_run_logger().info("doubling %d numbers", len(numbers))
    return double.map(numbers).result()


@flow
def half_broken() -> None:
    double(1)
    broken()


def test_variables_and_secrets_are_the_tests_own(monkeypatch):
    monkeypatch.setenv("VAN_API_KEY", "the real one")

    @flow
    def reading() -> tuple[int, str]:
        get_run_logger().info("key %s", secret("van").api_key)
        return Variable.get("batch"), secret("van").api_key

    with harness(variables={"batch": 5}, secrets={"van": {"api_key": "not-a-key"}}) as records:
        assert reading() == (5, "not-a-key")
        assert records.run.messages == ["key ********"]
        records.set_variable("batch", 6)
        records.set_secret("van", api_key="another")
        assert reading() == (6, "another")
    assert os.environ["VAN_API_KEY"] == "the real one"


def test_secrets_leave_nothing_behind(monkeypatch):
    monkeypatch.delenv("VAN_API_KEY", raising=False)
    with harness(secrets={"van": {"api_key": "x"}}):
        assert os.environ["VAN_API_KEY"] == "x"
    assert "VAN_API_KEY" not in os.environ


def test_assertions_on_tasks():
    with harness() as records:
        doubling([1, 2, 3])
    run = records.run
    run.assert_state("completed")
    run.assert_state("completed", "double")
    run.assert_ran("double", times=3)
    run.assert_ran("broken", times=0)
    assert [task.result for task in run.named("double")] == [2, 4, 6]


def test_assertions_that_do_not_hold_show_the_run():
    with harness() as records, pytest.raises(ValueError, match="no such district"):
        half_broken()
    run = records.run
    with pytest.raises(AssertionError) as shown:
        run.assert_state("completed")
    assert "flow 'half-broken'" in str(shown.value)
    assert "task broken: Running > Failed (ValueError: no such district)" in str(shown.value)
    for fails in (
        lambda: run.assert_state("completed", "broken"),
        lambda: run.assert_state("completed", "absent"),
        lambda: run.assert_ran("double", times=2),
    ):
        with pytest.raises(AssertionError):
            fails()


def test_a_long_log_is_shown_from_its_end():
    @flow
    def talking() -> None:
        for number in range(100):
            get_run_logger().info("line %d", number)

    with harness() as records:
        talking()
    text = records.run.describe()
    assert "the last 30 of 100 lines" in text
    assert "line 99" in text
    assert "line 69\n" not in text
