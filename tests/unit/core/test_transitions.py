"""Every state with every event: the table is published, so it is tested whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from turnout.core import events as ev
from turnout.core.records import Policy, RunFacts
from turnout.core.states import FINAL, RunState
from turnout.core.transitions import (
    LEGAL_STEPS,
    RESUME,
    RETRY,
    TABLE,
    crash_delay,
    decide,
    legal_step,
)

S = RunState
NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
PLAIN = RunFacts(state=S.SCHEDULED, attempt=1, due=NOW, failures=0, crashes=0, policy=Policy(), reason="as asked")

EVENTS: dict[type, ev.RunEvent] = {
    ev.Claimed: ev.Claimed(worker="w"),
    ev.Released: ev.Released(reason="never started"),
    ev.Started: ev.Started(),
    ev.Paused: ev.Paused(),
    ev.Suspended: ev.Suspended(),
    ev.Resumed: ev.Resumed(due=LATER, reason="answered"),
    ev.Completed: ev.Completed(),
    ev.Failed: ev.Failed(reason="ValueError: no"),
    ev.Lost: ev.Lost(reason="killed by signal 9"),
    ev.CancelRequested: ev.CancelRequested(reason="not today"),
    ev.Cancelled: ev.Cancelled(),
    ev.Skipped: ev.Skipped(reason="limit"),
    ev.AttemptOpened: ev.AttemptOpened(due=LATER),
}
LEGAL: dict[tuple[type, RunState], RunState] = {
    (ev.Claimed, S.SCHEDULED): S.PENDING,
    (ev.Released, S.PENDING): S.SCHEDULED,
    (ev.Started, S.PENDING): S.RUNNING,
    (ev.Paused, S.RUNNING): S.PAUSED,
    (ev.Suspended, S.RUNNING): S.PAUSED,
    (ev.Resumed, S.PAUSED): S.RUNNING,
    (ev.Completed, S.PAUSED): S.COMPLETED,
    (ev.Failed, S.PAUSED): S.FAILED,
    (ev.Completed, S.PENDING): S.COMPLETED,
    (ev.Completed, S.RUNNING): S.COMPLETED,
    (ev.Completed, S.CANCELLING): S.COMPLETED,
    (ev.Failed, S.PENDING): S.FAILED,
    (ev.Failed, S.RUNNING): S.FAILED,
    (ev.Failed, S.CANCELLING): S.FAILED,
    (ev.Lost, S.PENDING): S.CRASHED,
    (ev.Lost, S.RUNNING): S.CRASHED,
    (ev.Lost, S.PAUSED): S.CRASHED,
    (ev.Lost, S.CANCELLING): S.CANCELLED,
    (ev.CancelRequested, S.SCHEDULED): S.CANCELLED,
    (ev.CancelRequested, S.PENDING): S.CANCELLING,
    (ev.CancelRequested, S.RUNNING): S.CANCELLING,
    (ev.CancelRequested, S.PAUSED): S.CANCELLING,
    (ev.Cancelled, S.SCHEDULED): S.CANCELLED,
    (ev.Cancelled, S.PENDING): S.CANCELLED,
    (ev.Cancelled, S.RUNNING): S.CANCELLED,
    (ev.Cancelled, S.PAUSED): S.CANCELLED,
    (ev.Cancelled, S.CANCELLING): S.CANCELLED,
    (ev.Skipped, S.SCHEDULED): S.SKIPPED,
    **{(ev.AttemptOpened, state): S.SCHEDULED for state in FINAL},
}


def accepted(run: RunFacts, event: ev.RunEvent) -> ev.Accept:
    decision = decide(run, event, NOW)
    assert isinstance(decision, ev.Accept)
    return decision


def test_every_event_is_covered_here_and_in_the_table() -> None:
    assert set(EVENTS) == set(get_args(ev.RunEvent)) == set(TABLE)


@pytest.mark.parametrize("state", list(RunState))
@pytest.mark.parametrize("kind", list(EVENTS), ids=lambda kind: kind.__name__)
def test_each_state_with_each_event(kind: type, state: RunState) -> None:
    decision = decide(replace(PLAIN, state=state), EVENTS[kind], NOW)
    expected = LEGAL.get((kind, state))
    if expected is None:
        assert isinstance(decision, ev.Reject)
        assert state.value in decision.reason
        assert kind.__name__ in decision.reason
    else:
        assert isinstance(decision, ev.Accept)
        assert decision.state == expected


@pytest.mark.parametrize("state", sorted(FINAL))
def test_only_a_new_attempt_leaves_a_final_state(state: RunState) -> None:
    leaving = {kind for kind in EVENTS if isinstance(decide(replace(PLAIN, state=state), EVENTS[kind], NOW), ev.Accept)}
    assert leaving == {ev.AttemptOpened}
    assert accepted(replace(PLAIN, state=state), EVENTS[ev.AttemptOpened]).new_attempt


def test_only_attempt_opened_makes_a_new_attempt() -> None:
    for kind, state in LEGAL:
        decision = accepted(replace(PLAIN, state=state), EVENTS[kind])
        assert decision.new_attempt is (kind is ev.AttemptOpened)


def test_a_claim_waits_until_the_run_is_due() -> None:
    decision = decide(replace(PLAIN, due=LATER), EVENTS[ev.Claimed], NOW)
    assert decision == ev.Wait(until=LATER, reason="not due yet")
    assert isinstance(decide(replace(PLAIN, due=LATER), EVENTS[ev.Claimed], LATER), ev.Accept)


def test_deciding_is_pure() -> None:
    run = replace(PLAIN, state=S.RUNNING, policy=Policy(retries=1))
    assert decide(run, EVENTS[ev.Failed], NOW) == decide(run, EVENTS[ev.Failed], NOW)


class TestFailure:
    RUN = replace(PLAIN, state=S.RUNNING, policy=Policy(retries=2, retry_delay_seconds=300))

    @pytest.mark.parametrize(("failures", "retried"), [(0, True), (1, True), (2, False), (3, False)])
    def test_opens_an_attempt_while_the_policy_allows_it(self, failures: int, retried: bool) -> None:
        effects = accepted(replace(self.RUN, failures=failures), EVENTS[ev.Failed]).effects
        assert any(isinstance(effect, ev.OpenAttempt) for effect in effects) is retried

    def test_says_when_which_and_why(self) -> None:
        retry = accepted(replace(self.RUN, failures=1), EVENTS[ev.Failed]).effects[0]
        assert retry == ev.OpenAttempt(due=LATER, name=RETRY, reason="retry 2 of 2 after: ValueError: no")

    def test_of_a_run_that_is_being_cancelled_is_not_retried(self) -> None:
        effects = accepted(replace(self.RUN, state=S.CANCELLING), EVENTS[ev.Failed]).effects
        assert effects == (ev.WakeWorkers(),)

    def test_keeps_a_more_precise_name(self) -> None:
        assert accepted(self.RUN, ev.Failed(reason="60 s", name="TimedOut")).name == "TimedOut"
        assert accepted(self.RUN, ev.Failed(reason="60 s")).name == "Failed"


class TestLoss:
    RUN = replace(PLAIN, state=S.RUNNING, policy=Policy(on_crash="resume", crash_limit=2))

    def test_stops_by_default(self) -> None:
        decision = accepted(replace(self.RUN, policy=Policy()), EVENTS[ev.Lost])
        assert (decision.state, decision.reason) == (S.CRASHED, "killed by signal 9")
        assert decision.effects == (ev.WakeWorkers(),)

    @pytest.mark.parametrize(("crashes", "resumed"), [(0, True), (1, True), (2, False)])
    def test_resumes_up_to_the_crash_limit(self, crashes: int, resumed: bool) -> None:
        effects = accepted(replace(self.RUN, crashes=crashes), EVENTS[ev.Lost]).effects
        assert any(isinstance(effect, ev.OpenAttempt) and effect.name == RESUME for effect in effects) is resumed

    def test_of_a_run_that_is_being_cancelled_is_its_cancellation(self) -> None:
        decision = accepted(replace(self.RUN, state=S.CANCELLING), EVENTS[ev.Lost])
        assert (decision.state, decision.reason) == (S.CANCELLED, "as asked")
        assert not any(isinstance(effect, ev.OpenAttempt) for effect in decision.effects)

    def test_is_answered_at_once_and_then_ever_more_slowly_up_to_a_minute(self) -> None:
        assert [crash_delay(crashes).total_seconds() for crashes in (0, 1, 2, 3, 4, 5, 9, 20)] == [
            0,
            0,
            0,
            1,
            2,
            4,
            60,
            60,
        ]


class TestCancellation:
    def test_of_a_live_run_tells_its_executor(self) -> None:
        assert accepted(replace(PLAIN, state=S.RUNNING), EVENTS[ev.CancelRequested]).effects == (ev.StopExecutor(),)

    def test_of_a_waiting_run_frees_its_place(self) -> None:
        assert accepted(PLAIN, EVENTS[ev.CancelRequested]).effects == (ev.WakeWorkers(),)

    def test_keeps_the_reason_it_was_asked_for(self) -> None:
        assert accepted(replace(PLAIN, state=S.CANCELLING), ev.Cancelled()).reason == "as asked"
        assert accepted(replace(PLAIN, state=S.CANCELLING), ev.Cancelled(reason="done")).reason == "done"


def test_completion_wakes_dependents_and_workers() -> None:
    effects = accepted(replace(PLAIN, state=S.RUNNING), EVENTS[ev.Completed]).effects
    assert effects == (ev.WakeDependents(), ev.WakeWorkers())


def test_whatever_frees_a_place_wakes_workers() -> None:
    for (kind, state), after in LEGAL.items():
        if after in FINAL or (kind is ev.Released):
            assert ev.WakeWorkers() in accepted(replace(PLAIN, state=state), EVENTS[kind]).effects


@pytest.mark.parametrize("before", list(RunState))
def test_steps_of_tasks_never_leave_a_final_state_nor_stay(before: RunState) -> None:
    assert LEGAL_STEPS.keys() == set(RunState)
    assert not legal_step(before, before)
    if before in FINAL:
        assert not any(legal_step(before, after) for after in RunState)
    else:
        assert legal_step(before, S.CRASHED)


def test_a_suspended_run_goes_on_in_a_new_attempt() -> None:
    suspended = replace(PLAIN, state=S.PAUSED, suspended=True)
    resumed = accepted(suspended, EVENTS[ev.Resumed])
    assert (resumed.state, resumed.name, resumed.new_attempt) == (S.SCHEDULED, RESUME, True)
    assert not accepted(replace(suspended, suspended=False), EVENTS[ev.Resumed]).new_attempt


def test_a_suspended_run_is_cancelled_at_once() -> None:
    """Nobody executes it: nobody would confirm."""
    suspended = replace(PLAIN, state=S.PAUSED, suspended=True)
    assert accepted(suspended, EVENTS[ev.CancelRequested]).state == S.CANCELLED
