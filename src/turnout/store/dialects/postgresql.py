"""PostgreSQL: parameters, the statements that begin transactions, and what its errors mean.

No session state is relied on (settings are transaction-local), so that a pooler may hand over connections between
transactions.
"""

import re
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from turnout.core.errors import ConfigurationError, StoreError, StoreUnavailable

NAME = "postgresql"
WRITE_LOCK = 0x7475726E6F7574
"""The advisory lock of whoever writes: one transaction at a time over all servers of a database."""
MIGRATION_LOCK = WRITE_LOCK + 1
DEFAULTS: dict[str, Any] = {
    "client_encoding": "utf8",
    "connect_timeout": 5,
    "fallback_application_name": "turnout",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How to connect, where the URL does not say otherwise: a peer that is gone is noticed within half a minute."""
STALL_SECONDS = 5.0
"""How long a server that stopped inside a transaction may hold up the others."""
WAIT_SECONDS = 15.0
"""How long to wait for the other servers' writes."""
STATEMENT_SECONDS = 30.0
"""How long one statement may take."""
_NOW = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
_DECLARED = (
    "(SELECT string_agg(name || value, ' ' ORDER BY name) FROM store_mark WHERE name IN ('declared', 'store_epoch'))"
)
_MOMENT = f"{_NOW}, max(number), {_DECLARED} FROM schema_migration"
"""The time, the schema's version, and a stamp that is another one whenever something else is declared."""

_HOST = r"(?:[\w.%~+-]*|\[[0-9a-fA-F:.%]*\])(?::\d*)?"
_ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:/?#@]*)(?::[^:/?#@]*)?(?P<at>@))?"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?P<path>/[^@?#]*)?(?:\?[^@#]*)?"
)
"""An address that libpq and this reading understand alike: else a part of a password might be shown for a host."""
_TOKEN = re.compile(r"('(?:[^']|'')*'|::\w+)|--[^\n]*\n?|:([a-z_][a-z0-9_]*)|\b(LIKE)\b")
_WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\b", re.IGNORECASE)
_AGAIN = {"40001", "40P01", "55P03"}
_MEANINGS = {
    "08": ("the database cannot be reached", "see whether PostgreSQL runs; Turnout reconnects by itself"),
    "28": ("the database refuses the user or password", "check database_url (TURNOUT_DATABASE)"),
    "3D000": ("there is no such database", "create it: createdb NAME; or name another in TURNOUT_DATABASE"),
    "25006": ("the database is read-only", "connect to the primary: add target_session_attrs=read-write to the URL"),
    "25P03": ("the transaction stood still too long and was ended", "this server was stopped or cut off; try again"),
    "40": ("the transaction met another one", "try again"),
    "42501": ("the database refuses this user the right", "give the user of database_url the rights of the schema"),
    "53": ("the database has no room left", "free disk, memory or connections; nothing acknowledged is lost"),
    "55P03": ("other servers' writes took too long", "see which server holds the lock: pg_locks, pg_stat_activity"),
    "57014": ("the database took too long over a statement", "see what keeps it busy: pg_stat_activity"),
    "57P": ("the database is starting, stopping or restarting", "wait; Turnout reconnects by itself"),
    "58": ("the database's disk fails", "check the disk and PostgreSQL's log"),
    "XX001": ("the database is damaged", "restore a backup; keep the damaged files"),
    "XX002": ("the database is damaged", "restore a backup; keep the damaged files"),
}


def shown(url: str) -> str:
    """The URL without its secrets: user, hosts and database."""
    found = _ADDRESS.fullmatch(url)
    return (
        "postgresql://" + "".join(found[name] or "" for name in ("user", "at", "hosts", "path"))
        if found
        else "postgresql://"
    )


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit mode: transactions are begun by hand. Raises StoreUnavailable, ConfigurationError."""
    if not _ADDRESS.fullmatch(url):
        raise _unreadable(url)
    try:
        connection = psycopg.connect(
            autocommit=True, cursor_factory=psycopg.RawCursor, **{**DEFAULTS, **conninfo_to_dict(url)}
        )
    except psycopg.OperationalError as error:
        raise translate(error, shown(url)) from error
    except psycopg.ProgrammingError:
        raise _unreadable(url) from None  # its text holds parts of the URL
    # One type for every number and every text: a statement is then prepared once, whatever its values are.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(str, StrDumper)
    # `postgres.wire` prepares: the driver would forget everything that is prepared at each ROLLBACK.
    connection.prepare_threshold = None
    return connection


@lru_cache(maxsize=2048)
def translated(text: str) -> tuple[bytes, tuple[str, ...], bool]:
    """A statement with `:name` parameters as PostgreSQL has it: `$1`.., without comments, the names in order, and
    whether it only reads.

    LIKE becomes ILIKE: it ignores the case of ASCII letters on SQLite, so it does in shared statements.
    """
    names: list[str] = []

    def replace(found: re.Match[str]) -> str:
        kept, name, like = found.groups()
        if name is None:
            return "ILIKE" if like else kept or ""
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    statement = _TOKEN.sub(replace, text).strip()
    return statement.encode(), tuple(names), _WRITES.search(statement) is None


def begin_write() -> tuple[bytes, ...]:
    """Begin; set the timeouts and take the right to write; then read the clock, the schema's version and the stamp of
    what is declared. Sent together, and prepared: one round trip, nothing planned anew."""
    settings = _local(
        idle_in_transaction_session_timeout=STALL_SECONDS,
        lock_timeout=WAIT_SECONDS,
        statement_timeout=STATEMENT_SECONDS,
    )
    durable = (
        "CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
    )
    taken = f"SELECT {settings}, {durable}, pg_advisory_xact_lock({WRITE_LOCK})"
    # A statement of its own after the lock: it sees what was committed while this one waited.
    return b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", taken.encode(), _MOMENT.encode()


def begin_read() -> tuple[bytes, ...]:
    """Begin a snapshot, set the timeouts and read the clock: one round trip."""
    settings = _local(idle_in_transaction_session_timeout=STATEMENT_SECONDS, statement_timeout=STATEMENT_SECONDS)
    return b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f"{_NOW}, {settings}".encode()


def is_lost(connection: psycopg.Connection[Any]) -> bool:
    """Whether the connection is gone, and with it the transaction."""
    return connection.closed or connection.pgconn.status != pq.ConnStatus.OK


def may_try_again(error: BaseException) -> bool:
    """Whether the transaction was undone because of what others did."""
    return isinstance(error, psycopg.Error) and error.sqlstate in _AGAIN


def translate(error: psycopg.Error, where: str) -> StoreError:
    """What a driver's error means to people."""
    state = error.sqlstate or ("08006" if isinstance(error, psycopg.OperationalError) else "")
    text = str(error).strip().split("\n")[0]
    for length in (5, 3, 2):
        if state[:length] in _MEANINGS:
            what, fix = _MEANINGS[state[:length]]
            return StoreUnavailable(f"{what}: {text}", where=where, fix=fix)
    return StoreError(f"the database refused a statement: {text}", where=where, fix="this is a bug: report it")


def _local(**seconds: float) -> str:
    """Settings for the rest of the transaction."""
    return ", ".join(f"set_config('{name}', '{int(value * 1000)}', true)" for name, value in seconds.items())


def _unreadable(url: str) -> ConfigurationError:
    return ConfigurationError(
        "the database's address cannot be read",
        where="database_url (TURNOUT_DATABASE)",
        fix="postgresql://USER:PASSWORD@HOST:5432/DATABASE, with @ : / ? # % in the password written as %40 %3A ...",
    )
