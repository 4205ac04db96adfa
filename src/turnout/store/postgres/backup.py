"""A backup of a PostgreSQL database: every table of Turnout's schema as COPY text, all of one snapshot.

It needs no client programs, fits every version of PostgreSQL, and is restored into an empty database.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from turnout import _version
from turnout.core.errors import NotFound, StoreError
from turnout.store.archive import Manifest, chunks_of, write_archive
from turnout.store.dialects import postgresql
from turnout.store.postgres.migrate import migrate, schema_version

VERSIONS = "schema_migration"
_TABLES = """SELECT CAST(relname AS TEXT) FROM pg_class
WHERE relkind = 'r' AND relnamespace = to_regnamespace(current_schema) ORDER BY relname"""
_REFERENCES = """SELECT CAST(a.relname AS TEXT), CAST(b.relname AS TEXT) FROM pg_constraint AS c
JOIN pg_class AS a ON a.oid = c.conrelid JOIN pg_class AS b ON b.oid = c.confrelid
WHERE c.contype = 'f' AND c.connamespace = to_regnamespace(current_schema)"""
_COLUMNS = """SELECT CAST(attname AS TEXT) FROM pg_attribute
WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum"""
_COUNTERS = """SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT) FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attidentity <> '' AND c.relkind = 'r' AND c.relnamespace = to_regnamespace(current_schema)"""


def back_up(url: str, target: Path, now: datetime) -> Manifest:
    """Write a backup of the database to `target`; servers go on meanwhile. Raises NotFound, StoreError."""
    where = postgresql.shown(url)
    try:
        with contextlib.closing(postgresql.connect(url)) as connection:
            connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            schema = schema_version(connection)
            if schema == 0:
                raise NotFound("there is no database to back up", where=where, fix="name another in TURNOUT_DATABASE")
            facts = Manifest(
                turnout=_version.__version__, database=postgresql.NAME, schema=schema, taken_at=now.isoformat()
            )
            parts = ((part_of(connection, table), _rows(connection, table)) for table in tables(connection))
            return write_archive(target, facts, parts)
    except psycopg.Error as error:
        raise postgresql.translate(error, where) from error
    except OSError as error:
        fix = "name a file in a folder that can be written and has room"
        raise StoreError(f"the backup cannot be written: {error.strerror}", where=str(target), fix=fix) from error


def restore(url: str, source: Path, manifest: Manifest) -> None:
    """Fill an empty database, all or nothing. Raises StoreError if anything is in it."""
    where = postgresql.shown(url)
    try:
        with contextlib.closing(postgresql.connect(url)) as connection:
            if schema_version(connection) and _count(connection, "release") + _count(connection, "flow_run"):
                fix = "create an empty database and name it in TURNOUT_DATABASE; the present one stays as it is"
                raise StoreError("the database is not empty", where=where, fix=fix)
            with connection.transaction():
                migrate(connection, where, latest=manifest.schema)
                _check_schema(connection, manifest, where)
                _fill(connection, source, manifest)
    except psycopg.Error as error:
        raise postgresql.translate(error, where) from error


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Turnout's tables, each after those that it refers to."""
    names = [name for (name,) in connection.execute(_TABLES.encode()).fetchall() if name != VERSIONS]
    needs: dict[str, set[str]] = {name: set() for name in names}
    for table, other in connection.execute(_REFERENCES.encode()).fetchall():
        if table != other:
            needs[table].add(other)
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += sorted(name for name in names if name not in ordered and needs[name] <= set(ordered))
    return ordered


def part_of(connection: psycopg.Connection[Any], table: str) -> str:
    """The name of a table's part, which lists its columns: `flow_run(id,project)`."""
    columns = [name for (name,) in connection.execute(_COLUMNS.encode(), [table]).fetchall()]
    return f"{table}({','.join(columns)})"


def _rows(connection: psycopg.Connection[Any], table: str) -> Iterator[bytes]:
    part = part_of(connection, table)
    with contextlib.closing(connection.cursor()) as cursor, cursor.copy(_copy(part, "TO STDOUT")) as rows:
        for chunk in rows:
            yield bytes(chunk)


def _fill(connection: psycopg.Connection[Any], source: Path, manifest: Manifest) -> None:
    for table in reversed(tables(connection)):
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)).as_bytes(connection))
    for part in manifest.parts:
        with contextlib.closing(connection.cursor()) as cursor, cursor.copy(_copy(part, "FROM STDIN")) as rows:
            for chunk in chunks_of(source, part):
                rows.write(chunk)
    for table, column in connection.execute(_COUNTERS.encode()).fetchall():
        statement = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), greatest(coalesce(max({}), 0), 1)) FROM {}")
        filled = statement.format(
            sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
        )
        connection.execute(filled.as_bytes(connection))


def _copy(part: str, direction: str) -> bytes:
    table, _, columns = part.rstrip(")").partition("(")
    listed = sql.SQL(", ").join(map(sql.Identifier, columns.split(",")))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), listed, sql.SQL(direction)).as_bytes(None)


def _check_schema(connection: psycopg.Connection[Any], manifest: Manifest, where: str) -> None:
    wanted = {part_of(connection, table) for table in tables(connection)}
    if set(manifest.parts) - wanted or schema_version(connection) != manifest.schema:
        raise StoreError(
            "the backup's tables are not those of its schema",
            where=where,
            fix="restore it with the Turnout that wrote it; report this",
        )


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)).as_bytes(connection))
    row = counted.fetchone()
    return int(row[0]) if row else 0
