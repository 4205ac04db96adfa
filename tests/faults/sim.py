"""Deterministic simulation: the whole control plane in one thread on virtual time, from a seed."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from functools import partial

from tests.faults.outcome import Outcome
from tests.simulation.simulation import Level, Result, simulate

ROWS: dict[Level, str] = {"model": "sim-model", "store": "sim-store", "liveness": "sim-liveness"}
REPLAYED = 100
"""Every so many seeds, one is run twice: the traces must be the same."""
SHOWN = 5
TAIL = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `sim`."""
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument(
        "--level", choices=sorted(ROWS), default="model", help="a store in memory, SQLite, or the worst"
    )
    parser.add_argument("--seed", type=int, default=1, help="the first")
    parser.add_argument("--processes", type=int, default=1, help="at work at once")
    parser.add_argument("--story", action="store_true", help="print what happened, in order")


def run(options: argparse.Namespace) -> list[Outcome]:
    """Simulate; print the stories of what failed."""
    began = time.monotonic()
    faults: list[str] = []
    events = runs = 0
    longest = 0.0
    for result in results(options.level, options.seed, options.seeds, options.processes, keep_story=options.story):
        events, runs, longest = events + result.events, runs + result.runs, max(longest, result.quiet)
        if result.faults and len(faults) < SHOWN:
            print(f"--- seed {result.seed}, the last {TAIL} lines")
            print("\n".join(result.story.splitlines()[-TAIL:]))
        elif options.story:
            print(result.story)
        faults += [f"seed {result.seed}: {sentence}" for sentence in result.faults]
    faults += replay(options.level, range(options.seed, options.seed + options.seeds, REPLAYED))
    seconds = time.monotonic() - began
    return [
        Outcome(
            harness="sim",
            row=ROWS[options.level],
            count=options.seeds,
            seconds=seconds,
            seed=options.seed,
            faults=tuple(faults),
            details={
                "seeds a second": round(options.seeds / seconds, 1),
                "events": events,
                "runs": runs,
                "longest calm, simulated seconds": round(longest, 1),
                "replayed twice, identical": len(range(0, options.seeds, REPLAYED)),
            },
        )
    ]


def results(level: Level, first: int, count: int, processes: int = 1, *, keep_story: bool = False) -> Iterator[Result]:
    """The results of seeds, in order."""
    seeds = range(first, first + count)
    work = partial(simulate, level=level, keep_story=keep_story)
    if processes <= 1:
        yield from map(work, seeds)
        return
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=500) as pool:
        yield from pool.imap(work, seeds, chunksize=10)


def replay(level: Level, seeds: range) -> list[str]:
    """A sentence for each seed whose second run differs from its first."""
    return [
        f"seed {seed}: a replay came out differently"
        for seed in seeds
        if simulate(seed, level).digest != simulate(seed, level).digest
    ]
