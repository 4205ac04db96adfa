"""I27: the disk of the server or of a worker is full: clear refusals, nothing acknowledged lost, recovery by itself.

    ./dev faults disk [--cycles 50] [--megabytes 12] [--seed 1]

A real server with every service on a small file system in memory, which is filled and freed again and again while runs
are asked for, journals are sent and a schedule fires every second. Needs the right to mount; says so where it has none.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.disk_full.room import Room, small_disk, why_not
from tests.faults.outcome import Outcome
from tests.serving import PROJECT, Served, apply, deployment, register, served, snapshot
from turnout.client import HttpAdminApi
from turnout.core.errors import TurnoutError
from turnout.core.records import Page, RunFilter
from turnout.core.snapshot import ScheduleSpec
from turnout.engine.journal.spool import SpoolJournal
from turnout.store import open_store
from turnout.store.invariants import check

ROW = "disk-full"
TRIES = 400
"""Requests in a full disk until one is refused: the log has room that it was given before."""
RECOVERY_SECONDS = 15.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this harness."""
    parser.add_argument("--cycles", type=int, default=50, help="how often the disk is filled and freed")
    parser.add_argument("--megabytes", type=int, default=12, help="the size of the disk (2 to 32)")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> list[Outcome]:
    """The server's disk, then the disk of a flow's spool."""
    missing = why_not()
    if missing is not None:
        print(f"  {missing}: nothing was tried", flush=True)
        return [Outcome(harness="disk", row=ROW, count=0, seconds=0.0, details={"not_available": missing})]
    started = time.monotonic()
    tally = Tally()
    with small_disk(options.megabytes) as room:
        _server(room, options.cycles, random.Random(options.seed), tally)
    with small_disk(2) as room:
        tally.faults += list(_spool(room))
    return [
        Outcome(
            harness="disk",
            row=ROW,
            count=tally.cycles,
            seconds=time.monotonic() - started,
            seed=options.seed,
            faults=tuple(tally.faults),
            details={
                "acknowledged": len(tally.acked),
                "refused": tally.refused,
                "scheduled": tally.scheduled,
                "slowest_recovery": round(tally.slowest, 2),
                "said": sorted(tally.said)[:3],
            },
        )
    ]


@dataclass(kw_only=True)
class Tally:
    """What was seen."""

    cycles: int = 0
    refused: int = 0
    scheduled: int = 0
    slowest: float = 0.0
    acked: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def _server(room: Room, cycles: int, chance: random.Random, tally: Tally) -> None:
    data = room.folder / "data"
    with served(data, services=None) as server, server.admin() as api:
        second = ScheduleSpec(slug="second", every=1.0, catch_up="all")
        apply(api, snapshot(deployment("load"), deployment("often", schedules=(second,))))
        with server.worker() as worker:
            register(worker)
        for _ in range(cycles):
            _cycle(room, server, api, chance, tally)
        _wait_until_caught_up(api, tally)
        _compare(api, tally)
    tally.faults += list(_sound(data))


def _cycle(room: Room, server: Served, api: HttpAdminApi, chance: random.Random, tally: Tally) -> None:
    """Fill, ask until refused, free, ask until answered."""
    tally.cycles += 1
    room.fill(leave=chance.choice((0, 0, 4096, 100_000)))
    refused = any(not _ask(server, chance, tally) for _ in range(TRIES))
    threading.Event().wait(chance.choice((0.0, 1.2)))  # let the schedule meet the full disk
    if not refused:
        tally.faults.append(f"cycle {tally.cycles}: {TRIES} requests found room on a full disk")
    try:
        api.runs(RunFilter(deployment="load"), Page(limit=1))
    except TurnoutError as error:
        tally.faults.append(f"cycle {tally.cycles}: nothing can be read: {error}")
    room.clear()
    started = time.monotonic()
    while not _ask(server, chance, tally):
        if time.monotonic() - started > RECOVERY_SECONDS:
            tally.faults.append(f"cycle {tally.cycles}: refuses although there is room")
            return
        time.sleep(0.05)
    tally.slowest = max(tally.slowest, time.monotonic() - started)
    for _ in range(chance.randint(0, 20)):
        if not _ask(server, chance, tally):
            tally.faults.append(f"cycle {tally.cycles}: refuses again although there is room")


def _ask(server: Served, chance: random.Random, tally: Tally) -> bool:
    """Ask for a run; whether it was acknowledged. A refusal has to be 503 or 507, and to say what is wrong."""
    body = {"parameters": {"states": 1}, "tags": [f"{number}{'x' * chance.choice((5, 60))}" for number in range(8)]}
    with server.http(server.token()) as client:
        answer = client.post("/api/v1/deployments/load/runs", json=body, params={"project": PROJECT.project})
    if answer.status_code in (200, 201):
        tally.acked.append(answer.json()["id"])
        return True
    tally.refused += 1
    problem = answer.json() if answer.headers.get("content-type", "").endswith("json") else {}
    tally.said.add(f"{answer.status_code} {problem.get('code')}: {problem.get('detail')}")
    if answer.status_code not in (503, 507) or not problem.get("fix"):
        tally.faults.append(f"cycle {tally.cycles}: answers {answer.status_code} {answer.text[:200]}")
    return False


def _wait_until_caught_up(api: HttpAdminApi, tally: Tally) -> None:
    """Every occurrence up to now has its run."""
    until = time.time()
    for _ in range(300):
        [newest] = api.runs(RunFilter(deployment="often"), Page(limit=1)) or [None]
        if newest is not None and newest.occurrence is not None and newest.occurrence.timestamp() >= until:
            return
        time.sleep(0.1)
    tally.faults.append("the scheduler does not catch up")


def _compare(api: HttpAdminApi, tally: Tally) -> None:
    there = {run.id for run in _all(api, "load")}
    lost = [run_id for run_id in tally.acked if run_id not in there]
    if lost:
        tally.faults.append(f"{len(lost)} of {len(tally.acked)} acknowledged runs are lost, {lost[0]} first")
    fired = sorted(run.occurrence.timestamp() for run in _all(api, "often") if run.occurrence)
    gaps = [one for one, other in itertools.pairwise(fired) if round(other - one, 3) != 1.0]
    tally.scheduled = len(fired)
    if gaps:
        tally.faults.append(f"{len(gaps)} gaps in a schedule of one second, the first after {gaps[0]}")


def _all(api: HttpAdminApi, name: str) -> Iterator[Any]:
    after = None
    while page := api.runs(RunFilter(deployment=name), Page(limit=200, after=after)):
        yield from page
        after = page[-1].id


def _sound(data: Path) -> Iterator[str]:
    connection = sqlite3.connect(data / "turnout.db")
    found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    yield from (f"integrity: {row[0]}" for row in found if row[0] != "ok")
    with open_store(data, threaded=False) as store:
        yield from (
            f"{it.invariant}: {it.what} {it.details[:1]}" for it in store.read(lambda tx: check(tx, serving=False))
        )


def _spool(room: Room) -> Iterator[str]:
    """A flow writes until its disk is full, and goes on once there is room: no line lost, none torn."""
    path = room.folder / "spool"
    journal = SpoolJournal(str(path), '{"protocol": 1}\n')
    room.fill(leave=20_000)
    freed = threading.Timer(1.0, room.clear)
    freed.start()
    for number in range(40):
        journal.write(json.dumps(["l", 0, 1.5, 20, "x", f"{number} " + "y" * 3000]) + "\n")
    journal.close('["e", 2.5]\n')
    freed.join()
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    numbers = [int(line[5].split()[0]) for line in lines[1:-1]]
    if numbers != list(range(40)) or lines[-1][0] != "e":
        yield f"a flow on a full disk recorded {len(numbers)} of 40 lines"
