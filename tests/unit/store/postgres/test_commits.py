"""One writer over all servers, whatever happens to the others, to the connection or to the database."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.contract.factories import NAMESPACE, deploy, deployment, insert
from tests.postgres import Cluster, start_cluster
from turnout.core.errors import Conflict, SchemaTooNew, StoreError, StoreUnavailable
from turnout.core.records import RunFilter
from turnout.store import Store, open_store
from turnout.store.dialects import postgresql
from turnout.store.postgres import commits as module
from turnout.store.postgres import wire
from turnout.store.postgres.watch import Watch, sever

WAITING = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND NOT granted AND datname = '{}'"""


def database(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


def wait_until_somebody_waits(postgres: Cluster, url: str, count: int = 1) -> None:
    while postgres.run(WAITING.format(database(url)))[0][0] != count:
        pass


def names(store: Store) -> list[str]:
    """The runs of the outbox's events, in their order."""
    return [event["run_id"] for event in store.read(lambda tx: tx.outbox.after(0, 1000))]


def connection(tx: Any) -> psycopg.Connection[Any]:
    return tx._session._connection.connection  # type: ignore[no-any-return]


def total(store: Store) -> int:
    return sum(store.read(lambda tx: tx.runs.count(RunFilter())).values())


def test_events_ascend_in_the_order_of_commits_over_all_servers(
    postgres: Cluster, postgres_url: str, opened: Callable[[], Store]
) -> None:
    one, two = opened(), opened()
    inside, go_on = threading.Event(), threading.Event()

    def slowly(tx: Any) -> list[str]:
        first = insert(tx).id
        inside.set()
        assert go_on.wait(30)
        return [first, insert(tx).id]

    slow = one.submit(slowly)
    assert inside.wait(30)
    quick = two.submit(lambda tx: [insert(tx).id])
    wait_until_somebody_waits(postgres, postgres_url)
    assert not quick.done(), "two servers write at once"
    assert names(two) == [], "what is not committed is seen"
    go_on.set()
    assert [*slow.result(30), *quick.result(30)] == names(two)


def test_time_never_goes_back_from_one_servers_write_to_anothers(opened: Callable[[], Store]) -> None:
    stores = [opened(), opened()]
    times: list[Any] = []
    with ThreadPoolExecutor(4) as threads:
        for number in range(40):
            threads.submit(stores[number % 2].write, lambda tx: (times.append(tx.now), insert(tx)))
    assert times == sorted(times)
    assert len(set(names(stores[0]))) == 40


STOPPED = r"""
import sys
from tests.contract.factories import NAMESPACE, deploy, deployment, insert
from turnout.core.errors import StoreUnavailable
from turnout.store import open_store
from turnout.store.dialects import postgresql
postgresql.STALL_SECONDS = 0.3
store = open_store(sys.argv[1])
calls = []
def work(tx):
    calls.append(insert(tx).id)
    if len(calls) == 1:
        print("inside", flush=True)
        if sys.stdin.readline() == "look\n":
            tx.outbox.last()
try:
    store.write(work)
    print("acknowledged", len(calls), flush=True)
except StoreUnavailable:
    print("unknown", len(calls), flush=True)
"""


@pytest.mark.parametrize(("then", "ends"), [("look", "acknowledged 2"), ("commit", "unknown 1")])
def test_the_lock_of_a_stopped_writer_is_taken_from_it(postgres_url: str, store: Store, then: str, ends: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, postgres_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[4], env={**os.environ, "PYTHONPATH": "."},
    ) as other:  # fmt: skip
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "inside\n"
        other.send_signal(signal.SIGSTOP)
        assert store.write(insert), "a stopped server holds up the others"
        assert total(store) == 1
        other.send_signal(signal.SIGCONT)
        other.stdin.write(f"{then}\n")
        other.stdin.flush()
        assert other.stdout.readline() == f"{ends}\n", "its function is run again, or not acknowledged"
    assert total(store) == (2 if then == "look" else 1)


def test_a_killed_writer_leaves_nothing(postgres_url: str, store: Store) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", STOPPED, postgres_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[4], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    with other:
        assert other.stdout
        assert other.stdout.readline() == "inside\n"
        other.kill()
    store.write(insert)
    assert total(store) == 1


def test_a_connection_that_is_lost_before_the_commit_is_replaced(postgres: Cluster, store: Store) -> None:
    calls: list[int] = []

    def work(tx: Any) -> int:
        calls.append(connection(tx).info.backend_pid)
        insert(tx)
        if len(calls) == 1:
            postgres.run(f"SELECT pg_terminate_backend({calls[0]})")
            tx.runs.count(RunFilter())
        return len(calls)

    assert store.write(work) == 2
    assert len(set(calls)) == 2
    assert total(store) == 1


def test_one_that_was_lost_while_nobody_wrote_is_replaced(postgres: Cluster, store: Store) -> None:
    pid = store.write(lambda tx: connection(tx).info.backend_pid)
    postgres.run(f"SELECT pg_terminate_backend({pid})")
    store.write(insert)
    assert total(store) == 1


@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_without_an_answer_is_never_acknowledged(
    store: Store, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    real = wire.together

    def together(connection: Any, statements: Any) -> Any:
        if (b"COMMIT", None) in statements:
            monkeypatch.undo()
            if arrives:
                real(connection, statements)
            sever(connection)
        return real(connection, statements)

    calls: list[int] = []

    def work(tx: Any) -> None:
        calls.append(1)
        tx.credentials.put(f"hash{len(calls)}", "admin", "x", None, None)

    monkeypatch.setattr(wire, "together", together)
    with pytest.raises(StoreUnavailable, match="unknown"):
        store.write(work)
    assert calls == [1], "what may have been committed is not run again"
    store.write(insert)
    assert total(store) == 1


def test_one_that_fails_after_writing_takes_no_other_with_it(store: Store) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold(tx: Any) -> None:
        inside.set()
        assert go_on.wait(30)

    def fail(tx: Any) -> None:
        insert(tx)
        raise Conflict("mine")

    def break_a_rule(tx: Any) -> None:
        insert(tx)
        connection(tx).execute(b"SELECT 1 / 0")

    held = store.submit(hold)
    assert inside.wait(30)
    futures = [store.submit(work) for work in (insert, fail, insert, break_a_rule, insert)]
    go_on.set()
    held.result(30)
    outcomes = [future.exception(30) for future in futures]
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None), StoreError, type(None)]
    assert total(store) == 3


def test_a_rule_broken_by_what_was_sent_with_the_commit_is_told_to_its_function(store: Store) -> None:
    run = store.write(insert)

    def twice(tx: Any) -> None:
        values = {"token_hash": "h", "run_id": run.id, "attempt": 1, "issued_at": 1}
        tx._session.execute("runs/insert_token", values)
        tx._session.execute("runs/insert_token", values)

    inside, go_on = threading.Event(), threading.Event()
    held = store.submit(lambda tx: (inside.set(), go_on.wait(30)))
    assert inside.wait(30)
    futures = [store.submit(work) for work in (insert, twice, insert)]
    go_on.set()
    held.result(30)
    assert [type(future.exception(30)) for future in futures] == [type(None), StoreError, type(None)]
    with pytest.raises(StoreError, match="duplicate key"):
        store.write(twice)
    assert total(store) == 3


def test_an_error_that_a_function_swallows_is_not_acknowledged(store: Store) -> None:
    def swallow(tx: Any) -> None:
        insert(tx)
        with contextlib.suppress(psycopg.Error):
            connection(tx).execute(b"SELECT 1 / 0")

    with pytest.raises(StoreError, match="swallowed"):
        store.write(swallow)
    assert total(store) == 0


def test_writes_that_wait_too_long_for_others_fail_as_unavailable(
    postgres_url: str, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "WAIT_SECONDS", 0.05)
    store = opened()
    with psycopg.connect(postgres_url) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({postgresql.WRITE_LOCK})".encode())
        with pytest.raises(StoreUnavailable, match="other servers' writes"):
            store.write(insert)
    store.write(insert)


def test_a_newer_schema_stops_a_running_server(postgres: Cluster, postgres_url: str, store: Store) -> None:
    store.write(insert)
    postgres.run("INSERT INTO schema_migration (number) VALUES (99)", database(postgres_url))
    with pytest.raises(SchemaTooNew, match="99"):
        store.write(insert)
    with pytest.raises(SchemaTooNew, match="99"):
        open_store(postgres_url)
    postgres.run("DELETE FROM schema_migration WHERE number = 99", database(postgres_url))
    store.write(insert)


def test_a_database_that_answers_nothing_is_given_up(
    postgres: Cluster, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(Watch, "SECONDS", 0.3)
    with open_store(postgres_url) as store:
        backend = store.write(lambda tx: connection(tx).info.backend_pid)
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailable):
                store.write(insert)
        finally:
            os.kill(backend, signal.SIGCONT)
        store.write(insert)
        assert total(store) == 1


def test_a_database_that_is_gone_and_comes_back() -> None:
    with start_cluster() as cluster, open_store(cluster.create()) as store:
        store.write(insert)
        cluster.stop()
        with pytest.raises(StoreUnavailable):
            store.write(insert)
        with pytest.raises(StoreUnavailable):
            store.read(lambda tx: tx.now)
        cluster.start()
        store.write(insert)
        assert total(store) >= 1


def test_what_another_server_declares_is_seen_by_the_next_write(opened: Callable[[], Store]) -> None:
    one, two = opened(), opened()

    def retries(store: Store) -> int | None:
        found = store.write(lambda tx: tx.projects.deployment(NAMESPACE, "load"))
        return found and found[0].retries

    assert (retries(one), retries(two)) == (None, None)
    for number, store in enumerate((one, two, one), start=1):
        store.write(lambda tx, number=number: deploy(tx, deployment(retries=number), number=number))
        assert (retries(one), retries(two)) == (number, number)
