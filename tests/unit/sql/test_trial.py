import os
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError
from turnout.core.inventory import ConnectionTrial
from turnout.sql.file_lock import FileLock
from turnout.sql.trial import try_connection
from turnout.sql.trial_process import tried

duckdb = pytest.importorskip("duckdb")

PATIENCE = 60.0
"""A machine under load is slow: this only bounds how long a failure takes."""


def attempt(folder: Path, database: str = "warehouse.duckdb", timeout: float = PATIENCE) -> ConnectionTrial:
    return try_connection("warehouse", "duckdb", {"database": database}, folder, timeout=timeout)


def make(path: Path) -> None:
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE t AS SELECT 42 AS answer")


def test_a_database_that_is_there_is_opened_and_left_as_it_was(tmp_path: Path) -> None:
    make(tmp_path / "warehouse.duckdb")
    before = (tmp_path / "warehouse.duckdb").read_bytes()
    trial = attempt(tmp_path)
    assert (trial.ok, trial.version, trial.fix) == (True, f"DuckDB {duckdb.__version__}", None)
    assert trial.where.startswith(f"{tmp_path}/warehouse.duckdb on ")
    assert (tmp_path / "warehouse.duckdb").read_bytes() == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    trial = attempt(tmp_path)
    assert (trial.ok, trial.what) == (True, "the file is not there yet: the first run makes it")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_text("county,votes\n" * 1000)
    trial = attempt(tmp_path)
    assert not trial.ok
    assert "not a valid DuckDB database file" in trial.what
    assert "turnout.yaml" in str(trial.fix)


def test_a_run_that_has_the_database_open_is_named(tmp_path: Path) -> None:
    make(tmp_path / "warehouse.duckdb")
    lock = FileLock(tmp_path / "warehouse.duckdb.lock")
    lock.acquire(lambda holder: pytest.fail(holder))
    try:
        trial = attempt(tmp_path)
    finally:
        lock.release()
    assert not trial.ok
    assert trial.what == f"process {os.getpid()} has the database open, and DuckDB lets one process write"
    assert attempt(tmp_path).ok


def test_a_program_that_takes_no_turns_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    make(path)
    with duckdb.connect(str(path)):
        trial = attempt(tmp_path)
    assert not trial.ok
    assert "close the other program" in str(trial.fix)


def test_a_database_in_memory_and_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert tried(":memory:", tmp_path)["ok"]
    assert tried("new/folder/warehouse.duckdb", tmp_path)["ok"]
    assert [tried(name, tmp_path)["ok"] for name in (".", "file/warehouse.duckdb")] == [False, False]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_what_does_not_answer_is_given_up(tmp_path: Path) -> None:
    trial = attempt(tmp_path, timeout=1e-6)
    assert (trial.ok, trial.version) == (False, None)
    assert trial.what == "it did not answer within 1e-06 s"


def test_no_secret_of_the_server_reaches_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, pathlib\npathlib.Path({str(seen)!r}).write_text('\\n'.join(os.environ))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TURNOUT_TOKEN", "hush")
    monkeypatch.setenv("VAN_API_KEY", "hush")
    assert attempt(tmp_path).ok
    names = set(seen.read_text().splitlines())
    assert "PYTHONPATH" in names
    assert names.isdisjoint({"TURNOUT_TOKEN", "VAN_API_KEY"})


def test_other_types_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'redshift' are not supported"):
        try_connection("warehouse", "redshift", {}, tmp_path)
