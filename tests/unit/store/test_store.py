"""Opening: who may, what is made, what is refused; and a store read by a process that does not hold it."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.factories import insert, new_run
from turnout.core.errors import NotFound, SchemaTooNew, StoreError, StoreLocked, StoreUnavailable
from turnout.core.records import RunFilter
from turnout.store import open_reader, open_store
from turnout.store.migrate import LATEST


def test_the_folder_and_its_files_are_the_owners_only(tmp_path: Path) -> None:
    with open_store(tmp_path / "a" / "data") as store:
        store.write(insert)
        folder = tmp_path / "a" / "data"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_folder_or_the_file_may_be_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        run = store.write(insert)
    with open_store(tmp_path / "turnout.db") as store:
        assert store.read(lambda tx: tx.runs.get(run.id)) == run


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with open_store(tmp_path), pytest.raises(StoreLocked, match=f"process {os.getpid()} holds the store"):
        open_store(tmp_path)
    open_store(tmp_path).close()


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, os, signal; from turnout.store import open_store; store = open_store(sys.argv[1]);"
        "print('open', flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked, match=str(process.pid)):
            open_store(tmp_path)
        process.send_signal(signal.SIGKILL)
    open_store(tmp_path).close()


def test_a_failed_opening_lets_go_of_the_lock(tmp_path: Path) -> None:
    (tmp_path / "turnout.db").write_text("this is a text, long enough to be taken for a database header" * 20)
    with pytest.raises(StoreUnavailable, match="no Turnout database"):
        open_store(tmp_path)
    (tmp_path / "turnout.db").unlink()
    open_store(tmp_path).close()


def test_a_newer_schema_is_refused_for_writing_and_reading(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    set_version(tmp_path, LATEST + 1)
    for opening in (open_store, open_reader):
        with pytest.raises(SchemaTooNew):
            opening(tmp_path)


def test_a_reader_does_not_migrate(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    set_version(tmp_path, LATEST - 1)
    with pytest.raises(StoreError, match="needs to become"):
        open_reader(tmp_path)


def test_a_reader_needs_something_to_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_reader(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_fresh_process_reads_while_another_writes(tmp_path: Path) -> None:
    script = """
import json, sys
from turnout.core.records import RunFilter
from turnout.store import open_reader
with open_reader(sys.argv[1]) as store:
    print(json.dumps(dict(store.read(lambda tx: tx.runs.count(RunFilter())))))
"""
    with open_store(tmp_path) as store:
        for _ in range(3):
            store.write(insert)

        def writing(tx: object) -> str:
            insert(tx)  # type: ignore[arg-type]
            done = subprocess.run(
                [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
            )
            return done.stdout

        assert json.loads(store.write(writing)) == {"scheduled": 3}
        with open_reader(tmp_path) as reader:
            assert reader.read(lambda tx: tx.runs.count(RunFilter())) == {"scheduled": 4}
            with pytest.raises(StoreLocked, match="for reading"):
                reader.write(insert)


def test_a_write_to_a_deleted_database_is_never_acknowledged(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.write(insert)
        (tmp_path / "turnout.db").rename(tmp_path / "elsewhere.db")
        with pytest.raises(StoreUnavailable, match="deleted or replaced"):
            store.write(insert)
        (tmp_path / "elsewhere.db").rename(tmp_path / "turnout.db")
        store.write(insert)


def test_a_foreign_lock_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.store.dialects.sqlite.BUSY_SECONDS", 0.01)
    with open_store(tmp_path) as store:
        shell = sqlite3.connect(tmp_path / "turnout.db", isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked, match="another program"):
            store.write(insert)
        shell.execute("ROLLBACK")
        shell.close()
        store.write(insert)


@pytest.mark.parametrize("threaded", [True, False])
def test_a_full_disk_fails_the_write_and_nothing_else(tmp_path: Path, threaded: bool) -> None:
    with open_store(tmp_path, threaded=threaded) as store:
        kept = store.write(insert)
        store.write(lambda tx: tx._session._connection.execute("PRAGMA max_page_count = 1").fetchone())
        with pytest.raises(StoreUnavailable, match="disk is full"):
            store.write(lambda tx: tx.bundles.put("d", bytes(5_000_000)))
        assert store.read(lambda tx: tx.runs.get(kept.id)) == kept
        store.write(lambda tx: tx._session._connection.execute("PRAGMA max_page_count = 100000").fetchone())
        store.write(lambda tx: tx.bundles.put("d", bytes(5_000_000)))


def test_a_full_disk_fails_no_other_write_of_its_group_silently(tmp_path: Path) -> None:
    """SQLite may undo the whole transaction: whoever was told success has it in the database."""
    with open_store(tmp_path) as store:
        runs = [new_run() for _ in range(40)]

        def work(tx: object, number: int) -> bool:
            tx.runs.insert(runs[number], "x")  # type: ignore[attr-defined]
            if number == 20:
                tx._session._connection.execute("PRAGMA max_page_count = 1").fetchone()  # type: ignore[attr-defined]
                tx.bundles.put("d", bytes(2_000_000))  # type: ignore[attr-defined]
            tx._session._connection.execute("PRAGMA max_page_count = 100000").fetchone()  # type: ignore[attr-defined]
            return True

        futures = [store.submit(lambda tx, number=number: work(tx, number)) for number in range(40)]
        told = [future.exception(timeout=30) is None for future in futures]
        stored = [store.read(lambda tx, run=run: tx.runs.get(run.id)) is not None for run in runs]
        assert told == stored
        assert not told[20]


def test_commits_are_synced_and_pages_are_not_mapped(tmp_path: Path) -> None:
    def pragmas(tx: object) -> list[object]:
        connection = tx._session._connection  # type: ignore[attr-defined]
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "mmap_size")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    with open_store(tmp_path) as store:
        assert store.write(pragmas) == ["wal", 2, 1, 1000, 0]


def set_version(folder: Path, version: int) -> None:
    connection = sqlite3.connect(folder / "turnout.db")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
