"""`./dev bench server`: what one server takes, beside a Prefect server of the same run on the same kind of database.

    creation    runs made a second through the API, with 1 and 16 clients; refused answers; p99
    ingestion   task runs and log lines recorded a second over HTTP, read back and checked by the invariants
    pressure    16 producers that never wait: whether anything is refused or lost, and what memory it takes
    search      every combination of filters with many runs in the database: page 1 and page 100, counts, text
    pages       what every page of the UI asks for, with many runs in the database
    idle        memory and CPU of a server with 100 deployments on schedules

Rounds of peers alternate, so that a busy machine is busy for both; medians are told. Only answers of 2xx count.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.ingestion import count_tasks, record_logs, record_tasks
from benchmarks.load import Answered, press
from benchmarks.pages import measure_pages
from benchmarks.peers import PREFECT, PeerMissing, install
from benchmarks.prefect_server import PrefectServer, prefect_server
from benchmarks.processes import measure_idle
from benchmarks.searches import measure_searches
from benchmarks.turnout_server import TurnoutServer, turnout_server
from tests.postgres import Cluster, start_cluster
from turnout.store import open_reader
from turnout.store.invariants import check

CASES = ("creation", "ingestion", "pressure", "search", "pages", "idle")
DATABASES = ("sqlite", "postgresql")
IDLE_DEPLOYMENTS = 100
Row = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Measure what was asked for, print it as a table, keep it as JSON. 0: a benchmark measures, it does not judge."""
    options = _options(arguments)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder, contextlib.ExitStack() as stack:
        peer = _peer(options)
        for database in options.databases:
            cluster = stack.enter_context(start_cluster(durable=True)) if database == "postgresql" else None
            place = Path(folder) / database
            for case in options.cases:
                for row in _measured(case, place, cluster, peer, options):
                    rows.append({"case": case, "database": database, **row})
                    print(_line(rows[-1]), flush=True)
    _print_ratios(rows)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": sys.version.split()[0], "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        options.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench server")
    parser.add_argument("--cases", type=_names(CASES), default=list(CASES), help="comma-separated; all by default")
    parser.add_argument("--databases", type=_names(DATABASES), default=list(DATABASES))
    parser.add_argument("--peers", type=_names(("prefect", "none")), default=["prefect"], help="none: Turnout alone")
    parser.add_argument(
        "--sizes", type=lambda text: [int(s) for s in text.split(",")], default=[10_000, 200_000, 10**6]
    )
    parser.add_argument("--seconds", type=float, default=6.0, help="of load a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args(arguments)


def _names(known: tuple[str, ...]) -> Any:
    def parse(text: str) -> list[str]:
        found = text.split(",")
        if not set(found) <= set(known):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}")
        return found

    return parse


def _peer(options: argparse.Namespace) -> Path | None:
    """The peer's Python; None, and it is said why, when it is left out."""
    if "prefect" not in options.peers or not {"creation", "idle"} & set(options.cases):
        return None
    try:
        return install(PREFECT)
    except PeerMissing as error:
        print(f"prefect: left out: {error}", flush=True)
        return None


def _measured(
    case: str, place: Path, cluster: Cluster | None, peer: Path | None, options: argparse.Namespace
) -> Iterator[Row]:
    match case:
        case "creation":
            yield from _creation(place, cluster, peer, options)
        case "ingestion" | "pressure":
            yield from _ingestion(case, place, cluster, options)
        case "search":
            for size in options.sizes:
                yield from measure_searches(place / f"search-{size}", _database(cluster, f"search{size}"), size)
        case "pages":
            yield from measure_pages(place / "pages", _database(cluster, "pages"), max(options.sizes))
        case "idle":
            yield from _idle(place, cluster, peer, options)


def _creation(place: Path, cluster: Cluster | None, peer: Path | None, options: argparse.Namespace) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(turnout_server(place / "creation", _database(cluster, "creation")))
        ours.apply(1)
        servers: list[TurnoutServer | PrefectServer] = [ours]
        if peer is not None:
            servers += _started(stack, peer, place, cluster)
        for clients in (1, 16):
            taken: dict[str, list[Answered]] = {server.name: [] for server in servers}
            for _ in range(options.rounds):
                for server in servers:
                    request = server.creation()
                    made = press(server.address, clients, lambda request=request: request, seconds=options.seconds)  # type: ignore[misc]
                    taken[server.name].append(made)
            yield from (
                {"peer": name, "what": f"runs made, {clients} clients", **_median(t)} for name, t in taken.items()
            )
        for server in servers:
            request = server.listing()
            read = press(server.address, 1, lambda request=request: request, seconds=options.seconds)  # type: ignore[misc]
            yield {"peer": server.name, "what": "list of the newest 50 of those", **read.row()}


def _started(stack: contextlib.ExitStack, peer: Path, place: Path, cluster: Cluster | None) -> list[PrefectServer]:
    try:
        return [stack.enter_context(prefect_server(peer, place / "prefect", _prefect_database(cluster)))]
    except PeerMissing as error:
        print(f"prefect: left out: {error}", flush=True)
        return []


def _ingestion(case: str, place: Path, cluster: Cluster | None, options: argparse.Namespace) -> Iterator[Row]:
    database = _database(cluster, case)
    clients = 16 if case == "pressure" else 4
    expected = runs = 0
    with turnout_server(place / case, database) as server:
        server.apply(1)
        for record, what in ((record_tasks, "task runs"), (record_logs, "log lines")):
            taken = [
                record(server, options.seconds, clients) for _ in range(1 if case == "pressure" else options.rounds)
            ]
            best = sorted(taken, key=lambda one: one.per_second)[len(taken) // 2]
            if record is record_tasks:
                expected, runs = sum(one.rows for one in taken), sum(one.batches for one in taken)
            yield {
                "peer": "turnout",
                "what": f"{what} recorded, {clients} producers",
                "done_per_second": round(best.per_second),
                "refused": best.answered.refused,
                "p99_ms": round(best.answered.quantile(0.99), 1),
                "cpu_us_each": round(best.cpu_us, 1),
                "memory_mb": best.memory_mb,
            }
    found = count_tasks(database or place / case)
    with open_reader(database or place / case) as store:
        broken = [str(finding) for finding in store.read(lambda tx: check(tx, serving=False))]
    lost = expected - found[1]
    yield {"peer": "turnout", "what": f"read back: {found[1]:,} tasks of {runs} runs", "lost": lost, "broken": broken}


def _idle(place: Path, cluster: Cluster | None, peer: Path | None, options: argparse.Namespace) -> Iterator[Row]:
    with turnout_server(place / "idle", _database(cluster, "idle")) as server:
        server.apply(IDLE_DEPLOYMENTS, scheduled=True)
        measure_idle(server.pid, 5)
        yield {
            "peer": "turnout",
            "what": f"idle, {IDLE_DEPLOYMENTS} deployments",
            **asdict(measure_idle(server.pid, 30)),
        }
    if peer is not None:
        with contextlib.ExitStack() as stack:
            for found in _started(stack, peer, place / "idle-peer", cluster):
                measure_idle(found.pid, 15)
                yield {"peer": "prefect", "what": "idle, no deployments", **asdict(measure_idle(found.pid, 30))}


def _database(cluster: Cluster | None, name: str) -> str | None:
    """A fresh database of the cluster."""
    if cluster is None:
        return None
    import psycopg

    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return cluster.url(name)


def _prefect_database(cluster: Cluster | None) -> str | None:
    url = _database(cluster, "prefect")
    return url and url.replace("postgresql://", "postgresql+asyncpg://", 1)


def _median(taken: list[Answered]) -> Row:
    rows = [one.row() for one in taken]
    return {key: round(statistics.median(row[key] for row in rows), 4) for key in rows[0]}


def _line(row: Row) -> str:
    facts = "  ".join(f"{key} {value}" for key, value in row.items() if key not in ("case", "database", "peer", "what"))
    return f"{row['database']:<11} {row['peer']:<8} {row['what']:<36} {facts}"


def _print_ratios(rows: list[Row]) -> None:
    """How many times the peer, where both were measured."""
    rates = {(r["database"], r["what"], r["peer"]): r["done_per_second"] for r in rows if "done_per_second" in r}
    for (database, what, peer), rate in rates.items():
        theirs = rates.get((database, what, "prefect"))
        if peer == "turnout" and theirs:
            print(f"{database:<11} {what}: {rate / theirs:.1f} times Prefect's")
