"""The tables of the model store: dictionaries that can be taken back to where a transaction began."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from turnout.core.errors import StoreError
from turnout.core.records import FlowRun

_GONE: Any = object()


class Data:
    """Every table, and the undo log of the transaction under way. `None` as log: reading, nothing may be written."""

    def __init__(self) -> None:
        self.runs: dict[str, FlowRun] = {}
        self.scheduled: dict[str, FlowRun] = {}
        self.active: dict[str, FlowRun] = {}
        self.occurrences: dict[tuple[Any, ...], str] = {}
        self.lease_keys: dict[str, str] = {}
        self.tokens: dict[str, tuple[str, int]] = {}
        self.history: dict[str, tuple[Any, ...]] = {}
        self.streams: dict[tuple[str, int, int], tuple[int, bool, Any]] = {}
        self.tasks: dict[tuple[str, int, int], tuple[Any, ...]] = {}
        self.numbers: dict[tuple[str, int], tuple[int, ...]] = {}
        self.chunks: dict[int, tuple[str, int, int, tuple[tuple[int, list[Any]], ...]]] = {}
        self.artifacts: dict[tuple[str, int, int, int], tuple[Any, ...]] = {}
        self.releases: dict[tuple[str, str, int], Any] = {}
        self.snapshots: dict[tuple[str, str], tuple[int, Any]] = {}
        self.declared: dict[tuple[str, str, int], Any] = {}
        self.deployments: dict[tuple[str, str, str], tuple[Any, Any]] = {}
        self.since: dict[tuple[str, str, str], int] = {}
        self.starts: dict[tuple[str, str, str], Any] = {}
        self.schedules: dict[tuple[str, str, str, str], Any] = {}
        self.workers: dict[str, Any] = {}
        self.credentials: dict[str, Any] = {}
        self.issued: dict[tuple[str, str], str] = {}
        self.outbox: dict[int, dict[str, Any]] = {}
        self.answers: dict[tuple[str, str], tuple[bytes, Any]] = {}
        self.bundles: dict[str, bytes] = {}
        self.lanes: dict[str, str | None] = {}
        self.revoked: dict[str, bool] = {}
        self.pauses: dict[tuple[str, str, str, str], Any] = {}
        self.limits: dict[tuple[str, Any], Any] = {}
        self.rates: dict[tuple[str, Any], Any] = {}
        self.slots: dict[tuple[str, Any, str, str], tuple[int, int, Any]] = {}
        self.waiters: dict[tuple[str, str, str, str, str], tuple[int, int, int, Any, Any]] = {}
        self.values: dict[tuple[str, str, str, str], Any] = {}
        self.events: dict[str, tuple[Any, Any]] = {}
        self.questions: dict[str, Any] = {}
        self.inputs: dict[str, tuple[Any, ...]] = {}
        self.duties: dict[str, Any] = {}
        self.turns: dict[str, Any] = {}
        self._undo: list[tuple[dict[Any, Any], Any, Any]] | None = None

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set one row."""
        if self._undo is None:
            raise StoreError("attempt to write a readonly database")
        self._undo.append((table, key, table.get(key, _GONE)))
        table[key] = value

    def drop(self, table: dict[Any, Any], key: Any) -> None:
        """Remove one row, if it is there."""
        if self._undo is None:
            raise StoreError("attempt to write a readonly database")
        if key in table:
            self._undo.append((table, key, table.pop(key)))

    def transact(self, fn: Callable[[], Any]) -> Any:
        """Run `fn`; what it raises undoes what it wrote."""
        self._undo = undo = []
        try:
            return fn()
        except BaseException:
            for table, key, before in reversed(undo):
                if before is _GONE:
                    table.pop(key, None)
                else:
                    table[key] = before
            raise
        finally:
            self._undo = None
