"""`core.ports.Workers`."""

from dataclasses import replace
from datetime import timedelta

from tests.contract.factories import START, ManualClock
from turnout.core.ports import Store
from turnout.core.records import Turn, Worker

WORKER = Worker(
    id="w1", name="box", pool="default", project="field", version="0.1", capacity=10, started_at=START, seen_at=START
)


def test_a_worker_comes_back_and_is_replaced(store: Store) -> None:
    store.write(lambda tx: tx.workers.put(WORKER))
    assert store.read(lambda tx: tx.workers.get("w1")) == WORKER
    store.write(lambda tx: tx.workers.put(replace(WORKER, capacity=3)))
    assert store.read(lambda tx: tx.workers.all()) == [replace(WORKER, capacity=3)]
    assert store.read(lambda tx: tx.workers.get("w2")) is None


def test_being_seen_moves_only_that(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: [tx.workers.put(WORKER), tx.workers.put(replace(WORKER, id="w2"))])
    clock.advance(7)
    store.write(lambda tx: [tx.workers.seen("w1"), tx.workers.seen("unknown")])
    assert store.read(lambda tx: tx.workers.all()) == [replace(WORKER, seen_at=clock.now()), replace(WORKER, id="w2")]


def test_a_turn_is_kept_while_a_worker_is_replaced(store: Store) -> None:
    assert store.read(lambda tx: tx.workers.turn("w1")) == Turn()
    store.write(lambda tx: tx.workers.put(WORKER))
    assert store.read(lambda tx: tx.workers.turn("w1")) == Turn()
    turn = Turn(session="c", number=4, past=("a", "b"))
    store.write(lambda tx: [tx.workers.put_turn("w1", turn), tx.workers.put(replace(WORKER, capacity=3))])
    assert store.read(lambda tx: tx.workers.turn("w1")) == turn


def test_a_pool_was_last_seen_when_any_of_its_workers_was(store: Store) -> None:
    later = START + timedelta(seconds=5)
    store.write(
        lambda tx: [
            tx.workers.put(WORKER),
            tx.workers.put(replace(WORKER, id="w2", seen_at=later)),
            tx.workers.put(replace(WORKER, id="w3", pool="big", seen_at=later + timedelta(seconds=1))),
        ]
    )
    assert store.read(lambda tx: tx.workers.last_seen("field", "default")) == later
    assert store.read(lambda tx: tx.workers.last_seen("field", "none")) is None
    assert store.read(lambda tx: tx.workers.last_seen("other", "default")) is None
