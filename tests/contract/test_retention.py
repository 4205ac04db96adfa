"""What is removed, and what never is."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.factories import (
    NAMESPACE,
    ManualClock,
    created,
    deployment,
    insert,
    lines,
    log,
    move,
    release,
    step,
)
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Page
from turnout.core.retention import LAST_RELEASES, SETTLING
from turnout.core.snapshot import Snapshot
from turnout.core.states import RunState
from turnout.store import Store
from turnout.store.invariants import check

DAY = timedelta(days=1)


def done(store: Store, clock: ManualClock, state: RunState = RunState.COMPLETED, **changes: Any) -> FlowRun:
    """A run that is over, with a task, a log and an artifact."""

    def work(tx: Tx) -> FlowRun:
        run = insert(tx, id=tx.new_id(), created_at=clock.time, due_at=clock.time, state_at=clock.time, **changes)
        entries = [{"protocol": 1, "run": run.id}, created(1), step(1, "running"), step(1, "completed"), log("x")]
        tx.journal.store(run.id, 1, 0, 0, lines(*entries, ["a", 1, 1.0, "link", "k", {}]))
        return move(tx, run, state, started_at=clock.time, ended_at=clock.time)

    return store.write(work)


def kept(store: Store, *runs: FlowRun) -> list[bool]:
    return [store.read(lambda tx, run=run: tx.runs.get(run.id)) is not None for run in runs]  # type: ignore[misc]


def remove_all(store: Store, clock: ManualClock) -> int:
    """Every run that ended more than a day ago; how many."""
    before, removed = clock.time - DAY, 0
    while count := store.write(lambda tx: tx.retention.remove_runs(before, 2)):
        removed += count
    while store.write(lambda tx: tx.retention.remove_remains(1)):
        pass
    return removed


def remains(store: Store, run: FlowRun) -> list[int]:
    return store.read(
        lambda tx: [
            len(tx.journal.tasks(run.id, 1, Page())),
            len(tx.journal.logs(run.id, 1, None, 10)),
            len(tx.journal.artifacts(run.id)),
            len(tx.runs.history(run.id)),
            tx.journal.acked(run.id, 1, 0) + 1,
        ]
    )


def test_old_runs_go_with_all_they_have(store: Store, clock: ManualClock) -> None:
    old = [done(store, clock) for _ in range(5)]
    clock.advance(2 * 86400)
    last = done(store, clock)
    assert remove_all(store, clock) == 5
    assert kept(store, *old, last) == [False] * 5 + [True]
    assert remains(store, old[0]) == [0] * 5
    assert remains(store, last) == [1, 1, 1, 2, 6]


def test_a_run_that_is_not_over_stays_whole(store: Store, clock: ManualClock) -> None:
    waiting = store.write(lambda tx: insert(tx, id=tx.new_id(), created_at=clock.time))
    live = store.write(lambda tx: move(tx, insert(tx, id=tx.new_id()), RunState.RUNNING, started_at=clock.time))
    again = done(store, clock, RunState.FAILED)
    clock.advance(86400)
    again = store.write(lambda tx: move(tx, again, RunState.SCHEDULED, attempt=2, started_at=None, ended_at=None))
    clock.advance(2 * 86400)
    done(store, clock)
    before = clock.time - DAY
    assert remove_all(store, clock) == 0
    assert store.write(lambda tx: tx.retention.remove_logs(before, 10)) == 0
    assert store.write(lambda tx: tx.retention.remove_artifacts(before, 10)) == 0
    assert kept(store, waiting, live, again) == [True] * 3
    assert remains(store, again)[:3] == [1, 1, 1]


def test_the_last_run_and_the_last_completed_run_of_a_deployment_stay(store: Store, clock: ManualClock) -> None:
    first, good, bad = done(store, clock), done(store, clock), done(store, clock, RunState.FAILED)
    script = done(store, clock, deployment=None, pool=None)
    clock.advance(3 * 86400)
    assert remove_all(store, clock) == 2
    assert kept(store, first, good, bad, script) == [False, True, True, False]


def test_chosen_runs_go_as_old_ones_do(store: Store, clock: ManualClock) -> None:
    first, good, bad, script = (
        done(store, clock),
        done(store, clock),
        done(store, clock, RunState.FAILED),
        done(store, clock, deployment=None, pool=None),
    )
    live = store.write(lambda tx: move(tx, insert(tx, id=tx.new_id()), RunState.RUNNING, started_at=clock.time))
    ids = [run.id for run in (first, good, bad, script, live)]
    assert store.write(lambda tx: tx.retention.remove_chosen([*ids, "0" * 32])) == {first.id, bad.id, script.id}
    assert kept(store, first, good, bad, script, live) == [False, True, False, False, True]
    assert remains(store, first)[:3] == [1, 1, 1]
    assert [found for found in store.read(check) if found.promise in ("I24", "I30")] == []
    while store.write(lambda tx: tx.retention.remove_remains(1)):
        pass
    assert remains(store, first) == [0] * 5
    assert remains(store, good) == [1, 1, 1, 2, 6]
    assert store.write(lambda tx: tx.retention.remove_chosen(ids)) == frozenset()


def test_a_chosen_run_that_was_stopped_is_left_alone_for_a_while(store: Store, clock: ManualClock) -> None:
    crashed, cancelled = done(store, clock, RunState.CRASHED), done(store, clock, RunState.CANCELLED)
    waited = store.write(lambda tx: insert(tx, id=tx.new_id(), created_at=clock.time))
    store.write(lambda tx: move(tx, waited, RunState.CANCELLED, ended_at=clock.time))
    done(store, clock)
    ids = [crashed.id, cancelled.id, waited.id]
    assert store.write(lambda tx: tx.retention.remove_chosen(ids)) == {waited.id}
    clock.advance(SETTLING.total_seconds() + 1)
    assert store.write(lambda tx: tx.retention.remove_chosen(ids)) == {crashed.id, cancelled.id}


def test_a_run_counts_from_its_end(store: Store, clock: ManualClock) -> None:
    long = store.write(lambda tx: move(tx, insert(tx, id=tx.new_id()), RunState.RUNNING, started_at=clock.time))
    clock.advance(3 * 86400)
    store.write(lambda tx: move(tx, long, RunState.COMPLETED, ended_at=clock.time))
    done(store, clock)
    assert remove_all(store, clock) == 0


def test_logs_and_artifacts_go_before_their_run(store: Store, clock: ManualClock) -> None:
    old = [done(store, clock) for _ in range(3)]
    clock.advance(2 * 86400)
    new = done(store, clock)
    before = clock.time - DAY
    assert [store.write(lambda tx: tx.retention.remove_logs(before, 2)) for _ in range(3)] == [2, 1, 0]
    assert [store.write(lambda tx: tx.retention.remove_artifacts(before, 2)) for _ in range(3)] == [2, 1, 0]
    assert remains(store, old[0]) == [1, 0, 0, 2, 6]
    assert remains(store, new) == [1, 1, 1, 2, 6]


def test_what_a_kill_left_behind_is_removed_later(store: Store, clock: ManualClock) -> None:
    old = done(store, clock)
    clock.advance(2 * 86400)
    done(store, clock)
    before = clock.time - DAY
    store.write(lambda tx: tx.retention.remove_runs(before, 10))
    assert kept(store, old) == [False]
    assert remains(store, old)[:3] == [1, 1, 1]
    assert [found.invariant for found in store.read(check) if found.promise == "I24"] == []
    assert remove_all(store, clock) == 0
    assert remains(store, old) == [0] * 5


def test_events_go_from_the_oldest_on_and_are_not_missed(store: Store, clock: ManualClock) -> None:
    for _ in range(3):
        done(store, clock)
    clock.advance(2 * 86400)
    done(store, clock)
    before = clock.time - DAY
    assert [store.write(lambda tx: tx.retention.remove_events(before, 4)) for _ in range(3)] == [4, 2, 0]
    assert [event["seq"] for event in store.read(lambda tx: tx.outbox.after(0, 10))] == [7, 8]
    assert [found.invariant for found in store.read(check) if found.promise == "I30"] == []


def test_releases_that_nothing_refers_to_go_with_their_bundles(store: Store, clock: ManualClock) -> None:
    def apply(number: int) -> None:
        applied = release(number, bundle=f"{number:064x}", applied_at=clock.time)

        def work(tx: Tx) -> None:
            tx.bundles.put(applied.bundle or "", b"x")
            tx.projects.write_release(applied, Snapshot(project=NAMESPACE.project))
            tx.projects.put_deployment(NAMESPACE, deployment(), applied)

        store.write(work)

    for number in range(1, LAST_RELEASES + 5):
        apply(number)
        if number == 2:
            clock.advance(5 * 86400)
            done(store, clock)
        clock.advance(5 * 86400)
    before = clock.time
    removed = 0
    while count := store.write(lambda tx: tx.retention.remove_releases(before, 1)):
        removed += count
    left = [found.number for found in store.read(lambda tx: tx.projects.releases(NAMESPACE, Page(limit=50)))]
    assert left == [*range(LAST_RELEASES + 4, 4, -1), 2]
    has = [store.read(lambda tx, n=n: tx.bundles.has(f"{n:064x}")) for n in range(1, LAST_RELEASES + 5)]  # type: ignore[misc]
    assert has == [number in left for number in range(1, LAST_RELEASES + 5)]
    assert removed == 6


def test_keys_are_remembered_for_their_time(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: tx.idempotency.put("ann", "key", b"answer"))
    assert store.write(lambda tx: tx.retention.remove_expired()) == 0
    clock.advance(86399)
    assert store.write(lambda tx: tx.retention.remove_expired()) == 0
    assert store.read(lambda tx: tx.idempotency.get("ann", "key")) == b"answer"
    clock.advance(2)
    assert store.write(lambda tx: tx.retention.remove_expired()) == 1


@pytest.mark.parametrize("limit", [1, 7])
def test_a_portion_is_not_larger_than_asked_for(store: Store, clock: ManualClock, limit: int) -> None:
    for _ in range(9):
        done(store, clock)
    clock.advance(2 * 86400)
    done(store, clock)
    before = clock.time - DAY
    assert store.write(lambda tx: tx.retention.remove_runs(before, limit)) == limit
