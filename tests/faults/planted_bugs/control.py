"""Bugs of the control plane."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.planted_bugs.patching import everywhere, patched
from turnout.core.states import FINAL, RunState
from turnout.orchestration import access, ingest, scheduling, slots
from turnout.services import rescuer, scheduler

LEASE = timedelta(seconds=30)


@contextmanager
def no_fence() -> Iterator[None]:
    """1: nobody asks whether a write comes from the attempt that holds the run."""

    def holds(run: Any, attempt: int) -> bool:
        return run.state not in FINAL and run.state != RunState.SCHEDULED

    places = everywhere(access.check_attempt, lambda principal, run, attempt: None)
    with patched(*places, *everywhere(access.holds, holds)):
        yield


@contextmanager
def watermark_apart() -> Iterator[None]:
    """3: the watermark moves in a transaction of its own, before the runs are made."""
    together = scheduler.each_alone

    def advance(tx: Any, step: Any) -> None:
        tx.projects.put_schedule(replace(step.row, watermark=step.until, next_due=step.next_due))

    def make(tx: Any, step: Any) -> None:
        if step.skipped_to is not None:
            scheduling._skipped(tx, step, step.skipped_to)
        for occurrence in step.run:
            scheduling._create(tx, step.row, occurrence)

    def apart(store: Any, rows: Any, write: Any, name: Any) -> Any:
        if write is not scheduling.execute_step:
            return together(store, rows, write, name)
        return [*together(store, rows, advance, name), *together(store, rows, make, name)]

    with patched((scheduler, "each_alone", apart)):
        yield


@contextmanager
def swallowed_release() -> Iterator[None]:
    """6: what goes wrong when slots are let go is swallowed."""

    def release_all(tx: Any, run: Any) -> None:
        try:
            raise RuntimeError("planted")
        except RuntimeError:
            pass

    with patched((slots, "release_all", release_all)):
        yield


@contextmanager
def workers_clock() -> Iterator[None]:
    """8: a lease lasts from what the worker's clock says."""
    honest = ingest.ship

    def ship(tx: Any, principal: Any, run_id: str, attempt: int, stream: int, first: int, lines: Any) -> int:
        acked = honest(tx, principal, run_id, attempt, stream, first, lines)
        said = [entry[3] for entry in map(json.loads, lines) if type(entry) is list and entry[0] == "s"]
        if said:
            tx.runs.renew(run_id, attempt, datetime.fromtimestamp(said[-1], UTC) + LEASE)
        return acked

    with patched((ingest, "ship", ship)):
        yield


@contextmanager
def no_grace() -> Iterator[None]:
    """9: after a start every lease that lapsed while nobody listened is held against its executor."""

    def was_away(self: Any, tx: Any) -> bool:
        tx.duties.done(self.name, self._uptime())
        return False

    with patched((rescuer.Rescuer, "_was_away", was_away)):
        yield


@contextmanager
def fetched_once() -> Iterator[None]:
    """13: the list of lost runs is fetched once, and what fails is skipped."""

    def tick(self: Any, store: Any, now: datetime) -> None:
        if not hasattr(self, "_planted"):
            self._planted = store.read(lambda tx: tx.runs.lapsed(100))
            rescuer.each_alone(store, self._planted, self._rescue, str)

    with patched((rescuer.Rescuer, "tick", tick)):
        yield
