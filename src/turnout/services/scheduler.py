"""Schedules that are due are followed: their occurrences become runs."""

import logging
from datetime import datetime, timedelta

from turnout.core.ports import Store, Tx
from turnout.core.records import Pause, ScheduleRow
from turnout.orchestration import pausing, scheduling
from turnout.services.isolation import each_alone

logger = logging.getLogger("turnout.services")
BATCH = 100
"""How many schedules are followed in one go."""


class Scheduler:
    """A service; called when the next schedule is due, and when a release was applied."""

    name = "scheduler"

    def __init__(self, pause: timedelta = timedelta(seconds=15)) -> None:
        self.pause = pause

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Make the runs that are due; when the next schedule is."""
        stuck = self._end_pauses(store)
        due = store.read(_due)
        steps = [step for row, policy in due if (step := self._plan(store, row, policy, now)) is not None]
        failed = each_alone(store, steps, scheduling.execute_step, lambda step: _name(step.row))
        self._postpone(store, [step.row for step in failed])
        return now if len(due) == BATCH else store.read(lambda tx: _next(tx, after_now=stuck))

    def _end_pauses(self, store: Store) -> bool:
        """What was paused until now goes on; whether something of it could not."""
        ended = store.read(lambda tx: [it for it in tx.projects.ending_pauses(BATCH) if _end(it[1]) <= tx.now])
        failed = each_alone(
            store,
            ended,
            lambda tx, item: pausing.end_pause(tx, *item, scheduling.ACTOR),
            lambda item: f"the pause of deployment {item[0].project}/{item[1].deployment}",
        )
        return bool(failed)

    def _plan(self, store: Store, row: ScheduleRow, policy: str, now: datetime) -> scheduling.Step | None:
        try:
            return scheduling.plan_step(row, policy, now)
        except Exception:  # whatever is wrong with one schedule, the others go on
            logger.exception("%s cannot be followed", _name(row))
            self._postpone(store, [row])
            return None

    def _postpone(self, store: Store, rows: list[ScheduleRow]) -> None:
        each_alone(store, rows, scheduling.postpone, _name)


def _due(tx: Tx) -> list[tuple[ScheduleRow, str]]:
    return [(row, scheduling.inherited_catch_up(tx, row)) for row in tx.projects.due_schedules(BATCH)]


def _next(tx: Tx, *, after_now: bool) -> datetime | None:
    """When something is due; of pauses that could not end, they are tried again at the service's own pace."""
    ends = [_end(pause) for _, pause in tx.projects.ending_pauses(1)]
    pauses = [end for end in ends if end > tx.now or not after_now]
    return min((at for at in (tx.projects.next_schedule_due(), *pauses) if at is not None), default=None)


def _end(pause: Pause) -> datetime:
    assert pause.until is not None
    return pause.until


def _name(row: ScheduleRow) -> str:
    return f"schedule {row.slug} of deployment {row.project}/{row.deployment}"
