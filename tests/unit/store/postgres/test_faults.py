"""A fault at every journey to the database: whichever fails, what was not acknowledged is not there."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.contract.factories import AT, START, created, header, insert, lines, log, move, new_run, step
from turnout.core.errors import StoreUnavailable
from turnout.core.records import FlowRun
from turnout.core.states import RunState
from turnout.store import Store
from turnout.store.postgres import commits, wire
from turnout.store.postgres.watch import sever

TABLES = ("flow_run", "flow_run_history", "outbox", "run_tag", "run_token", "journal_stream", "task_run", "log_chunk")


class Faults:
    """Counts what is sent on a writing connection, and loses the connection at the one numbered `at`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = self.seen = 0
        faults, execute, together = self, psycopg.Connection.execute, wire.together

        def one(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
            faults.sent(self)
            return execute(self, query, *rest, **more)

        def several(connection: Any, statements: Any) -> Any:
            faults.sent(connection)
            return together(connection, statements)

        monkeypatch.setattr(psycopg.Connection, "execute", one)
        monkeypatch.setattr(wire, "together", several)

    def sent(self, connection: Any) -> None:
        self.seen += 1
        if self.seen == self.at:
            sever(connection)

    def arm(self, at: int) -> None:
        self.at, self.seen = at, 0


def content(store: Store) -> dict[str, list[Any]]:
    def rows(tx: Any) -> dict[str, list[Any]]:
        connection = tx._session._connection.connection
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2".encode()).fetchall() for table in TABLES
        }

    return store.read(rows)


def insert_run(tx: Any, run: FlowRun) -> Any:
    return tx.runs.insert(new_run(tags=("a", "b"), occurrence=START, schedule="s"), "admin:ada")


def set_state(tx: Any, run: FlowRun) -> Any:
    return move(tx, run, RunState.PENDING, token_hash="h", worker="w", lease_until=START)


def store_batch(tx: Any, run: FlowRun) -> Any:
    entries = [header(run), created(1), step(1, "running"), created(2), log("a"), ["e", AT]]
    return tx.journal.store(run.id, 1, 0, 0, lines(*entries))


@pytest.mark.parametrize("write", [insert_run, set_state, store_batch], ids=lambda fn: fn.__name__)
def test_nothing_is_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, write: Callable[[Any, FlowRun], Any]
) -> None:
    monkeypatch.setattr(commits, "CHANCES", 1)
    run = store.write(insert)
    before = content(store)
    faults = Faults(monkeypatch)
    failed = 0
    for at in range(1, 100):
        faults.arm(at)
        try:
            store.write(lambda tx: write(tx, run))
            break
        except StoreUnavailable:
            failed += 1
            faults.arm(0)
            assert content(store) == before
    assert failed >= 2, "the connection was lost nowhere"
    faults.arm(0)
    after = content(store)
    assert after != before
    assert len(after["flow_run"]) == len(before["flow_run"]) + (write is insert_run)
