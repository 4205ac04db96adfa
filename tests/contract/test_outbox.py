"""`core.ports.Outbox`: every committed transition once, in order; nothing of a transaction that failed."""

import pytest

from tests.contract.factories import START, insert, move
from turnout.core.ports import Store, Tx
from turnout.core.states import RunState


def test_events_tell_what_happened(store: Store) -> None:
    run = store.write(lambda tx: insert(tx, reason="asked"))
    [event] = store.read(lambda tx: tx.outbox.after(0, 10))
    assert event == {
        "seq": event["seq"],
        "at": START,
        "kind": "flow_run.state",
        "run_id": run.id,
        "project": "field",
        "environment": "production",
        "deployment": "load",
        "flow_name": "load",
        "name": run.name,
        "version": 1,
        "attempt": 1,
        "state": "scheduled",
        "state_name": "Scheduled",
        "reason": "asked",
        "by": "admin:ada",
    }


def test_a_reader_goes_on_where_it_was(store: Store) -> None:
    runs = store.write(lambda tx: [insert(tx) for _ in range(5)])
    seen: list[str] = []
    seq = 0
    while events := store.read(lambda tx, seq=seq: tx.outbox.after(seq, 2)):
        assert len(events) <= 2
        seen.extend(event["run_id"] for event in events)
        assert events[0]["seq"] > seq
        seq = events[-1]["seq"]
    assert seen == [run.id for run in runs]


def test_a_transaction_that_fails_tells_nothing(store: Store) -> None:
    def fail(tx: Tx) -> None:
        move(tx, insert(tx), RunState.PENDING)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fail)
    assert store.read(lambda tx: tx.outbox.after(0, 10)) == []
