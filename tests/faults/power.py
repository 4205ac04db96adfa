"""E2: power losses on SQLite and on the spool. What was not synced is dropped or torn; what was acknowledged is there.

    ./dev faults power [--crashes 20000] [--seed 1] [--spool-crashes N]

The store's own Commits, migrations and statements run on a disk in memory (`power_loss/disk.py`), with the product's
pragmas, in exclusive locking mode. The same with synchronous=NORMAL has to lose writes: else the harness sees nothing.
"""

from __future__ import annotations

import argparse
import time

from tests.faults.outcome import Outcome
from tests.faults.power_loss.lives import Machine, Tally
from tests.faults.power_loss.spool import spool_losses

ROW = "power"
SPOOL_ROW = "power-spool"
SELF_CHECK = 300
"""Crashes with the weaker setting."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this harness."""
    parser.add_argument("--crashes", type=int, default=2000, help="power losses on the database")
    parser.add_argument("--spool-crashes", type=int, default=1000, help="power losses on a spool")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> list[Outcome]:
    """The database, with the proof that losses are seen; the spool."""
    return [on_database(options.crashes, options.seed), on_spool(options.spool_crashes, options.seed)]


def on_database(crashes: int, seed: int) -> Outcome:
    """Power losses with the product's settings, and some with a weaker one."""
    started = time.monotonic()
    found = Machine(seed).run(crashes)
    seconds = time.monotonic() - started
    weaker = Machine(seed, synchronous="NORMAL").run(SELF_CHECK)
    faults = (*found.lost, *found.corrupt, *_blind(weaker))
    return Outcome(
        harness="power",
        row=ROW,
        count=found.crashes,
        seconds=seconds,
        seed=seed,
        faults=faults,
        details={
            "crashes_per_second": round(crashes / seconds),
            "during_a_write": found.in_flight,
            "acknowledged": found.acknowledged,
            "self_check": f"synchronous=NORMAL lost writes in {len(weaker.lost)} of {weaker.crashes} crashes",
        },
    )


def on_spool(crashes: int, seed: int) -> Outcome:
    """Power losses while a flow writes and its supervisor ships."""
    started = time.monotonic()
    faults = spool_losses(crashes, seed)
    seconds = time.monotonic() - started
    weaker = spool_losses(SELF_CHECK, seed, syncs=False)
    if not weaker:
        faults.append("the harness is blind: a reader that syncs nothing lost nothing")
    return Outcome(
        harness="power",
        row=SPOOL_ROW,
        count=crashes,
        seconds=seconds,
        seed=seed,
        faults=tuple(faults),
        details={"self_check": f"a reader that syncs nothing lost lines in {len(weaker)} of {SELF_CHECK} crashes"},
    )


def _blind(weaker: Tally) -> list[str]:
    return [] if weaker.lost else ["the harness is blind: synchronous=NORMAL lost nothing"]
