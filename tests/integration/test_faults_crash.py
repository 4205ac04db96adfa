"""A sample of the crash points on each database; `./dev faults crash --all` tries every one."""

import argparse
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.faults import crash
from tests.faults.crash_points import syscalls, trying
from tests.faults.crash_points.databases import Postgres, sqlite_database
from tests.faults.crash_points.faulty import Fault, Plan, counted_methods, wrap
from tests.faults.crash_points.operations import OPERATIONS
from tests.postgres import Cluster
from turnout.store.dialects import sqlite


@pytest.mark.slow
def test_a_sample_on_sqlite() -> None:
    parser = argparse.ArgumentParser()
    crash.add_arguments(parser)
    [outcome] = crash.run(parser.parse_args(["--level", "sqlite", "--points", "150"]))
    assert outcome.faults == ()
    assert outcome.count >= 100
    assert outcome.details["operations"] >= 30


@pytest.mark.slow
def test_a_sample_on_postgresql(postgres: Cluster) -> None:
    trial = trying.Trial(Postgres(postgres))
    names = ("create a run by key", "create a run that replaces", "claim one", "journal: all kinds")
    tried = [trial.every_point(it, 9, number) for number, it in enumerate(OPERATIONS) if it.name in names]
    assert [fault for item in tried for fault in item.faults] == []
    assert sum(item.points for item in tried) >= 15


@pytest.mark.slow
@pytest.mark.skipif(syscalls.why_not() is not None, reason="strace cannot be used here")
def test_a_sample_of_system_calls() -> None:
    parser = argparse.ArgumentParser()
    crash.add_arguments(parser)
    [outcome] = crash.run(parser.parse_args(["--level", "calls", "--points", "400", "--operation", "spool"]))
    assert outcome.faults == ()
    assert outcome.count >= 8


def test_without_strace_nothing_is_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(syscalls.shutil, "which", lambda name: None)
    parser = argparse.ArgumentParser()
    crash.add_arguments(parser)
    [outcome] = crash.run(parser.parse_args(["--level", "calls"]))
    assert outcome.count == 0
    assert "strace is not installed" in capsys.readouterr().out


def test_every_method_that_can_reach_data_is_counted() -> None:
    methods = set(counted_methods(sqlite3.Connection))
    assert {"execute", "executescript", "executemany", "commit", "rollback", "backup", "cursor"} <= methods


def test_the_wrapper_reports_what_it_let_happen(tmp_path: Path) -> None:
    plan = Plan()
    connection = wrap(sqlite.connect(str(tmp_path / "a.db")), plan)
    plan.arm(Fault(kind="io", moment="after", at=2))
    connection.execute("CREATE TABLE a (x)")
    with pytest.raises(sqlite3.OperationalError, match="io after call 2"):
        connection.execute("INSERT INTO a VALUES (1)")
    assert plan.hit
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)
    connection.close()


def test_a_store_that_answers_although_commit_failed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def commit(connection: Any) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error:
            sqlite.rollback(connection)

    monkeypatch.setattr(sqlite, "commit", commit)
    assert "acknowledged" in " ".join(_faults("create a run by key"))


def test_a_store_that_swallows_errors_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from turnout.store.session import Session

    whole = Session.execute_text

    def swallowing(session: Session, text: str, values: Any) -> Any:
        try:
            return whole(session, text, values)
        except sqlite3.Error:
            return session._connection.execute("SELECT 1 WHERE 0")

    monkeypatch.setattr(Session, "execute_text", swallowing)
    assert _faults("journal: all kinds")


def _faults(name: str) -> list[str]:
    [operation] = [it for it in OPERATIONS if it.name == name]
    with sqlite_database() as database:
        return trying.Trial(database).every_point(operation).faults
