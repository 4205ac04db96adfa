"""Migrations killed at statements, with few rows; `./dev faults migration --rows 1000000` for the campaign."""

import argparse
import sqlite3
from pathlib import Path

import pytest

from tests.faults import migration
from tests.faults.migration_kills.targets import OnPostgres, OnSqlite, split
from tests.postgres import Cluster


@pytest.mark.slow
def test_sqlite() -> None:
    parser = argparse.ArgumentParser()
    migration.add_arguments(parser)
    [outcome] = migration.run(parser.parse_args(["--database", "sqlite", "--rows", "100", "--every", "7"]))
    assert outcome.faults == ()
    assert outcome.count >= 10


@pytest.mark.slow
def test_postgresql(postgres: Cluster, tmp_path: Path) -> None:
    kills = migration.Kills(OnPostgres(postgres, tmp_path), 2, 100, 9)
    assert list(kills.run()) == []
    assert kills.count >= 3


def test_a_migration_that_is_not_one_transaction_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from turnout.store import migrate

    def in_pieces(connection, number, file):  # type: ignore[no-untyped-def]
        for statement in split(Path(file).read_text()):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")

    monkeypatch.setattr(migrate, "_run", in_pieces)
    kills = migration.Kills(OnSqlite(tmp_path), 2, 10, 20)
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        list(kills.run())  # what was killed cannot be run again
