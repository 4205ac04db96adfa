"""A database connection whose k-th call fails, or kills the process: made from the driver's own class.

Every public method of the connection's class is a call that counts, so a method that the store begins to use tomorrow
is covered tomorrow; what is let through is listed in `LET_THROUGH`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

LET_THROUGH = frozenset({"close", "interrupt", "cancel", "cancel_safe", "fileno", "notifies", "in_transaction"})
"""Calls that are made to clean up or to look, and reach no data."""

Kind = Literal["full", "io", "locked", "lost", "kill"]
Moment = Literal["before", "after"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens at the `at`-th call (1 is the first); `until` later calls fail too (a disk stays full)."""

    kind: Kind
    moment: Moment
    at: int
    until: int = 0

    def __str__(self) -> str:
        stays = f" and for {self.until} calls more" if self.until else ""
        return f"{self.kind} {self.moment} call {self.at}{stays}"


class Plan:
    """Counts calls while armed; `calls` names those that were seen, `hit` says whether the fault happened."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self.armed = False
        self.hit = False
        self.calls: list[str] = []

    def arm(self, fault: Fault | None) -> None:
        """Count from here; None only counts."""
        self.fault, self.armed, self.hit, self.calls = fault, True, False, []

    def disarm(self) -> None:
        self.armed = False

    def call(self, connection: Any, name: str, do: Callable[[], Any], words: str) -> Any:
        """Do it, unless this is the call that fails."""
        if not self.armed:
            return do()
        self.calls.append(words)
        fault, number = self.fault, len(self.calls)
        if fault is None or not fault.at <= number <= fault.at + fault.until:
            return do()
        self.hit = True
        if fault.moment == "after":
            do()
        raise self._happen(connection, fault)

    def _happen(self, connection: Any, fault: Fault) -> Exception:
        if fault.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if isinstance(connection, sqlite3.Connection):
            return _sqlite_error(connection, fault)
        return _postgres_error(connection, fault)


def wrap(connection: Any, plan: Plan) -> Any:
    """`connection`, whose calls count."""
    return _proxy_class(type(connection))(connection, plan)


@contextmanager
def injected(module: Any, name: str, plan: Plan) -> Iterator[None]:
    """The connections that `module.name(...)` makes count while this lasts."""
    original = getattr(module, name)
    setattr(module, name, lambda *args, **values: wrap(original(*args, **values), plan))
    try:
        yield
    finally:
        setattr(module, name, original)


_classes: dict[type, type] = {}


def _proxy_class(cls: type) -> type:
    if cls not in _classes:
        methods = {name: _counted(name) for name in counted_methods(cls)}
        _classes[cls] = type(f"Faulty{cls.__name__}", (_Proxy,), methods)
    return _classes[cls]


def counted_methods(cls: type) -> list[str]:
    """The names of the methods whose calls count."""
    return [
        name
        for name in dir(cls)
        if not name.startswith("_")
        and name not in LET_THROUGH
        and callable(getattr(cls, name))
        and not _is_error(cls, name)
    ]


def _is_error(cls: type, name: str) -> bool:
    found = getattr(cls, name)
    return isinstance(found, type) and issubclass(found, Exception)


def _counted(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **values: Any) -> Any:
        real = object.__getattribute__(self, "_real")
        plan: Plan = object.__getattribute__(self, "_plan")
        words = f"{name} {' '.join(str(args[0]).split())[:60]}" if args else name
        result = plan.call(real, name, lambda: getattr(real, name)(*args, **values), words)
        return wrap(result, plan) if name == "cursor" else result

    return method


class _Proxy:
    def __init__(self, real: Any, plan: Plan) -> None:
        object.__setattr__(self, "_real", real)
        object.__setattr__(self, "_plan", plan)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_real"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "_real"), name, value)


_SQLITE = {"full": sqlite3.SQLITE_FULL, "io": sqlite3.SQLITE_IOERR, "locked": sqlite3.SQLITE_BUSY}


def _sqlite_error(connection: sqlite3.Connection, fault: Fault) -> sqlite3.OperationalError:
    if fault.kind == "full" and connection.in_transaction:
        connection.execute("ROLLBACK")  # as SQLite does itself when there is no room
    error = sqlite3.OperationalError(f"injected: {fault}")
    error.sqlite_errorcode = _SQLITE[fault.kind]
    return error


def _postgres_error(connection: Any, fault: Fault) -> Exception:
    import psycopg
    from psycopg import errors

    holder = getattr(connection, "connection", connection)
    if fault.kind == "lost":
        holder.close()
        return psycopg.OperationalError(f"server closed the connection unexpectedly (injected: {fault})")
    if holder.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS:
        with contextlib.suppress(psycopg.Error):
            psycopg.Connection.execute(holder, "SELECT 1 / 0")  # a statement that failed spoils its transaction
    kinds = {"full": errors.DiskFull, "io": errors.IoError, "locked": errors.LockNotAvailable}
    return kinds[fault.kind](f"injected: {fault}")
