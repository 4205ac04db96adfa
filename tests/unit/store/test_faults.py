"""A fault at every statement: whichever fails, nothing of the write is there, and the next one works."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.factories import AT, START, created, header, insert, lines, log, move, new_run, step
from turnout.core.errors import StoreUnavailable
from turnout.core.records import FlowRun
from turnout.core.states import RunState
from turnout.store import Store, open_store
from turnout.store.session import Session

TABLES = (
    "flow_run",
    "flow_run_history",
    "outbox",
    "run_tag",
    "run_token",
    "journal_stream",
    "task_run",
    "log_chunk",
    "artifact",
)


class Faults:
    """Counts the statements of a session and lets the one numbered `at` fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 0
        self.seen = 0
        self._original = Session.execute_text
        faults = self

        def execute_text(session: Session, text: str, values: Mapping[str, Any]) -> sqlite3.Cursor:
            faults.seen += 1
            if faults.seen == faults.at:
                error = sqlite3.OperationalError("injected")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR
                raise error
            return faults._original(session, text, values)

        monkeypatch.setattr(Session, "execute_text", execute_text)

    def arm(self, at: int) -> None:
        self.at, self.seen = at, 0


def content(store: Store) -> dict[str, list[Any]]:
    def rows(tx: Any) -> dict[str, list[Any]]:
        connection = tx._session._connection
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES}

    return store.read(rows)


def insert_run(tx: Any, run: FlowRun) -> Any:
    return tx.runs.insert(new_run(tags=("a", "b"), occurrence=START, schedule="s"), "admin:ada")


def set_state(tx: Any, run: FlowRun) -> Any:
    return move(tx, run, RunState.PENDING, token_hash="h", worker="w", lease_until=START)


def store_batch(tx: Any, run: FlowRun) -> Any:
    entries = [
        header(run),
        created(1),
        step(1, "running"),
        created(2),
        log("a"),
        ["a", 0, AT, "link", "k", {}],
        ["e", AT],
    ]
    return tx.journal.store(run.id, 1, 0, 0, lines(*entries))


def close_tasks(tx: Any, run: FlowRun) -> Any:
    store_batch(tx, run)
    return tx.journal.close_open_tasks(run.id, 1, RunState.CRASHED, "gone")


@pytest.mark.parametrize("threaded", [True, False])
@pytest.mark.parametrize("write", [insert_run, set_state, store_batch, close_tasks], ids=lambda fn: fn.__name__)
def test_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Any, FlowRun], Any], threaded: bool
) -> None:
    with open_store(tmp_path, threaded=threaded) as store:
        run = store.write(insert)
        before = content(store)
        faults = Faults(monkeypatch)
        failed = 0
        while True:
            faults.arm(failed + 1)
            try:
                store.write(lambda tx: write(tx, run))
            except StoreUnavailable:
                failed += 1
                assert content(store) == before
                continue
            break
        assert failed >= 3, "the fault was injected nowhere"
        assert content(store) != before


@pytest.mark.parametrize("failing", ["COMMIT", "BEGIN IMMEDIATE"])
def test_a_commit_that_fails_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    from turnout.store.dialects import sqlite

    name = {"COMMIT": "commit", "BEGIN IMMEDIATE": "begin_write"}[failing]

    def fail(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("injected")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with open_store(tmp_path) as store:
        before = content(store)
        with monkeypatch.context() as patched:
            patched.setattr(sqlite, name, fail)
            futures = [store.submit(insert) for _ in range(5)]
            assert all(isinstance(future.exception(timeout=30), StoreUnavailable) for future in futures)
        assert content(store) == before
        store.write(insert)


@pytest.mark.parametrize("threaded", [True, False])
def test_a_transaction_that_cannot_even_be_undone_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threaded: bool
) -> None:
    from turnout.store.dialects import sqlite

    def fail(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("injected")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    with open_store(tmp_path, threaded=threaded) as store:
        before = content(store)
        with monkeypatch.context() as patched:
            patched.setattr(sqlite, "commit", fail)
            patched.setattr(sqlite, "rollback", fail)
            for _ in range(2):
                assert isinstance(store.submit(insert).exception(timeout=30), StoreUnavailable)
        assert content(store) == before
        assert store.submit(insert).result(timeout=30)


def test_a_write_that_hides_that_the_disk_was_full_is_not_acknowledged(tmp_path: Path) -> None:
    def swallow(tx: Any) -> None:
        insert(tx)
        tx._session._connection.execute("ROLLBACK")  # as SQLite does when there is no room

    with open_store(tmp_path) as store:
        before = content(store)
        assert isinstance(store.submit(swallow).exception(timeout=30), StoreUnavailable)
        assert content(store) == before
