"""Occurrences of schedules become runs.

The runs of a schedule and its watermark are written in one transaction, each run under the unique key (deployment,
schedule slug, occurrence): whatever crashes, an occurrence has exactly one run. What the catch-up policy leaves out is
recorded as one skipped run for each gap, at the newest occurrence of the gap; its reason says how many there were.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from turnout.core.errors import ParameterError, TooLarge
from turnout.core.events import Skipped
from turnout.core.limits import CATCH_UP_RUNS, CATCH_UP_STARTS_PER_SECOND, LATE_SECONDS
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, ScheduleRow
from turnout.orchestration.creation import Wanted, insert_unstarted
from turnout.orchestration.runs import create_wanted
from turnout.orchestration.transition import apply
from turnout.schedules import catch_up, next_occurrence, occurrences, parse, parse_policy

ACTOR = "system:scheduler"
ON_TIME = timedelta(seconds=LATE_SECONDS)
"""An occurrence that is acted on within this is not missed, whatever the catch-up policy."""
BROKEN_PAUSE = timedelta(minutes=5)
"""When a schedule that cannot be followed is looked at again."""
_CATCH_UP = ("", "catch-up", "")
"""Under which the next turn of what was missed is remembered."""
_TAIL = 2 * CATCH_UP_RUNS
"""How many missed occurrences are held at once; older ones could not run anyway and are only counted."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What following a schedule from its watermark up to `until` comes to."""

    row: ScheduleRow
    until: datetime
    run: tuple[datetime, ...]
    skipped: int
    skipped_to: datetime | None
    """The newest skipped occurrence."""
    reason: str | None
    next_due: datetime | None


def plan_step(row: ScheduleRow, inherited_catch_up: str, now: datetime) -> Step:
    """What is due of a schedule. Pure and possibly slow, so it is made outside the write that executes it.

    Raises ScheduleError when the stored schedule cannot be followed.
    """
    schedule = parse(row.spec)
    tail, total = missed(row, now)
    policy = parse_policy(row.spec.get("catch_up") or inherited_catch_up)
    decided = catch_up(policy, tail, now, on_time=ON_TIME)
    return Step(
        row=row,
        until=max(now, row.watermark),
        run=decided.run,
        skipped=total - len(decided.run),
        skipped_to=decided.skipped[-1] if decided.skipped else None,
        reason=decided.reason,
        next_due=next_occurrence(schedule, max(now, row.watermark)),
    )


def missed(row: ScheduleRow, now: datetime) -> tuple[tuple[datetime, ...], int]:
    """The occurrences after the watermark up to `now`: the latest of them, and how many there are in all."""
    tail: deque[datetime] = deque(maxlen=_TAIL)
    total = 0
    for at in occurrences(parse(row.spec), row.watermark, now):
        tail.append(at)
        total += 1
    return tuple(tail), total


def execute_step(tx: Tx, step: Step) -> list[FlowRun]:
    """Make the runs of `step` and move the watermark; nothing if the schedule moved, left or was paused since."""
    row = step.row
    namespace = Namespace(project=row.project, environment=row.environment)
    current = {found.slug: found for found in tx.projects.schedules(namespace, row.deployment)}.get(row.slug)
    if current != row or row.paused:
        return []
    made = [_skipped(tx, step, step.skipped_to)] if step.skipped_to is not None else []
    made += [_create(tx, row, occurrence) for occurrence in step.run]
    tx.projects.put_schedule(replace(row, watermark=step.until, next_due=step.next_due))
    return [run for run in made if run is not None]


def postpone(tx: Tx, row: ScheduleRow) -> None:
    """Look at a schedule that cannot be followed later, so that the others are not held up by it."""
    tx.projects.put_schedule(replace(row, next_due=tx.now + BROKEN_PAUSE))


def inherited_catch_up(tx: Tx, row: ScheduleRow) -> str:
    """The catch-up policy of the schedule's deployment."""
    found = tx.projects.deployment(Namespace(project=row.project, environment=row.environment), row.deployment)
    return found[0].catch_up if found else "none"


def release_time(tx: Tx, occurrence: datetime) -> datetime:
    """When a run of the occurrence may start: then itself when it is on time, else in its turn among all that was
    missed, `CATCH_UP_STARTS_PER_SECOND`, so that no outage is followed by a storm."""
    if occurrence >= tx.now - ON_TIME:
        return occurrence
    turn = max(tx.now, tx.limits.next_at("", _CATCH_UP) or tx.now)
    tx.limits.let_through("", _CATCH_UP, turn + timedelta(seconds=1 / CATCH_UP_STARTS_PER_SECOND))
    return occurrence if turn <= tx.now else turn


def _wanted(row: ScheduleRow, occurrence: datetime, due_at: datetime) -> Wanted:
    return Wanted(
        namespace=Namespace(project=row.project, environment=row.environment),
        deployment=row.deployment,
        trigger="schedule",
        by=ACTOR,
        parameters=row.spec.get("parameters") or {},
        due_at=due_at,
        schedule=row.slug,
        occurrence=occurrence,
    )


def _create(tx: Tx, row: ScheduleRow, occurrence: datetime) -> FlowRun | None:
    try:
        return create_wanted(tx, _wanted(row, occurrence, release_time(tx, occurrence)))
    except (ParameterError, TooLarge) as error:
        return _unstarted(tx, row, occurrence, f"its parameters do not fit: {error.what}")


def _skipped(tx: Tx, step: Step, newest: datetime) -> FlowRun | None:
    counted = f"{step.skipped} occurrences since {step.row.watermark:%Y-%m-%d %H:%M} UTC" if step.skipped > 1 else ""
    reason = step.reason or "it was missed"
    return _unstarted(tx, step.row, newest, f"{counted}: {reason}" if counted else reason)


def _unstarted(tx: Tx, row: ScheduleRow, occurrence: datetime, reason: str) -> FlowRun | None:
    run = insert_unstarted(tx, _wanted(row, occurrence, occurrence))
    return apply(tx, run, Skipped(reason=reason), ACTOR) if run else None
