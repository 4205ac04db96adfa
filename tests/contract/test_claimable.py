"""The queue: which runs a worker may take now, in which order, within which limits."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.contract.factories import NAMESPACE, START, ManualClock, deploy, deployment, ids, insert, move, start
from turnout.core.ports import Store, Tx
from turnout.core.records import FlowRun
from turnout.core.snapshot import LimitSpec, LimitUse, PoolSpec
from turnout.core.states import RunState
from turnout.orchestration.queue import look, startable

S = RunState


def claimable(store: Store, limit: int = 10, pool: str = "default") -> list[FlowRun]:
    return store.read(lambda tx: startable(tx, NAMESPACE.project, pool, limit))


def next_at(store: Store) -> datetime | None:
    return store.read(lambda tx: look(tx, NAMESPACE.project, "default", 1).next_at)


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
            insert(tx, pool="default-2"),
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
    assert next_at(store) == START + timedelta(seconds=1)
    clock.advance(1)
    assert len(claimable(store)) == 4
    assert next_at(store) is None


def test_equal_runs_start_in_the_order_of_their_ids(store: Store) -> None:
    runs = store.write(lambda tx: [insert(tx) for _ in range(5)])
    assert ids(claimable(store)) == ids(runs)


def test_never_more_of_a_deployment_than_it_has_free_slots(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=2), deployment("export")))
    queued = store.write(lambda tx: [insert(tx) for _ in range(4)])
    free = store.write(lambda tx: [insert(tx, deployment="export") for _ in range(3)])
    assert ids(claimable(store)) == ids([*queued[:2], *free])
    store.write(lambda tx: start(tx, queued[0], S.PENDING))
    assert ids(claimable(store)) == ids([queued[1], *free])
    store.write(lambda tx: start(tx, queued[1], S.CANCELLING))
    assert ids(claimable(store)) == ids(free)


def test_a_full_deployment_hides_nothing_behind_it(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=1), deployment("export")))
    blocked = store.write(lambda tx: [insert(tx, priority=9) for _ in range(20)])
    store.write(lambda tx: start(tx, blocked[0]))
    other = store.write(lambda tx: insert(tx, deployment="export"))
    assert ids(claimable(store, limit=1)) == [other.id]


def test_limits_are_of_their_environment(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=1)))
    staging = store.write(lambda tx: [insert(tx, environment="staging") for _ in range(2)])
    assert ids(claimable(store)) == ids(staging)


def test_a_slot_that_nobody_gave_back_counts_for_nothing_once_its_attempt_is_over(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load", limit=1)))
    first, second = store.write(lambda tx: [insert(tx) for _ in range(2)])
    running = store.write(lambda tx: start(tx, first))
    assert claimable(store) == []
    store.write(lambda tx: move(tx, running, S.COMPLETED))
    assert ids(claimable(store)) == [second.id]


def test_a_named_limit_binds_those_that_list_it_and_those_that_carry_its_tag(store: Store) -> None:
    listing = deployment("load", limits=(LimitUse(name="van-api"),))
    store.write(
        lambda tx: deploy(
            tx, listing, deployment("export"), limits={"van-api": LimitSpec(concurrency=2, tags=("van", "voter"))}
        )
    )
    listed = store.write(lambda tx: insert(tx))
    tagged = store.write(lambda tx: insert(tx, deployment="export", tags=("x", "voter"), limited=("voter",)))
    third = store.write(lambda tx: insert(tx, deployment=None, tags=("van",), limited=("van",)))
    other = store.write(lambda tx: insert(tx, deployment="export", tags=("x",)))
    assert ids(claimable(store)) == ids([listed, tagged, other])
    store.write(lambda tx: (start(tx, listed), start(tx, tagged)))
    assert ids(claimable(store)) == [other.id]
    assert third.id not in ids(claimable(store))


def test_the_limits_of_a_run_are_held_all_together_or_not_at_all(store: Store) -> None:
    one = deployment("load", limit=1, limits=(LimitUse(name="a"), LimitUse(name="b")))
    store.write(
        lambda tx: deploy(
            tx,
            one,
            deployment("export", limits=(LimitUse(name="a"),)),
            limits={"a": LimitSpec(concurrency=1), "b": LimitSpec(concurrency=1)},
        )
    )
    first, second, export = store.write(lambda tx: [insert(tx), insert(tx), insert(tx, deployment="export")])
    assert ids(claimable(store)) == [first.id]
    store.write(lambda tx: start(tx, first))
    assert claimable(store) == []
    store.write(lambda tx: (move(tx, tx.runs.get(first.id), S.FAILED), tx.limits.release(first.id)))
    assert ids(claimable(store)) == [second.id]
    assert export.id not in ids(claimable(store))


def test_a_heavy_run_is_not_starved_by_light_ones(store: Store) -> None:
    store.write(
        lambda tx: deploy(
            tx,
            deployment("load", limits=(LimitUse(name="memory", weight=3),)),
            deployment("export", limits=(LimitUse(name="memory"),)),
            limits={"memory": LimitSpec(concurrency=4)},
        )
    )
    light = store.write(lambda tx: [insert(tx, deployment="export") for _ in range(2)])
    store.write(lambda tx: [start(tx, run) for run in light])
    heavy = store.write(insert)
    store.write(lambda tx: insert(tx, deployment="export"))
    assert claimable(store) == []
    store.write(lambda tx: move(tx, tx.runs.get(light[0].id), S.COMPLETED))
    assert ids(claimable(store)) == [heavy.id]
    store.write(lambda tx: start(tx, heavy))
    assert claimable(store) == []


def test_what_wants_more_than_the_whole_limit_takes_all_of_it(store: Store) -> None:
    store.write(
        lambda tx: deploy(
            tx, deployment("load", limits=(LimitUse(name="a", weight=9),)), limits={"a": LimitSpec(concurrency=2)}
        )
    )
    first, second = store.write(lambda tx: [insert(tx) for _ in range(2)])
    assert ids(claimable(store)) == [first.id]
    store.write(lambda tx: start(tx, first))
    assert claimable(store) == []
    store.write(lambda tx: move(tx, tx.runs.get(first.id), S.COMPLETED))
    assert ids(claimable(store)) == [second.id]


def test_a_rate_lets_one_through_at_its_time(store: Store, clock: ManualClock) -> None:
    store.write(
        lambda tx: deploy(tx, deployment("load", limits=(LimitUse(name="api"),)), limits={"api": LimitSpec(rate="2/s")})
    )
    first, second = store.write(lambda tx: [insert(tx) for _ in range(2)])
    other = store.write(lambda tx: insert(tx, deployment="export"))
    assert ids(claimable(store)) == ids([first, other])
    key = (NAMESPACE.environment, "limit", "api")
    later = START + timedelta(seconds=0.5)
    store.write(lambda tx: (tx.limits.let_through(NAMESPACE.project, key, later), start(tx, first)))
    assert ids(claimable(store)) == [other.id]
    assert next_at(store) == later
    clock.advance(0.5)
    assert ids(claimable(store)) == ids([second, other])


def test_a_pools_limit_is_of_its_environment(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load"), pools={"default": PoolSpec(concurrency=1)}))
    first, second = store.write(lambda tx: [insert(tx), insert(tx, deployment="export")])
    staging = store.write(lambda tx: insert(tx, environment="staging"))
    assert ids(claimable(store)) == ids([first, staging])
    store.write(lambda tx: start(tx, first))
    assert ids(claimable(store)) == [staging.id]
    assert second.id not in ids(claimable(store))


runs = some.lists(
    some.tuples(
        some.sampled_from(["load", "export", "turf", None]),
        some.integers(0, 2),
        some.integers(-3, 2),
        some.sampled_from([S.SCHEDULED, S.SCHEDULED, S.RUNNING, S.COMPLETED]),
        some.booleans(),
    ),
    max_size=25,
)
maybe = some.none() | some.integers(1, 3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=runs, limits=some.tuples(maybe, maybe, maybe, maybe), n=some.integers(0, 8))
def test_it_equals_the_rule_read_aloud(
    store: Store,
    wanted: list[tuple[str | None, int, int, RunState, bool]],
    limits: tuple[int | None, int | None, int | None, int | None],
    n: int,
) -> None:
    class Undo(Exception):
        pass

    load, export, pool, named = limits
    bounds = {"load": load, "export": export, "pool": pool, "named": named}

    def compare(tx: Tx) -> None:
        declares: dict[str, Any] = {"pools": {"default": PoolSpec(concurrency=pool)}}
        if named is not None:
            declares["limits"] = {"named": LimitSpec(concurrency=named, tags=("slow",))}
        deploy(tx, deployment("load", limit=load), deployment("export", limit=export), **declares)
        stored = []
        for name, priority, due, state, slow in wanted:
            tags = ("slow",) if slow else ()
            at = START + timedelta(seconds=due)
            run = insert(tx, deployment=name, priority=priority, due_at=at, tags=tags, limited=tags)
            if state == S.RUNNING:
                run = start(tx, run)
            elif state == S.COMPLETED:
                run = move(tx, run, state)
            stored.append(run)
        found = startable(tx, NAMESPACE.project, "default", n)
        assert ids(found) == ids(by_hand(stored, bounds, n))
        raise Undo

    try:
        store.write(compare)
    except Undo:
        return
    raise AssertionError("unreachable")


def by_hand(stored: list[FlowRun], bounds: dict[str, int | None], n: int) -> list[FlowRun]:
    held = Counter(name for run in stored if run.state == S.RUNNING for name in needed(run))
    taken: list[FlowRun] = []
    due = [run for run in stored if run.state == S.SCHEDULED and run.due_at <= START]
    for run in sorted(due, key=lambda run: (-run.priority, run.due_at, run.id)):
        room = all((bound := bounds.get(name)) is None or held[name] < bound for name in needed(run))
        if len(taken) < n and room:
            held.update(needed(run))
            taken.append(run)
    return taken


def needed(run: FlowRun) -> list[str]:
    return [run.deployment or "", "pool", *(["named"] if "slow" in run.tags else [])]
