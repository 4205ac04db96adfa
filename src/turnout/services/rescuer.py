"""Runs whose executor was not heard of for a lease are given up, so that none stays running for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta

from turnout.core.durations import format_duration
from turnout.core.events import Lost
from turnout.core.limits import LEASE_SECONDS, SWEEP_SECONDS
from turnout.core.ports import Store, Tx
from turnout.core.records import FlowRun, Uptime
from turnout.core.states import ACTIVE
from turnout.orchestration.transition import apply
from turnout.services.isolation import each_alone

ACTOR = "system:rescuer"
BATCH = 100
"""How many runs are given up in one go."""
CLEAR = "rescuer-clear"
"""The duty whose time is when no lease had lapsed."""
ON_TIME = 1.5
"""A sweep is on time up to so many pauses after the one before."""


class Rescuer:
    """A service that sweeps every `sweep_seconds`.

    When no server swept for longer than a lease may be late (all were down, a suspended machine, a clock that was set),
    nobody could renew either: then every live lease is extended before anyone is declared dead. Shorter absences
    lengthen every lease by the time they took, so that several in a row add up to no death. What is remembered lies in
    the database: one server's restart is no grace while another sweeps, and restarts in a row are none at all.

    A clock that is set and set back between two sweeps leaves no gap. A lease that was renewed in between is told by
    its end: it lies before a time at which no lease had lapsed, so no clock that goes on can have written it.
    """

    name = "rescuer"

    def __init__(
        self,
        lease_seconds: float = LEASE_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
        uptime: Callable[[], Uptime | None] = lambda: None,
    ) -> None:
        """uptime: of this machine; tells a restart during which the clock was set back from one without a gap."""
        self._uptime = uptime
        self.pause = timedelta(seconds=sweep_seconds)
        self._lease = timedelta(seconds=lease_seconds)
        self._reason = f"its worker was not heard of for {format_duration(lease_seconds)}"

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Give up what lapsed, or give grace."""
        if not store.read(lambda tx: tx.runs.any_leased()) or store.write(self._was_away):
            return None
        lapsed = store.read(lambda tx: tx.runs.lapsed(BATCH))
        failed = each_alone(store, lapsed, self._rescue, lambda run: f"rescue of run {run.id}")
        return now if len(lapsed) == BATCH and not failed else None

    def _was_away(self, tx: Tx) -> bool:
        """Note the sweep; whether it comes so late that there was grace to give. A sweep that the database refused is
        not noted: nobody could renew meanwhile."""
        gap = self._gap(tx)
        tx.duties.done(self.name, self._uptime())
        if gap is None:
            tx.runs.grace(tx.now + self._lease)
        elif gap > self.pause * ON_TIME:
            tx.runs.lengthen(gap - self.pause)
        if not tx.runs.lapsed(1):
            tx.duties.done(CLEAR)
        return gap is None

    def _gap(self, tx: Tx) -> timedelta | None:
        """How long ago the last sweep is; None for longer than a lease may be late, and for no time at all."""
        last, uptime = tx.duties.last(self.name), self._uptime()
        if last is None:
            return None
        gaps = [tx.now - last.at]
        if last.uptime and uptime and last.uptime.boot == uptime.boot:
            gaps.append(timedelta(seconds=uptime.seconds - last.uptime.seconds))
        return max(gaps) if all(timedelta(0) <= gap <= self.pause + self._lease / 3 for gap in gaps) else None

    def _rescue(self, tx: Tx, seen: FlowRun) -> None:
        if self._gap(tx) is None:
            return  # this process was stopped, or the clock set, since the sweep began: the next one gives grace
        run = tx.runs.get(seen.id)
        if not (run and run.attempt == seen.attempt and run.state in ACTIVE):
            return
        if not run.lease_until or run.lease_until >= tx.now:
            return
        clear = tx.duties.last(CLEAR)
        if clear is not None and run.lease_until < clear.at:
            tx.runs.renew(run.id, run.attempt, tx.now + self._lease)
        else:
            apply(tx, run, Lost(reason=self._reason), ACTOR)
