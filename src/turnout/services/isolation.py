"""One row, one transaction: what happens to one row happens to no other, and a group of them is still one commit."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from turnout.core.errors import StoreLocked, StoreUnavailable
from turnout.core.ports import Store, Tx

T = TypeVar("T")
logger = logging.getLogger("turnout.services")


def each_alone(store: Store, rows: Iterable[T], write: Callable[[Tx, T], Any], name: Callable[[T], str]) -> list[T]:
    """Call `write(tx, row)` for each row, each in a transaction of its own; the rows whose transaction failed, which
    are logged and will be seen again. Raises StoreUnavailable, StoreLocked when the database is the reason."""
    submitted: list[tuple[T, Future[Any]]] = [(row, store.submit(_bound(write, row))) for row in rows]
    failed = []
    for row, future in submitted:
        try:
            future.result()
        except (StoreUnavailable, StoreLocked):
            raise
        except Exception:
            logger.exception("%s failed; it is tried again later", name(row))
            failed.append(row)
    return failed


def _bound(write: Callable[[Tx, T], Any], row: T) -> Callable[[Tx], Any]:
    return lambda tx: write(tx, row)
