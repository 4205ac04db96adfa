"""Bugs of what executes: disk, worker, engine, schedules."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.planted_bugs.patching import patched
from turnout.engine.results.restoring import restore
from turnout.engine.reuse import checkpoints
from turnout.schedules import zones
from turnout.store.dialects import sqlite
from turnout.worker import spool_tail

ONE_PROCESS = """
import contextlib
import os
import signal

from turnout.worker import supervisor
from turnout.worker.backends import process

begin = process.ProcessBackend.__init__


def begin_with_path(self, spool, environment, *rest):
    begin(self, spool, {**environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}, *rest)


def do(self, action):
    with contextlib.suppress(ProcessLookupError):
        os.kill(self._flow, signal.SIGKILL if action == "kill" else signal.SIGTERM)


process.ProcessBackend.__init__ = begin_with_path
supervisor.Supervisor._do = do
supervisor.Supervisor._is_over = lambda self: self._status is not None
"""
"""A worker hands on few of its variables, so the plant hands on the one that brings it along."""


@contextmanager
def synchronous_normal() -> Iterator[None]:
    """10: COMMIT returns before the log is on the disk."""
    weaker = sqlite._PRAGMAS.replace("synchronous = FULL", "synchronous = NORMAL")
    assert weaker != sqlite._PRAGMAS
    with patched((sqlite, "_PRAGMAS", weaker)):
        yield


@contextmanager
def unsynced_spool() -> Iterator[None]:
    """11: lines are shipped that a power loss would take from the spool."""
    lazy = SimpleNamespace(**vars(os))
    lazy.fdatasync = lazy.fsync = lambda descriptor: None
    with patched((spool_tail, "os", lazy)):
        yield


@contextmanager
def one_process() -> Iterator[None]:
    """12: of what a flow has started only its own process is seen. In every process that is started meanwhile: Python
    imports `sitecustomize` at its start, and this one is found first."""
    before = os.environ.get("PYTHONPATH")
    with tempfile.TemporaryDirectory(prefix="turnout-plant-") as folder:
        (Path(folder) / "sitecustomize.py").write_text(ONE_PROCESS)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (folder, before)))
        try:
            yield
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before


@contextmanager
def by_position() -> Iterator[None]:
    """14: a step gets what was stored at its place, whatever it was called with."""

    def find(self: Any, key: str, inputs: str | None, code: str) -> Any:
        step = self._by_key.get(key)
        if step is None:
            return checkpoints.Found()
        return checkpoints.Found(restore(step.result["inline"]), step.attempt)

    with patched((checkpoints.Checkpoints, "find", find)):
        yield


@contextmanager
def plain_arithmetic() -> Iterator[None]:
    """15: a local time becomes an instant by whatever offset the library picks, gap or not."""

    def first_instant(place: ZoneInfo, shown_time: datetime) -> datetime:
        return shown_time.replace(tzinfo=place).astimezone(UTC)

    with patched((zones, "first_instant", first_instant)):
        yield
