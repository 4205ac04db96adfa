"""Schema versions on PostgreSQL: the same numbered files; several servers may start at once."""

import os
from typing import Any

import psycopg

from turnout.core.errors import StoreError, StoreUnavailable
from turnout.store.dialects import postgresql
from turnout.store.migrate import FOLDER, LATEST, check_not_newer, migrations
from turnout.store.postgres.link import last_row

_VERSION = b"SELECT CASE WHEN to_regclass('schema_migration') IS NULL THEN 0 ELSE 1 END"
_TABLES = (
    b"SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v') AND relnamespace = to_regnamespace(current_schema)"
)
_MARK = (
    b"CREATE TABLE schema_migration (number BIGINT PRIMARY KEY, "
    b"applied_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())"
)


def migrate(connection: psycopg.Connection[Any], where: str, *, folder: str = FOLDER, latest: int = LATEST) -> None:
    """Bring the database to `latest` in one transaction, alone: whoever comes second finds it done.

    Raises SchemaTooNew, having touched nothing, if a newer Turnout wrote it.
    """
    version = schema_version(connection)
    check_not_newer(version, where, latest)
    if version == latest:
        return
    with connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({postgresql.MIGRATION_LOCK})".encode())
        version = schema_version(connection)
        check_not_newer(version, where, latest)
        if version == 0:
            _begin_schema(connection, where)
        for number, file in migrations(folder, postgresql.NAME):
            if version < number <= latest:
                _run(connection, number, os.path.join(folder, file))


def schema_version(connection: psycopg.Connection[Any]) -> int:
    """The number of the last migration; 0 for a database without Turnout's tables."""
    if not last_row(connection.execute(_VERSION))[0]:
        return 0
    return int(last_row(connection.execute(b"SELECT coalesce(max(number), 0) FROM schema_migration"))[0])


def _begin_schema(connection: psycopg.Connection[Any], where: str) -> None:
    encoding = last_row(connection.execute(b"SHOW server_encoding"))[0]
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"the database's encoding is {encoding}", where=where, fix="createdb -E UTF8 -T template0 NAME"
        )
    if last_row(connection.execute(_TABLES))[0]:
        raise StoreUnavailable(
            "the database holds another program's tables", where=where, fix="give Turnout a database of its own"
        )
    connection.execute(_MARK)


def _run(connection: psycopg.Connection[Any], number: int, file: str) -> None:
    with open(file, encoding="utf-8") as opened:
        statements = opened.read()
    try:
        connection.execute(statements.encode())
        connection.execute(b"INSERT INTO schema_migration (number) VALUES ($1)", [number])
    except psycopg.Error as error:
        if error.sqlstate is None or postgresql.is_lost(connection):
            raise
        raise StoreError(
            f"migration {number} failed and was undone: {error}",
            where=file,
            fix="the database is as it was: go on with the older Turnout, and report this",
        ) from error
