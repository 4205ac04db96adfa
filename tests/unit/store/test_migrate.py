"""Schema versions: forward only, refused when newer, backed up when older, undone when they fail."""

import sqlite3
from pathlib import Path

import pytest

from turnout.core.errors import SchemaTooNew, StoreError, StoreUnavailable
from turnout.store import migrate as module
from turnout.store.dialects import sqlite
from turnout.store.migrate import LATEST, migrate, migrations, schema_version


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "turnout.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "migrations"
    made.mkdir()
    (made / "0001_first.sqlite.sql").write_text("CREATE TABLE a (x BIGINT);\nINSERT INTO a VALUES (1);\n")
    (made / "0002_second.sqlite.sql").write_text("ALTER TABLE a ADD COLUMN y BIGINT;\nUPDATE a SET y = x + 1;\n")
    (made / "0002_second.postgresql.sql").write_text("nonsense in SQLite")
    return made


def test_the_latest_version_is_that_of_the_files() -> None:
    assert [number for number, _ in migrations()] == list(range(1, LATEST + 1))


def test_a_new_database_gets_every_migration_in_order(path: str, folder: Path) -> None:
    connection = sqlite.connect(path)
    migrate(connection, path, folder=str(folder), latest=2)
    assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]
    assert schema_version(connection) == 2
    migrate(connection, path, folder=str(folder), latest=2)
    assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]
    connection.close()


def test_an_older_database_is_backed_up_first(path: str, folder: Path) -> None:
    connection = sqlite.connect(path)
    migrate(connection, path, folder=str(folder), latest=1)
    migrate(connection, path, folder=str(folder), latest=2)
    connection.close()
    copy = sqlite3.connect(f"{path}.v1.backup")
    assert copy.execute("SELECT * FROM a").fetchall() == [(1,)]
    assert schema_version(copy) == 1
    copy.close()
    assert Path(f"{path}.v1.backup").stat().st_mode & 0o077 == 0


def test_a_failed_migration_leaves_the_database_as_it_was(path: str, folder: Path) -> None:
    (folder / "0002_second.sqlite.sql").write_text("UPDATE a SET x = 9;\nCREATE TABLE a (x BIGINT);\n")
    connection = sqlite.connect(path)
    with pytest.raises(StoreError, match="migration 2 failed"):
        migrate(connection, path, folder=str(folder), latest=2)
    assert connection.execute("SELECT * FROM a").fetchall() == [(1,)]
    assert schema_version(connection) == 1
    connection.close()


def test_a_newer_database_is_refused_untouched(path: str) -> None:
    connection = sqlite.connect(path)
    connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    with pytest.raises(SchemaTooNew, match=f"schema {LATEST + 1}"):
        migrate(connection, path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_another_programs_database_is_refused(path: str) -> None:
    connection = sqlite.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreUnavailable, match="another program"):
        migrate(connection, path)
    connection.close()


def test_migrations_are_named_with_number_and_dialect() -> None:
    for file in Path(module.FOLDER).iterdir():
        number, _, rest = file.name.partition("_")
        assert number.isdigit()
        assert len(number) == 4
        assert rest.endswith((".sqlite.sql", ".postgresql.sql"))
