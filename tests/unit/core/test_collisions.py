from dataclasses import replace

import pytest

from tests.runs import a_run
from turnout.core import events as ev
from turnout.core.collisions import admit
from turnout.core.records import FlowRun, OnCollision
from turnout.core.snapshot import Concurrency
from turnout.core.states import RunState

NEW = a_run("new")
LIVE = [a_run("live-1", RunState.RUNNING), a_run("live-2", RunState.PENDING)]
QUEUED = [a_run("queued-1"), a_run("queued-2")]


def admitted(strategy: OnCollision, limit: int, live: list[FlowRun], queued: list[FlowRun]) -> list[tuple[str, type]]:
    followups = admit(NEW, Concurrency(limit=limit, on_collision=strategy), live, queued)
    return [(run.name, type(event)) for run, event in followups]


def test_without_a_limit_nothing_happens() -> None:
    assert list(admit(NEW, None, LIVE, QUEUED)) == []


@pytest.mark.parametrize("limit", [1, 5])
def test_queue_lets_everything_wait(limit: int) -> None:
    assert admitted("queue", limit, LIVE, QUEUED) == []


class TestSkip:
    @pytest.mark.parametrize(("limit", "skipped"), [(1, True), (2, True), (3, True), (4, True), (5, False)])
    def test_counts_live_and_waiting_runs(self, limit: int, skipped: bool) -> None:
        expected = [("new", ev.Skipped)] if skipped else []
        assert admitted("skip", limit, LIVE, QUEUED) == expected

    def test_counts_a_run_that_is_still_stopping(self) -> None:
        stopping = [replace(LIVE[0], state=RunState.CANCELLING)]
        assert admitted("skip", 1, stopping, []) == [("new", ev.Skipped)]

    def test_says_who_held_the_limit(self) -> None:
        [(_, event)] = admit(NEW, Concurrency(limit=1, on_collision="skip"), LIVE, [])
        assert isinstance(event, ev.Skipped)
        assert "live-1" in event.reason


class TestReplace:
    def test_stops_the_live_and_skips_the_waiting(self) -> None:
        assert admitted("replace", 1, LIVE, QUEUED) == [
            ("live-1", ev.CancelRequested),
            ("live-2", ev.CancelRequested),
            ("queued-1", ev.Skipped),
            ("queued-2", ev.Skipped),
        ]

    def test_takes_the_oldest_and_no_more_than_it_must(self) -> None:
        assert admitted("replace", 3, LIVE, QUEUED) == [("live-1", ev.CancelRequested), ("live-2", ev.CancelRequested)]
        assert admitted("replace", 5, LIVE, QUEUED) == []

    def test_asks_nobody_to_stop_twice(self) -> None:
        stopping = [replace(run, state=RunState.CANCELLING) for run in LIVE]
        assert admitted("replace", 1, stopping, []) == []


def test_queue_latest_leaves_only_the_newest_waiting() -> None:
    assert admitted("queue-latest", 1, LIVE, QUEUED) == [("queued-1", ev.Skipped), ("queued-2", ev.Skipped)]
