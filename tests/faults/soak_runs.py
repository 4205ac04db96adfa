"""No-op runs through a real server's API: the harness is client and worker at once, and watches what the server grows.

Every run is triggered, claimed, and ends by a journal of six lines. After a warm-up the server's memory, descriptors,
threads and database are sampled; their slope over the runs is bounded.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.invariants import doctor
from tests.faults.outcome import Outcome
from tests.faults.progress import Progress
from tests.faults.servers import Fleet, ServerProcess, fleet
from tests.serving import PROJECT, apply, deployment, register, snapshot
from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core.jobs import Job
from turnout.core.journal import FLOW_STREAM, PROTOCOL

BATCH = 20
SAMPLES = 40
WARM_UP_SHARE = 0.25
MEGABYTE = 1 << 20
MOST_MEGABYTES = 1.0
"""Of resident memory for 10,000 runs."""
MOST_DESCRIPTORS = 10
MOST_BYTES_A_RUN = 10_000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The server after `runs` runs. memory and database: bytes."""

    runs: int
    memory: int
    descriptors: int
    threads: int
    database: int


def soak(count: int, database: str) -> Outcome:
    """`count` runs; the slopes."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="turnout-soak-"))
    faults: list[str] = []
    try:
        with fleet(folder, 1, database) as found:
            server = found.servers[0]
            samples = _drive(found, server, count)
            faults += judge(samples)
            faults += doctor(server.folder, server.surroundings())
    finally:
        if faults:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    seconds = round(time.monotonic() - started, 1)
    return Outcome(
        harness="soak",
        row="soak",
        count=count,
        seconds=seconds,
        faults=tuple(faults),
        details={"database": database, "runs a second": round(count / seconds), **growth(samples)},
    )


def _drive(found: Fleet, server: ServerProcess, count: int) -> list[Sample]:
    progress = Progress("soak", count)
    samples: list[Sample] = []
    token = (server.folder / "pool.default.token").read_text().strip()
    with server.api() as admin, HttpWorkApi(f"http://127.0.0.1:{server.port}", token) as work:
        apply(admin, snapshot(deployment("noop")))
        register(work, capacity=BATCH)
        every = max(BATCH, count // SAMPLES)
        done = 0
        while done < count:
            done += _batch(admin, work, min(BATCH, count - done), done)
            if done // every > len(samples):
                samples.append(sample(found, server, done))
                progress.show(done, note=f"{samples[-1].memory / MEGABYTE:.1f} MB")
    return samples


def _batch(admin: HttpAdminApi, work: HttpWorkApi, size: int, done: int) -> int:
    for _ in range(size):
        admin.trigger("noop", namespace=PROJECT)
    taken = 0
    while taken < size:
        for job in work.claim(worker_id="w1", key=f"soak-{done}-{taken}", slots=size - taken, wait=5):
            work.ship(job.run.id, job.run.attempt, FLOW_STREAM, 0, journal(job))
            taken += 1
    return taken


def journal(job: Job) -> bytes:
    """What the engine writes for a flow with one task and one log line."""
    now = time.time()
    header = {
        "protocol": PROTOCOL,
        "run": job.run.id,
        "attempt": job.run.attempt,
        "stream": FLOW_STREAM,
        "pid": 1,
        "flow": "noop",
        "run_name": job.run.name,
        "at": now,
    }
    entries = [
        header,
        ["s", 0, "running", now, None],
        ["l", 0, now, 20, "noop", "did nothing"],
        ["s", 0, "completed", now, None],
        ["e", now],
    ]
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def sample(found: Fleet, server: ServerProcess, runs: int) -> Sample:
    """The server now."""
    assert server.process is not None
    proc = Path(f"/proc/{server.process.pid}")
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line)
    if found.postgres_url is None:
        database = (server.folder / "turnout.db").stat().st_size
    else:
        database = int(found.query("SELECT pg_database_size(current_database())")[0][0])
    return Sample(
        runs=runs,
        memory=int(status["VmRSS"].split()[0]) * 1024,
        descriptors=len(os.listdir(proc / "fd")),
        threads=int(status["Threads"]),
        database=database,
    )


def growth(samples: list[Sample]) -> dict[str, float]:
    """Slopes after the warm-up: megabytes for 10,000 runs, bytes of database a run, more descriptors and threads."""
    warm = samples[int(len(samples) * WARM_UP_SHARE) :]
    if len(warm) < 3:
        return {}
    return {
        "MB for 10,000 runs": round(slope([(s.runs, s.memory) for s in warm]) * 10_000 / MEGABYTE, 3),
        "MB at the end": round(warm[-1].memory / MEGABYTE, 1),
        "database bytes a run": round(slope([(s.runs, s.database) for s in warm])),
        "more descriptors": warm[-1].descriptors - warm[0].descriptors,
        "more threads": warm[-1].threads - warm[0].threads,
    }


def slope(points: list[tuple[int, int]]) -> float:
    """Of the regression line through (x, y)."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def judge(samples: list[Sample]) -> list[str]:
    """Faults where something grows that must not. Memory is judged from 20,000 runs on: before, it is noise."""
    found = growth(samples)
    if not found:
        return []
    faults = []
    if samples[-1].runs >= 20_000 and found["MB for 10,000 runs"] > MOST_MEGABYTES:
        faults.append(f"memory grows by {found['MB for 10,000 runs']} MB for 10,000 runs")
    if found["more descriptors"] > MOST_DESCRIPTORS:
        faults.append(f"{found['more descriptors']} more descriptors are open")
    if found["more threads"] > MOST_DESCRIPTORS:
        faults.append(f"{found['more threads']} more threads")
    if found["database bytes a run"] > MOST_BYTES_A_RUN:
        faults.append(f"the database takes {found['database bytes a run']} bytes a run")
    return faults
