"""`core.ports.Store` and `Tx`: what commits, what is undone, who sees what when."""

import threading
from pathlib import Path

import pytest

from tests.contract.factories import START, HintLog, ManualClock, insert, new_run
from turnout.core.errors import StoreError, StoreUnavailable
from turnout.core.ids import id_time_ms, is_id
from turnout.core.ports import Store, Tx
from turnout.core.records import RunFilter


def total(store: Store) -> int:
    return sum(store.read(lambda tx: tx.runs.count(RunFilter())).values())


def test_write_returns_what_the_function_returns(store: Store) -> None:
    assert store.write(lambda tx: (tx.now, 5)) == (START, 5)


def test_what_a_function_raises_is_raised_and_its_writes_are_undone(store: Store) -> None:
    def fail(tx: Tx) -> None:
        insert(tx)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        store.write(fail)
    assert total(store) == 0
    store.write(insert)
    assert total(store) == 1


def test_submitted_writes_commit_or_fail_each_for_itself(store: Store) -> None:
    def work(tx: Tx, number: int) -> int:
        insert(tx)
        if number % 3 == 0:
            raise LookupError(number)
        return number

    futures = [store.submit(lambda tx, number=number: work(tx, number)) for number in range(30)]
    outcomes = [future.exception(timeout=30) or future.result() for future in futures]
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == [n for n in range(30) if n % 3]
    assert sum(isinstance(outcome, LookupError) for outcome in outcomes) == 10
    assert total(store) == 20


def test_writes_of_many_threads_all_arrive(store: Store) -> None:
    def many() -> None:
        for _ in range(25):
            store.write(lambda tx: tx.runs.insert(new_run(id=tx.new_id()), "x"))

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total(store) == 200


def test_a_read_sees_one_snapshot(store: Store) -> None:
    def look(tx: Tx) -> tuple[int, int]:
        before = len(tx.outbox.after(0, 10))
        thread = threading.Thread(target=lambda: store.write(insert))
        thread.start()
        thread.join()
        return before, len(tx.outbox.after(0, 10))

    assert store.read(look) == (0, 0)
    assert total(store) == 1


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError):
        store.read(insert)
    assert total(store) == 0


def test_a_read_that_raises_leaves_its_connection_usable(store: Store) -> None:
    with pytest.raises(LookupError):
        store.read(lambda tx: (_ for _ in ()).throw(LookupError()))
    assert total(store) == 0


def test_hints_follow_the_commit_once_each(store: Store, hints: HintLog) -> None:
    told: list[list[str]] = []

    def work(tx: Tx) -> None:
        tx.after_commit("pool:field/default")
        tx.after_commit("run:1")
        tx.after_commit("pool:field/default")
        told.append(list(hints.topics))

    store.write(work)
    assert told == [[]]
    assert hints.topics == ["pool:field/default", "run:1"]


def test_a_failed_write_hints_at_nothing(store: Store, hints: HintLog) -> None:
    def fail(tx: Tx) -> None:
        tx.after_commit("run:1")
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fail)
    assert hints.topics == []


def test_a_write_inside_a_write_is_refused_rather_than_waited_for(store: Store) -> None:
    with pytest.raises(RuntimeError, match="use its tx"):
        store.write(lambda tx: store.write(insert))
    store.write(insert)
    assert total(store) == 1


def test_ids_carry_the_clock_and_ascend(store: Store, clock: ManualClock) -> None:
    made = store.write(lambda tx: [tx.new_id() for _ in range(5000)])
    clock.advance(60)
    made += store.write(lambda tx: [tx.new_id()])
    assert made == sorted(set(made))
    assert all(is_id(one) for one in made)
    assert id_time_ms(made[0]) == int(START.timestamp() * 1000)
    assert id_time_ms(made[-1]) == int(START.timestamp() * 1000) + 60_000


def test_now_is_the_stores_clock_and_stays_for_the_transaction(store: Store, clock: ManualClock) -> None:
    def work(tx: Tx) -> bool:
        clock.advance(5)
        return tx.now == START

    assert store.write(work)


def test_a_closed_store_refuses_everything(store: Store) -> None:
    store.write(insert)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable):
        store.write(insert)
    with pytest.raises(StoreUnavailable):
        store.read(lambda tx: tx.now)
    assert isinstance(failure(store), StoreUnavailable)


def failure(store: Store) -> BaseException | None:
    """What submitting to a closed store ends with, raised or in the future."""
    try:
        return store.submit(insert).exception()
    except StoreUnavailable as error:
        return error


def test_closing_finishes_what_was_submitted(store: Store, tmp_path: Path) -> None:
    futures = [store.submit(insert) for _ in range(50)]
    store.close()
    assert all(future.exception(timeout=30) is None for future in futures)
