"""The pruner removes portion by portion, goes on after a kill, and breaks no promise."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.store.busy_field import BusyField
from turnout.core.errors import StoreUnavailable
from turnout.core.retention import Keep
from turnout.core.states import RunState
from turnout.services import pruner as module
from turnout.services.pruner import Pruner, remove_refused

DAY = timedelta(days=1)
SHORT = Keep(runs=DAY, logs=DAY, artifacts=DAY, events=DAY, releases=DAY)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusyField]:
    target = tmp_path / "data" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = BusyField(target)
    yield made
    made.store.close()


def run_to_rest(pruner: Pruner, world: BusyField) -> int:
    """Tick until the pruner rests; the number of ticks."""
    for count in range(1, 1000):
        if pruner.tick(world.store, world.clock.now()) is None:
            return count
    raise AssertionError("it never rests")


def test_a_fresh_database_keeps_everything(world: BusyField) -> None:
    before = world.read(lambda tx: tx.sizes.classes())
    run_to_rest(Pruner(Keep()), world)
    assert world.read(lambda tx: tx.sizes.classes()) == before


def test_old_things_go_and_no_promise_breaks(world: BusyField, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RUNS", 1)
    monkeypatch.setattr(module, "ROWS", 1)
    world.clock.advance(days=5)
    run_to_rest(Pruner(SHORT), world)
    left = {item.name: item.rows for item in world.read(lambda tx: tx.sizes.classes())}
    assert left["logs"] == left["artifacts"] == left["events"] == 0
    assert world.findings(serving=False) == []
    assert {run.state for run in world.runs_of("single")} == {"running", "scheduled"}
    assert [run.state for run in world.runs_of("load")].count("completed") == 1


def test_a_kill_between_two_portions_loses_nothing(world: BusyField, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every portion another pruner takes over, as after a kill."""
    monkeypatch.setattr(module, "ROWS", 1)
    world.clock.advance(days=5)
    for _ in range(200):
        again = Pruner(SHORT)
        moments = [again.tick(world.store, world.clock.now()) for _ in range(2)]
        assert world.findings(serving=False) == []
        if moments == [None, None]:
            break
    run_to_rest(Pruner(SHORT), world)
    assert world.read(lambda tx: tx.retention.remove_remains(1)) == 0


def test_a_failed_portion_is_tried_again(world: BusyField, monkeypatch: pytest.MonkeyPatch) -> None:
    world.clock.advance(days=5)
    pruner = Pruner(SHORT)

    def fail(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(world.store, "write", fail)
        with pytest.raises(StoreUnavailable):
            pruner.tick(world.store, world.clock.now())
    run_to_rest(pruner, world)
    assert world.findings(serving=False) == []
    assert len(world.runs_of("load", RunState.COMPLETED)) == 1


def test_for_ever_is_for_ever(world: BusyField) -> None:
    world.clock.advance(days=36500)
    before = world.read(lambda tx: tx.sizes.classes()[0].rows)
    for_ever = Keep(runs=None, logs=None, artifacts=None, events=None, releases=None, refused_journals=None)
    run_to_rest(Pruner(for_ever), world)
    assert world.read(lambda tx: tx.sizes.classes()[0].rows) == before
    assert world.findings(serving=False) == []


def test_journals_that_were_set_aside_go_when_they_are_old(tmp_path: Path, world: BusyField) -> None:
    old, new, live = (tmp_path / name for name in ("a.1.0.refused", "b.1.0.refused", "c.1.0"))
    for path in (old, new, live):
        path.write_bytes(b"x")
        os.utime(path, (world.seconds, world.seconds))
    os.utime(old, (0, 0))
    assert remove_refused(tmp_path, world.clock.now() - DAY) == 1
    assert [path.exists() for path in (old, new, live)] == [False, True, True]
