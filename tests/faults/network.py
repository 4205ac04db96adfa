"""Network: proxies between every two parts cut, hold, slow down, duplicate, delay and lose what passes.

    ./dev faults network --between worker --cases 20       worker and supervisors <-> server, TCP
    ./dev faults network --between database --cases 20     server <-> PostgreSQL, TCP
    ./dev faults network --between requests --cases 20     worker and supervisors <-> server, request by request
    ./dev faults network --between client --cases 2000     clients that create runs <-> server, request by request

Between worker and server, and between server and database, a case is one partition while five flows run; some outlast
the lease. Nothing is restarted: what was cut has to recover by itself. The comparison is that of `kill`. Between
clients and server a case is one disturbed request: in the end each idempotency key has exactly one run and one answer.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TypeVar

from tests.faults.acks import AckWriter
from tests.faults.cluster import Cluster
from tests.faults.kill import NAMESPACE, Campaign, begun, cycle
from tests.faults.kill_oracle import Expectation, Tally
from tests.faults.outcome import Outcome
from tests.faults.progress import Progress
from tests.faults.proxy import MODES, Fate, HttpProxy, Mode, TcpProxy

PLACES = ("worker", "database", "requests", "client")
CLIENTS = 8
SHORT_SHARE = 0.5
"""Of a lease: partitions that nobody may notice are at most so long."""
SILENT: tuple[Mode, ...] = ("blackhole", "half-open", "one-way")
FATES: tuple[Fate, ...] = ("duplicate", "late-duplicate", "delay", "reset-answer", "lose")
WEIGHTS = (10, 10, 10, 5, 5)
"""Of 100 requests; the others pass."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `network`."""
    parser.add_argument("--between", choices=(*PLACES, "all"), default="all")
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faster", type=float, default=20.0, help="timings so many times shorter than shipped")
    parser.add_argument("--mode", choices=MODES, help="only this one")
    parser.add_argument("--keep", action="store_true", help="keep the folder also when all is well")


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome a place."""
    return [_at(place, options) for place in (PLACES if options.between == "all" else (options.between,))]


def _at(place: str, options: argparse.Namespace) -> Outcome:
    started = time.monotonic()
    work = {"worker": _worker, "database": _database, "requests": _requests, "client": _client}[place]
    count, tally, more = work(options)
    figures = {f.name: getattr(tally, f.name) for f in fields(tally) if f.name != "faults"}
    return Outcome(
        harness="network",
        row="requests" if place == "client" else f"partition:{place}",
        count=count,
        seed=options.seed,
        seconds=round(time.monotonic() - started, 1),
        faults=tuple(tally.faults),
        details={**figures, **more},
    )


P = TypeVar("P", TcpProxy, HttpProxy)
_Done = tuple[int, Tally, dict[str, object]]


def _worker(options: argparse.Namespace) -> _Done:
    with contextlib.ExitStack() as stack:
        proxies: list[TcpProxy] = []

        def place(cluster: Cluster) -> None:
            proxy = stack.enter_context(_started(TcpProxy(("127.0.0.1", cluster.port), delay=2.0 / options.faster)))
            cluster.worker_environ = _through(proxy.port)
            proxies.append(proxy)

        found = stack.enter_context(
            begun(f"network-worker-{options.seed}", options.faster, keep=options.keep, place=place)
        )
        return _partitions(found, proxies[0], options)


def _database(options: argparse.Namespace) -> _Done:
    from tests.faults.postmaster import postmaster

    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postmaster(listen_addresses="127.0.0.1"))
        proxy = stack.enter_context(_started(TcpProxy(database.socket, delay=2.0 / options.faster)))

        def place(cluster: Cluster) -> None:
            cluster.server_environ = {"TURNOUT_DATABASE": database.url_by(proxy.port)}

        name = f"network-database-{options.seed}"
        found = stack.enter_context(begun(name, options.faster, database=database, keep=options.keep, place=place))
        return _partitions(found, proxy, options)


def _partitions(found: Campaign, proxy: TcpProxy, options: argparse.Namespace) -> _Done:
    progress = Progress("network", options.cases)
    for number in range(options.cases):
        server = found.cluster.pid_of("server")
        cycle(found, lambda: _disturb(found, proxy, options.mode))
        if found.cluster.pid_of("server") != server:
            found.tally.faults.append(f"ended: the server of case {number} did not survive")
        progress.show(number + 1, len(found.tally.faults))
    return options.cases, found.tally, {"connections": proxy.connections}


def _disturb(found: Campaign, proxy: TcpProxy, only: Mode | None) -> Expectation:
    rng = found.rng
    mode = rng.choice(MODES) if only is None else only
    long = mode in ("cut", *SILENT) and rng.random() < 0.4
    seconds = found.lease * (rng.uniform(1.5, 2.5) if long else rng.uniform(0.05, SHORT_SHARE))
    proxy.set_mode(mode)
    time.sleep(seconds)
    proxy.set_mode("pass")
    return Expectation(untouched=False, on_disk=not long)


def _requests(options: argparse.Namespace) -> _Done:
    with contextlib.ExitStack() as stack:
        proxies: list[HttpProxy] = []

        def place(cluster: Cluster) -> None:
            choose = _chooser(random.Random(f"fates-{options.seed}"), 0.3)
            proxy = stack.enter_context(_started(HttpProxy(("127.0.0.1", cluster.port), choose)))
            cluster.worker_environ = _through(proxy.port)
            proxies.append(proxy)

        name = f"network-requests-{options.seed}"
        found = stack.enter_context(begun(name, options.faster, keep=options.keep, place=place))
        progress = Progress("network requests", options.cases)
        for number in range(options.cases):
            cycle(found, lambda: Expectation(untouched=True, on_disk=False))
            progress.show(number + 1, len(found.tally.faults))
        return options.cases, found.tally, {"fates": proxies[0].fates}


def _client(options: argparse.Namespace) -> _Done:
    with contextlib.ExitStack() as stack:
        found = stack.enter_context(begun(f"network-client-{options.seed}", options.faster, keep=options.keep))
        choose = _chooser(random.Random(f"fates-{options.seed}"), 0.5)
        proxy = stack.enter_context(_started(HttpProxy(("127.0.0.1", found.cluster.port), choose)))
        apis = [stack.enter_context(found.cluster.api_at_port(proxy.port)) for _ in range(CLIENTS)]
        writers = [AckWriter(api, NAMESPACE, "later", f"client-{n}", pause=0.0) for n, api in enumerate(apis)]
        for writer in writers:
            writer.start()
        progress = Progress("network client", options.cases)
        while (done := _disturbed(proxy)) < options.cases and not found.tally.faults:
            progress.show(done)
            time.sleep(0.05)
        for writer in writers:
            writer.stop()
        time.sleep(1.5)  # the latest duplicates arrive up to a second later
        tally = found.tally
        with found.cluster.api() as api:
            for writer in writers:
                tally.faults += writer.faults(api)
                tally.acks += len(writer.acked)
                tally.unanswered += writer.unanswered
        tally.faults += different(proxy.answers)
        return _disturbed(proxy), tally, {"fates": proxy.fates, "requests": sum(proxy.fates.values())}


def different(answers: list[tuple[bytes, bytes]]) -> list[str]:
    """Faults where a request and its duplicate got answers about two runs."""
    ids = [(json.loads(first).get("id"), json.loads(second).get("id")) for first, second in answers]
    return [f"two answers: one request was answered with runs {a} and {b}" for a, b in ids if a != b]


def _disturbed(proxy: HttpProxy) -> int:
    return sum(count for fate, count in proxy.fates.items() if fate != "pass")


def _chooser(rng: random.Random, longest: float) -> Callable[[str], tuple[Fate, float]]:
    """Fates drawn from `rng`; delays up to `longest` seconds."""

    def choose(_: str) -> tuple[Fate, float]:
        kinds: tuple[Fate, ...] = (*FATES, "pass")
        fate = rng.choices(kinds, (*WEIGHTS, 100 - sum(WEIGHTS)))[0]
        return fate, rng.uniform(0.0, longest)

    return choose


def _through(port: int) -> dict[str, str]:
    return {"TURNOUT_SERVER": f"http://127.0.0.1:{port}"}


@contextlib.contextmanager
def _started(proxy: P) -> Iterator[P]:
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
