"""What a manifest's schedules will do: when runs start, what changes of the clock do to them, where they pile up. Pure.

Nothing is simulated that the schedules do not say: `after` and runs by hand are left out, and how long a run takes is
what the caller knows of earlier ones.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from turnout import schedules
from turnout.core.snapshot import DeploymentSpec, ScheduleSpec, Snapshot
from turnout.schedules import zones

MOST = 10_000
"""Occurrences that are followed of one schedule."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """One run that a schedule will make, at an instant in UTC."""

    at: datetime
    deployment: str
    schedule: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """A zone's clock is put forward (`by` above zero) or back. runs: those due in the hour that is missing or comes
    twice, and those as long after it."""

    timezone: str
    at: datetime
    by: timedelta
    runs: tuple[Due, ...]


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """A deployment's runs that are due before an earlier one of it is usually over."""

    deployment: str
    usual: timedelta
    runs: int
    first: datetime


@dataclass(frozen=True, kw_only=True)
class Load:
    """A limit that is asked for more than it has: `peak` weights at once, first at `at`; `over` in all."""

    limit: str
    capacity: int
    peak: int
    at: datetime
    over: timedelta


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """start < due <= end. paused: schedules that make no runs. cut: schedules with more than `MOST` occurrences. after:
    deployment -> what starts it. unknown: deployments whose duration nobody knows, so that they load nothing."""

    start: datetime
    end: datetime
    due: tuple[Due, ...]
    paused: tuple[str, ...]
    cut: tuple[str, ...]
    after: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    changes: tuple[ClockChange, ...]
    overlaps: tuple[Overlap, ...]
    loads: tuple[Load, ...]

    def per_day(self, timezone: str) -> dict[date, int]:
        """Runs that start on each local day of `timezone` that has any."""
        place = zones.zone(timezone)
        return {
            day: len(list(runs)) for day, runs in groupby(self.due, key=lambda due: zones.wall(place, due.at).date())
        }


def occurrences_of(schedule: ScheduleSpec, start: datetime, end: datetime) -> Sequence[datetime]:
    """When a schedule fires in (start, end], counted to one more than `MOST`. Raises ScheduleError."""
    return list(schedules.occurrences(schedules.parse(asdict(schedule)), start, end, MOST + 1))


def forecast(
    snapshot: Snapshot,
    start: datetime,
    end: datetime,
    usual: Mapping[str, timedelta],
    follow: Callable[[ScheduleSpec, datetime, datetime], Sequence[datetime]] = occurrences_of,
) -> Forecast:
    """The forecast for (start, end], both aware. usual: how long a deployment's runs take. follow: see
    `occurrences_of`; who forecasts the same time again remembers."""
    due: list[Due] = []
    paused, cut = [], []
    for spec in snapshot.deployments.values():
        for schedule in spec.schedules:
            label = f"{spec.name}/{schedule.slug}"
            if schedule.paused:
                paused.append(label)
                continue
            found = follow(schedule, start, end)
            if len(found) > MOST:
                cut.append(label)
            due += [
                Due(at=at, deployment=spec.name, schedule=schedule.slug, timezone=schedule.timezone)
                for at in found[:MOST]
            ]
    ordered = tuple(sorted(due, key=lambda one: (one.at, one.deployment, one.schedule)))
    scheduled = {one.deployment for one in ordered}
    return Forecast(
        start=start,
        end=end,
        due=ordered,
        paused=tuple(paused),
        cut=tuple(cut),
        after={spec.name: spec.after for spec in snapshot.deployments.values() if spec.after},
        unknown=tuple(sorted(scheduled - usual.keys())),
        changes=tuple(_changes(ordered, start, end)),
        overlaps=tuple(_overlaps(ordered, usual)),
        loads=tuple(_loads(snapshot, ordered, usual)),
    )


def _changes(due: tuple[Due, ...], start: datetime, end: datetime) -> Iterator[ClockChange]:
    for name in sorted({one.timezone for one in due}):
        place = zones.zone(name)
        at = zones.steady_until(place, start)
        while at <= end:
            by = zones.offset(place, at) - zones.offset(place, at - timedelta(seconds=1))
            if by:  # the end of a year is a place to look at, and no change
                near = [one for one in due if one.timezone == name and -abs(by) <= one.at - at < abs(by)]
                yield ClockChange(timezone=name, at=at, by=by, runs=tuple(near))
            at = zones.steady_until(place, at)


def _overlaps(due: tuple[Due, ...], usual: Mapping[str, timedelta]) -> Iterator[Overlap]:
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in due:
        times[one.deployment].append(one.at)
    for name in sorted(times.keys() & usual.keys()):
        late = _late(times[name], usual[name])
        if late:
            yield Overlap(deployment=name, usual=usual[name], runs=len(late), first=late[0])


def _late(times: list[datetime], usual: timedelta) -> list[datetime]:
    """Those that come before the run ahead of them is usually over."""
    found, free = [], times[0]
    for at in times:
        if at < free:
            found.append(at)
        free = max(free, at + usual)
    return found


def _loads(snapshot: Snapshot, due: tuple[Due, ...], usual: Mapping[str, timedelta]) -> Iterator[Load]:
    for name, pool in snapshot.pools.items():
        if pool.concurrency is not None:
            users = {spec.name: 1 for spec in snapshot.deployments.values() if spec.pool == name}
            yield from _load(f"pool {name}", pool.concurrency, users, due, usual)
    for name, limit in snapshot.limits.items():
        if limit.concurrency is not None:
            users = {spec.name: _weight(spec, name, limit.tags) for spec in snapshot.deployments.values()}
            yield from _load(name, limit.concurrency, users, due, usual)


def _weight(spec: DeploymentSpec, limit: str, tags: Iterable[str]) -> int:
    listed = [use.weight for use in spec.limits if use.name == limit]
    return listed[0] if listed else int(bool(set(tags) & set(spec.tags)))


def _load(
    label: str, capacity: int, users: Mapping[str, int], due: tuple[Due, ...], usual: Mapping[str, timedelta]
) -> Iterator[Load]:
    """The load if nothing waited: where it is above the capacity, something will."""
    steps: list[tuple[datetime, int]] = []
    for one in due:
        weight = users.get(one.deployment, 0)
        if weight and one.deployment in usual:
            steps += [(one.at, weight), (one.at + usual[one.deployment], -weight)]
    held = peak = 0
    first, over = None, timedelta()
    ordered = sorted(steps)
    for (at, change), (until, _) in zip(ordered, [*ordered[1:], (ordered[-1][0], 0)] if ordered else [], strict=True):
        held += change
        if held > capacity:
            first, over, peak = first or at, over + (until - at), max(peak, held)
    if first is not None and over:
        yield Load(limit=label, capacity=capacity, peak=peak, at=first, over=over)
