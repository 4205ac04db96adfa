"""Migrations on PostgreSQL: alone, all or nothing, and never over what is somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.factories import insert
from tests.postgres import Cluster
from turnout.core.errors import NotFound, SchemaTooNew, StoreError, StoreUnavailable
from turnout.store import open_reader, open_store
from turnout.store.dialects import postgresql
from turnout.store.migrate import LATEST, migrations
from turnout.store.postgres.migrate import migrate, schema_version


def database(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]


def test_both_databases_have_the_same_migrations() -> None:
    numbers = [number for number, _ in migrations(dialect="postgresql")]
    assert numbers == [number for number, _ in migrations(dialect="sqlite")] == list(range(1, LATEST + 1))


def test_servers_that_start_at_once_migrate_once(empty_postgres_url: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: open_store(empty_postgres_url), range(6)))
    for store in stores:
        store.write(insert)
        store.close()
    with postgresql.connect(empty_postgres_url) as connection:
        assert schema_version(connection) == LATEST
        assert connection.execute(b"SELECT number FROM schema_migration ORDER BY 1").fetchall() == [
            (number,) for number in range(1, LATEST + 1)
        ]


def test_an_empty_database_is_nothing_to_read(empty_postgres_url: str) -> None:
    with pytest.raises(NotFound):
        open_reader(empty_postgres_url)


def test_another_programs_tables_are_left_alone(postgres: Cluster, empty_postgres_url: str) -> None:
    postgres.run("CREATE TABLE theirs (id BIGINT)", database(empty_postgres_url))
    with pytest.raises(StoreUnavailable, match="another program's"):
        open_store(empty_postgres_url)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: Cluster) -> None:
    postgres.run("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    with pytest.raises(StoreUnavailable, match="SQL_ASCII"):
        open_store(postgres.url("ascii"))
    postgres.run("DROP DATABASE ascii")


def test_a_newer_schema_is_refused_untouched(postgres: Cluster, postgres_url: str) -> None:
    postgres.run("INSERT INTO schema_migration (number) VALUES (99)", database(postgres_url))
    for opening in (open_store, open_reader):
        with pytest.raises(SchemaTooNew, match="schema 99"):
            opening(postgres_url)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_one.postgresql.sql").write_text("CREATE TABLE one (id BIGINT);")
    (tmp_path / "0002_two.postgresql.sql").write_text("CREATE TABLE two (id BIGINT); SELECT 1 / 0;")
    with postgresql.connect(empty_postgres_url) as connection:
        migrate(connection, "here", folder=str(tmp_path), latest=1)
        with pytest.raises(StoreError, match="migration 2 failed"):
            migrate(connection, "here", folder=str(tmp_path), latest=2)
        assert schema_version(connection) == 1
        (tmp_path / "0002_two.postgresql.sql").write_text("CREATE TABLE two (id BIGINT);")
        migrate(connection, "here", folder=str(tmp_path), latest=2)
        assert schema_version(connection) == 2
