"""A calendar of all schedules of a namespace: what starts when, and where it piles up."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from turnout.core.calendar import (
    Calendar,
    CalendarDay,
    Clash,
    ClockChangeShown,
    Expected,
    Often,
    OverlapShown,
)
from turnout.core.errors import ParameterError, ScheduleError
from turnout.core.plain import to_plain
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.core.snapshot import DeploymentSpec, ScheduleSpec, Snapshot
from turnout.orchestration.forecast import Due, Forecast, forecast
from turnout.orchestration.inventory import sentence, usual
from turnout.schedules import occurrences, parse, zones

LONGEST = timedelta(days=45)
"""A month with the ends of its first and last weeks."""
A_DAY = 26
"""A schedule that starts more often a day, in a calendar of more than a few days, is named and not counted."""
TOTAL = 10_000
"""So many runs are followed in all: beyond it, schedules are named and not counted."""
LISTED = 2_000


def calendar(tx: Tx, namespace: Namespace, start: datetime, end: datetime, timezone: str) -> Calendar:
    """What schedules start in (start, end], by days of `timezone`. Raises ParameterError, ScheduleError."""
    if not start < end <= start + LONGEST:
        raise ParameterError(f"a calendar covers up to {LONGEST.days} days", fix="give an `end` that follows `start`")
    place = zones.zone(timezone)
    deployed = tx.projects.snapshot(namespace)
    snapshot = deployed[1] if deployed else Snapshot(project=namespace.project, environment=namespace.environment)
    followed, often = _bounded(_as_followed(tx, namespace, snapshot), start, end)
    spans = usual(tx, namespace)
    found = forecast(followed, start, end, spans, _remembered)
    return Calendar(
        start=start,
        end=end,
        timezone=timezone,
        total=len(found.due),
        days=tuple(_days(found.due, lambda at: zones.wall(place, at), spans)),
        expected=tuple(_expected(one, spans) for one in found.due[:LISTED]),
        shortened=len(found.due) > LISTED,
        often=tuple(often),
        paused=found.paused,
        unknown=found.unknown,
        clashes=tuple(_clashes(found)),
        overlaps=tuple(_overlaps(found)),
        changes=tuple(_changes(found)),
    )


def _as_followed(tx: Tx, namespace: Namespace, snapshot: Snapshot) -> Snapshot:
    """The snapshot with what people paused on the server."""
    paused = {(row.deployment, row.slug) for row in tx.projects.all_schedules(namespace) if row.paused}
    paused |= {
        (pause.deployment, schedule.slug)
        for pause in tx.projects.pauses(namespace)
        if pause.schedule is None and pause.deployment in snapshot.deployments
        for schedule in snapshot.deployments[pause.deployment].schedules
    }

    def held(spec: DeploymentSpec) -> DeploymentSpec:
        schedules = (replace(one, paused=(spec.name, one.slug) in paused) for one in spec.schedules)
        return replace(spec, schedules=tuple(schedules))

    return replace(snapshot, deployments={name: held(spec) for name, spec in snapshot.deployments.items()})


def _bounded(snapshot: Snapshot, start: datetime, end: datetime) -> tuple[Snapshot, list[Often]]:
    """The snapshot with the schedules that can be followed one by one, and the others."""
    days = max(1.0, (end - start) / timedelta(days=1))
    most = A_DAY if days > 3 else 300
    left, often, kept = float(TOTAL), [], {}
    for name, spec in snapshot.deployments.items():
        schedules = []
        for schedule in spec.schedules:
            count = 0 if schedule.paused else _of_first_day(schedule, start, most)
            if count > most or count * days > left:
                often.append(Often(deployment=name, schedule=schedule.slug, sentence=sentence(to_plain(schedule))))
            elif count >= 0:
                left -= count * days
                schedules.append(schedule)
        kept[name] = replace(spec, schedules=tuple(schedules))
    return replace(snapshot, deployments=kept), often


def _remembered(schedule: ScheduleSpec, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """`occurrences_of`, for weeks that are looked at again and again; their beginning is not now."""
    return _kept(json.dumps(to_plain(schedule)), start, end)


@lru_cache(maxsize=1024)
def _kept(schedule: str, start: datetime, end: datetime) -> tuple[datetime, ...]:
    return tuple(occurrences(parse(json.loads(schedule)), start, end))


def _of_first_day(schedule: ScheduleSpec, start: datetime, most: int) -> int:
    """How often it starts on the first day, counted to one more than `most`; -1 if it cannot be followed."""
    try:
        return _counted(json.dumps(to_plain(schedule)), start, most)
    except ScheduleError:
        return -1


@lru_cache(maxsize=1024)
def _counted(schedule: str, start: datetime, most: int) -> int:
    day = occurrences(parse(json.loads(schedule)), start, start + timedelta(days=1), limit=most + 1)
    return sum(1 for _ in day)


def _days(
    due: Iterable[Due], wall: Callable[[datetime], datetime], spans: Mapping[str, timedelta]
) -> Iterator[CalendarDay]:
    days: dict[date, list[tuple[int, Due]]] = {}
    for one in due:
        local = wall(one.at)
        days.setdefault(local.date(), []).append((local.hour, one))
    for day, runs in sorted(days.items()):
        hours = Counter(hour for hour, _ in runs)
        busy = sum((spans.get(one.deployment, timedelta()) for _, one in runs), timedelta())
        yield CalendarDay(
            date=day,
            runs=len(runs),
            hours=tuple(hours[hour] for hour in range(24)),
            busy_seconds=busy.total_seconds(),
            deployments=len({one.deployment for _, one in runs}),
        )


def _expected(one: Due, spans: Mapping[str, timedelta]) -> Expected:
    span = spans.get(one.deployment)
    return Expected(
        at=one.at,
        deployment=one.deployment,
        schedule=one.schedule,
        seconds=None if span is None else span.total_seconds(),
    )


def _clashes(found: Forecast) -> Iterator[Clash]:
    for load in found.loads:
        yield Clash(
            limit=load.limit, capacity=load.capacity, peak=load.peak, at=load.at, seconds=load.over.total_seconds()
        )


def _overlaps(found: Forecast) -> Iterator[OverlapShown]:
    for one in found.overlaps:
        yield OverlapShown(
            deployment=one.deployment, usual_seconds=one.usual.total_seconds(), runs=one.runs, first=one.first
        )


def _changes(found: Forecast) -> Iterator[ClockChangeShown]:
    for change in found.changes:
        yield ClockChangeShown(
            timezone=change.timezone, at=change.at, seconds=change.by.total_seconds(), runs=len(change.runs)
        )
