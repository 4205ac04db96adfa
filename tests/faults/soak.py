"""Soak: many runs, and what a long night does to a server: restarts, outages, load, a stopped clock hand.

    ./dev faults soak --what runs --count 10000        no-op runs; memory, descriptors, threads, bytes a run
    ./dev faults soak --what storm --count 100         restarts of the server under 20 running flows
    ./dev faults soak --what outage --count 2          ten minutes without a server (scaled); the worker comes first
    ./dev faults soak --what starved --count 20        runs under a load of 8, the server stopped for 60 s (scaled)

The flows of the last three must not notice anything: one attempt, completed, every step and line stored.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields

from tests.faults.kill import Campaign, begun, cycle
from tests.faults.kill_oracle import Expectation
from tests.faults.outcome import Outcome
from tests.faults.progress import Progress

WHAT = ("runs", "storm", "outage", "starved")
TWENTY = ("steps-stop",) * 10 + ("lines-stop",) * 4 + ("burn-resume",) * 6
RESTARTS_A_BATCH = 5
OUTAGE_SECONDS, STOPPED_SECONDS = 600.0, 60.0
HOGS = 8
EASIER = 4.0
"""Load and twenty flows on two cores need timings so many times longer than the shortest."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `soak`."""
    parser.add_argument("--what", choices=WHAT, default="runs")
    parser.add_argument("--count", type=int, default=1000, help="runs, restarts, outages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faster", type=float, default=20.0, help="timings so many times shorter than shipped")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", action="store_true", help="keep the folder also when all is well")


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome."""
    if options.what == "runs":
        from tests.faults.soak_runs import soak

        return [soak(options.count, options.database)]
    started = time.monotonic()
    scale = options.faster if options.what == "outage" else max(1.0, options.faster / EASIER)
    with contextlib.ExitStack() as stack:
        database = None
        if options.database == "postgresql":
            from tests.faults.postmaster import postmaster

            database = stack.enter_context(postmaster())
        name = f"{options.what}-{options.seed}"
        found = stack.enter_context(begun(name, scale, database=database, keep=options.keep, capacity=24))
        count = {"storm": storm, "outage": outage, "starved": starved}[options.what](found, options.count, scale)
    tally = found.tally
    return [
        Outcome(
            harness="soak",
            row=options.what,
            count=count,
            seed=options.seed,
            seconds=round(time.monotonic() - started, 1),
            faults=tuple(tally.faults),
            details={f.name: getattr(tally, f.name) for f in fields(tally) if f.name != "faults"},
        )
    ]


def storm(found: Campaign, count: int, scale: float) -> int:
    """Restarts, killed and told to stop in turns."""
    done = 0
    progress = Progress("restarts", count)

    def restarts() -> Expectation:
        nonlocal done
        for _ in range(min(RESTARTS_A_BATCH, count - done)):
            server = found.cluster.server
            assert server is not None
            server.send_signal(signal.SIGKILL if found.rng.random() < 0.5 else signal.SIGTERM)
            server.wait(30)
            found.cluster.start_server()
            found.cluster.wait_ready()
            done += 1
            time.sleep(found.rng.uniform(0.0, 0.5))
        return Expectation(untouched=True)

    while done < count:
        cycle(found, restarts, TWENTY)
        progress.show(done, len(found.tally.faults))
    return done


def outage(found: Campaign, count: int, scale: float) -> int:
    """The server is away; every other time the worker is, too, and starts before it."""

    def away(number: int) -> Callable[[], Expectation]:
        def strike() -> Expectation:
            cluster = found.cluster
            cluster.kill("server")
            if number % 2:
                cluster.kill("worker")
            time.sleep(OUTAGE_SECONDS / scale)
            if number % 2:
                cluster.start_worker()
                time.sleep(1.0)
            cluster.start_server()
            cluster.wait_ready()
            return Expectation(untouched=True)

        return strike

    for number in range(count):
        cycle(found, away(number))
    return count


def starved(found: Campaign, count: int, scale: float) -> int:
    """Runs under load while the server is stopped and woken."""

    def stopped() -> Expectation:
        pid = found.cluster.pause("server")
        time.sleep(STOPPED_SECONDS / scale)
        if pid is not None:
            found.cluster.send(pid, signal.SIGCONT)
        return Expectation(untouched=True)

    with hogs():
        while found.tally.runs < count:
            cycle(found, stopped)
    return found.tally.runs


@contextlib.contextmanager
def hogs() -> Iterator[None]:
    """Processes that want all the time there is."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(HOGS)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
