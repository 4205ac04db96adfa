"""Schedules that are due are followed: their occurrences become runs."""

import logging
from datetime import datetime, timedelta

from turnout.core.ports import Store, Tx
from turnout.core.records import ScheduleRow
from turnout.orchestration import scheduling
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
        due = store.read(_due)
        steps = [step for row, policy in due if (step := self._plan(store, row, policy, now)) is not None]
        failed = each_alone(store, steps, scheduling.execute_step, lambda step: _name(step.row))
        self._postpone(store, [step.row for step in failed])
        return now if len(due) == BATCH else store.read(lambda tx: tx.projects.next_schedule_due())

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


def _name(row: ScheduleRow) -> str:
    return f"schedule {row.slug} of deployment {row.project}/{row.deployment}"
