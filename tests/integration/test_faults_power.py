"""Power losses: a few on each commit; `./dev faults power --crashes 20000` for the campaign."""

import random

import pytest

from tests.faults import power
from tests.faults.power_loss.disk import File
from tests.faults.power_loss.lives import Machine
from tests.faults.power_loss.spool import spool_losses
from turnout.store.dialects import sqlite


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_the_weaker_setting_is_caught() -> None:
    outcome = power.on_database(120, seed=5)
    assert outcome.faults == ()
    assert outcome.details["acknowledged"] > 50


def test_a_seed_replays() -> None:
    first, second = (Machine(11, synchronous="NORMAL").run(60) for _ in range(2))
    assert first == second
    assert first.lost


def test_the_products_own_setting_is_the_one_that_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PRAGMAS", sqlite._PRAGMAS.replace("FULL", "NORMAL"))
    assert Machine(5).run(150).lost


def test_a_spool_keeps_what_its_reader_was_given() -> None:
    assert spool_losses(150, seed=2) == []


def test_a_reader_that_does_not_sync_is_caught() -> None:
    assert spool_losses(150, seed=2, syncs=False)


def test_a_file_keeps_what_was_synced() -> None:
    file = File(b"old")
    file.write(b"safe", 0)
    file.sync()
    file.write(b"x" * 2000, 4)
    seen = {file.after_power_loss(random.Random(seed)) for seed in range(60)}
    assert all(content.startswith(b"safe") for content in seen)
    assert len(seen) >= 5
