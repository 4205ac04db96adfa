"""States by name, taken together, and made out of what code returned or raised."""

import asyncio
import copy
import datetime as dt
import pickle
from typing import Any

import pytest

from turnout import flow, states, task
from turnout.core.errors import FlowRunFailed, ParameterError, ResultUnavailable, RunCancelled, RunCrashed
from turnout.states import Completed, Failed, Pending, State, StateGroup
from turnout.testing import Harness

WHEN = dt.datetime(2026, 11, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("make", "kind", "name", "final"),
    [
        ("Scheduled", "scheduled", "Scheduled", False),
        ("Completed", "completed", "Completed", True),
        ("Running", "running", "Running", False),
        ("Failed", "failed", "Failed", True),
        ("Crashed", "crashed", "Crashed", True),
        ("Cancelling", "cancelling", "Cancelling", False),
        ("Cancelled", "cancelled", "Cancelled", True),
        ("Pending", "pending", "Pending", False),
        ("Paused", "paused", "Paused", False),
        ("Suspended", "paused", "Suspended", False),
        ("AwaitingRetry", "scheduled", "AwaitingRetry", False),
        ("AwaitingConcurrencySlot", "scheduled", "AwaitingConcurrencySlot", False),
        ("Submitting", "pending", "Submitting", False),
        ("InfrastructurePending", "pending", "InfrastructurePending", False),
        ("Retrying", "running", "Retrying", False),
        ("Late", "scheduled", "Late", False),
    ],
)
def test_each_kind(make: str, kind: str, name: str, final: bool) -> None:
    state = getattr(states, make)(message="why", timestamp=1.5)
    assert (state.type, state.name, state.message, state.timestamp) == (kind, name, "why", 1.5)
    assert (state.is_final(), getattr(state, f"is_{kind}")()) == (final, True)
    assert getattr(states, make)(name="Mine").name == "Mine"
    assert copy.copy(state).message == pickle.loads(pickle.dumps(state)).message == "why"


def test_what_else_is_known() -> None:
    assert states.Scheduled(scheduled_time=WHEN).state_details == {"scheduled_time": WHEN}
    assert states.AwaitingRetry().state_details["scheduled_time"].tzinfo is dt.UTC
    paused = states.Paused(pause_expiration_time=WHEN, pause_key="k", state_details={"more": 1})
    assert paused.state_details == {"pause_timeout": WHEN, "pause_reschedule": False, "pause_key": "k", "more": 1}
    assert states.Suspended(timeout_seconds=3).state_details["pause_reschedule"] is True
    assert Completed().state_details == {}
    with pytest.raises(ParameterError, match="both"):
        states.Paused(timeout_seconds=3, pause_expiration_time=WHEN)
    with pytest.raises(ParameterError, match="no 'mesage'"):
        Failed(mesage="typo")
    with pytest.raises(AttributeError, match="no attribute 'nam'"):
        _ = Completed().nam


def test_results() -> None:
    error = ValueError("x")
    assert Completed(data=3).result() == asyncio.run(Completed(data=3).aresult()) == 3
    assert Failed(data=error).result(raise_on_failure=False) is error
    for state, kind in (
        (Failed(message="no"), FlowRunFailed),
        (states.Crashed(), RunCrashed),
        (states.Cancelled(), RunCancelled),
        (Pending(), ResultUnavailable),
    ):
        with pytest.raises(kind):
            state.result()


def test_exceptions_of_states() -> None:
    failed = Failed(data=ValueError("x"))
    assert type(states.get_state_exception(failed)) is ValueError
    with pytest.raises(ValueError, match="expected a state that failed"):
        states.get_state_exception(Completed())
    assert states.raise_state_exception(Completed()) is None
    with pytest.raises(ValueError, match="x"):
        states.raise_state_exception(failed)

    async def awaited() -> Any:
        with pytest.raises(ValueError, match="x"):
            await states.raise_state_exception(failed)
        return await states.get_state_exception(failed), await states.get_state_result(Completed(data=1))

    error, value = asyncio.run(awaited())
    assert (str(error), value) == ("x", 1)
    assert states.format_exception(ValueError("x")) == "ValueError: x\n"


def test_groups() -> None:
    group = StateGroup([Completed(), Failed(), states.Crashed(), states.Cancelled(), Pending(), states.Paused()])
    assert (group.total_count, group.fail_count, group.cancelled_count, group.not_final_count) == (6, 2, 1, 2)
    assert (group.any_failed(), group.any_cancelled(), group.any_paused()) == (True, True, True)
    assert (group.all_completed(), group.all_final()) == (False, False)
    assert group.counts_message() == "2/6 states are not final. 2/6 states failed. 1/6 states cancelled."
    assert StateGroup([Completed(), Completed()]).all_completed()


def test_states_of_what_was_returned_or_raised(records: Harness) -> None:
    async def made() -> Any:
        crashed = await states.exception_to_crashed_state(KeyboardInterrupt())
        failed = await states.exception_to_failed_state(ValueError("x"), message="Task failed:")
        return crashed.message, failed.message, type(failed.data), await states.return_value_to_state([Failed()])

    crashed, failed, kind, judged = asyncio.run(made())
    assert (crashed, failed, kind) == (
        "Execution was aborted: KeyboardInterrupt",
        "Task failed: ValueError: x",
        ValueError,
    )
    assert (judged.type, judged.message) == ("failed", "1/1 states failed.")
    for value, expected in ((3, "completed"), (Completed(data=1), "completed"), ([], "completed")):
        assert asyncio.run(states.return_value_to_state(value)).type == expected
    assert states.is_state_iterable([Failed()])
    assert not states.is_state_iterable([Failed(), 3])

    @task
    def step(x: int) -> int:
        return x

    @flow
    def main() -> Any:
        return asyncio.run(states.return_value_to_state([step.submit(1).wait(), step.submit(2).wait()]))

    assert main(return_state=True).message == "All states completed."


def test_states_are_told_apart_by_their_type() -> None:
    assert isinstance(Completed(), State)
    assert Completed().type == states.StateType.COMPLETED
