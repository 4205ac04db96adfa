"""`core.ports.Duties`: what any server may do for all."""

from datetime import timedelta

from tests.contract.factories import START, ManualClock, insert, move
from turnout.core.ports import Store
from turnout.core.records import Duty, Uptime
from turnout.core.states import RunState


def test_a_duty_was_done_when_some_server_did_it_last(store: Store, clock: ManualClock) -> None:
    assert store.read(lambda tx: tx.duties.last("rescuer")) is None
    store.write(lambda tx: tx.duties.done("rescuer"))
    clock.advance(5)
    store.write(lambda tx: tx.duties.done("pruner"))
    assert store.read(lambda tx: tx.duties.last("rescuer")) == Duty(at=START)
    assert store.read(lambda tx: tx.duties.last("pruner")) == Duty(at=START + timedelta(seconds=5))


def test_a_duty_keeps_the_uptime_of_who_did_it(store: Store) -> None:
    uptime = Uptime(boot="a boot", seconds=12.5)
    store.write(lambda tx: tx.duties.done("rescuer", uptime))
    assert store.read(lambda tx: tx.duties.last("rescuer")) == Duty(at=START, uptime=uptime)


def test_a_lease_of_an_active_run_is_one_to_look_after(store: Store) -> None:
    run = store.write(insert)
    assert not store.read(lambda tx: tx.runs.any_leased())
    run = store.write(lambda tx: move(tx, run, RunState.PENDING, lease_until=START))
    assert store.read(lambda tx: tx.runs.any_leased())
    store.write(lambda tx: move(tx, run, RunState.CRASHED, lease_until=None))
    assert not store.read(lambda tx: tx.runs.any_leased())
