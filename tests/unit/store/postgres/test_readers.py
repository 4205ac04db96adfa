"""Reading: snapshots, connections that are shared and replaced, and the database's clock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.factories import insert
from tests.postgres import Cluster
from turnout.core.errors import StoreUnavailable
from turnout.core.records import RunFilter
from turnout.store import Store
from turnout.store.postgres import readers
from turnout.store.postgres.watch import Watch


def _backend(tx: Any) -> int:
    return int(tx._session._connection.connection.info.backend_pid)


def test_lost_connections_are_replaced(postgres: Cluster, store: Store) -> None:
    store.write(insert)
    with ThreadPoolExecutor(4) as threads:
        pids = set(threads.map(lambda _: store.read(_backend), range(20)))
    for pid in pids:
        postgres.run(f"SELECT pg_terminate_backend({pid})")
    assert sum(store.read(lambda tx: tx.runs.count(RunFilter())).values()) == 1


def test_more_readers_than_connections_take_turns(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(insert)
    with ThreadPoolExecutor(40) as threads:
        counts = list(threads.map(lambda _: sum(store.read(lambda tx: tx.runs.count(RunFilter())).values()), range(80)))
    assert counts == [1] * 80
    assert len(store._readers._idle) <= readers.CONNECTIONS  # type: ignore[union-attr]


def test_a_read_that_gets_no_connection_says_so(opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "CONNECTIONS", 1)
    monkeypatch.setattr(readers, "WAIT_SECONDS", 0.0)
    store = opened()
    with pytest.raises(StoreUnavailable, match="busy"):
        store.read(lambda tx: store.read(lambda inner: inner.now))


def test_the_clock_is_the_databases(postgres: Cluster, store: Store) -> None:
    [[before]] = postgres.run("SELECT clock_timestamp()")
    read, written = store.read(lambda tx: tx.now), store.write(lambda tx: tx.now)
    [[after]] = postgres.run("SELECT clock_timestamp()")
    assert before <= read <= written <= after  # type: ignore[operator]
    assert abs(store.clock.now() - written) < timedelta(minutes=1)


def test_a_read_that_takes_its_time_is_not_cut_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "SECONDS", 0.2)

    def look(tx: Any) -> Any:
        tx._session.take_time()
        return tx._session.execute_text("SELECT 1 FROM pg_sleep(0.6)", {}).fetchone()

    assert store.read(look) == (1,)
