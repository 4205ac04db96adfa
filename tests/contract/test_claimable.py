"""`Runs.claimable`: which runs a worker may take now, in which order, within which limits."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.contract.factories import NAMESPACE, START, ManualClock, deploy, deployment, ids, insert, move
from turnout.core.ports import Store
from turnout.core.records import FlowRun
from turnout.core.states import RunState

S = RunState


def claimable(store: Store, limit: int = 10, pool: str = "default") -> list[FlowRun]:
    return store.read(lambda tx: tx.runs.claimable(NAMESPACE.project, pool, limit))


def test_due_runs_of_the_pool_in_order(store: Store, clock: ManualClock) -> None:
    early, late, urgent = store.write(
        lambda tx: [
            insert(tx, due_at=START - timedelta(seconds=9)),
            insert(tx, due_at=START),
            insert(tx, due_at=START, priority=5),
        ]
    )
    store.write(
        lambda tx: [
            insert(tx, pool="other"),
            insert(tx, pool=None),
            insert(tx, project="other"),
            insert(tx, due_at=START + timedelta(seconds=1), priority=9),
        ]
    )
    taken = store.write(insert)
    store.write(lambda tx: move(tx, taken, S.PENDING))
    assert ids(claimable(store)) == ids([urgent, early, late])
    assert ids(claimable(store, limit=2)) == ids([urgent, early])
    assert claimable(store, limit=0) == []
    clock.advance(1)
    assert len(claimable(store)) == 4


def test_equal_runs_start_in_the_order_of_their_ids(store: Store) -> None:
    runs = store.write(lambda tx: [insert(tx) for _ in range(5)])
    assert ids(claimable(store)) == ids(runs)


def test_never_more_of_a_deployment_than_it_has_free_slots(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=2), deployment("export")))
    queued = store.write(lambda tx: [insert(tx) for _ in range(4)])
    free = store.write(lambda tx: [insert(tx, deployment="export") for _ in range(3)])
    assert ids(claimable(store)) == ids([*queued[:2], *free])
    store.write(lambda tx: move(tx, queued[0], S.PENDING))
    assert ids(claimable(store)) == ids([queued[1], *free])
    store.write(lambda tx: move(tx, queued[1], S.CANCELLING))
    assert ids(claimable(store)) == ids(free)


def test_a_full_deployment_hides_nothing_behind_it(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=1), deployment("export")))
    blocked = store.write(lambda tx: [insert(tx, priority=9) for _ in range(20)])
    store.write(lambda tx: move(tx, blocked[0], S.RUNNING))
    other = store.write(lambda tx: insert(tx, deployment="export"))
    assert ids(claimable(store, limit=1)) == [other.id]


def test_limits_are_of_their_environment(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=1)))
    staging = store.write(lambda tx: [insert(tx, environment="staging") for _ in range(2)])
    assert ids(claimable(store)) == ids(staging)


def test_a_limit_of_nothing_starts_nothing(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=0)))
    store.write(insert)
    assert claimable(store) == []


runs = some.lists(
    some.tuples(
        some.sampled_from(["load", "export", "turf", None]),
        some.integers(0, 2),
        some.integers(-3, 2),
        some.sampled_from([S.SCHEDULED, S.SCHEDULED, S.RUNNING, S.COMPLETED]),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=runs,
    limits=some.tuples(some.none() | some.integers(0, 3), some.none() | some.integers(0, 3)),
    n=some.integers(0, 8),
)
def test_it_equals_the_rule_read_aloud(
    store: Store, wanted: list[tuple[str | None, int, int, RunState]], limits: tuple[int | None, int | None], n: int
) -> None:
    class Undo(Exception):
        pass

    def compare(tx: object) -> None:
        deploy(tx, deployment("load", limit=limits[0]), deployment("export", limit=limits[1]))  # type: ignore[arg-type]
        stored = []
        for name, priority, due, state in wanted:
            run = insert(tx, deployment=name, priority=priority, due_at=START + timedelta(seconds=due))  # type: ignore[arg-type]
            stored.append(run if state == S.SCHEDULED else move(tx, run, state))  # type: ignore[arg-type]
        found = tx.runs.claimable(NAMESPACE.project, "default", n)  # type: ignore[attr-defined]
        assert ids(found) == ids(by_hand(stored, dict(zip(("load", "export"), limits, strict=True)), n))
        raise Undo

    try:
        store.write(compare)
    except Undo:
        return
    raise AssertionError("unreachable")


def by_hand(stored: list[FlowRun], limits: dict[str, int | None], n: int) -> list[FlowRun]:
    live = Counter(run.deployment for run in stored if run.state == S.RUNNING)
    taken: list[FlowRun] = []
    due = [run for run in stored if run.state == S.SCHEDULED and run.due_at <= START]
    for run in sorted(due, key=lambda run: (-run.priority, run.due_at, run.id)):
        limit = limits.get(run.deployment or "")
        if len(taken) < n and (limit is None or live[run.deployment] < limit):
            live[run.deployment] += 1
            taken.append(run)
    return taken
