"""A forecast in words: days with their runs, or months as a calendar; then what deserves a look."""

from calendar import Calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from turnout.cli.output import escape
from turnout.core.durations import format_duration
from turnout.orchestration.forecast import ClockChange, Due, Forecast
from turnout.schedules import zones

LINES_A_DAY = 24
"""Of a day with more runs, each deployment gets a line."""
_CELL = 10


def listing(found: Forecast, timezone: str) -> Iterator[str]:
    """The runs of each day that has any; days that follow each other with the same runs are told once."""
    place = zones.zone(timezone)
    days = [
        (day, tuple(_lines(list(runs), place)))
        for day, runs in groupby(found.due, key=lambda due: zones.wall(place, due.at).date())
    ]
    while days:
        first, lines = days[0]
        alike = 1
        while alike < len(days) and days[alike] == (first + timedelta(days=alike), lines):
            alike += 1
        last = days[alike - 1][0]
        until = f" to {last:%a %-d %b %Y}, every day" if alike > 1 else ""
        yield f"[bold]{first:%a %-d %b %Y}{until}[/bold]"
        yield from lines
        days = days[alike:]


def months(found: Forecast, timezone: str) -> Iterator[str]:
    """A calendar: how many runs start on each day; `*` marks a day on which the clock changes."""
    place = zones.zone(timezone)
    counts = found.per_day(timezone)
    changes = {zones.wall(place, change.at).date() for change in found.changes}
    first, last = zones.wall(place, found.start).date(), zones.wall(place, found.end).date()
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield f"[bold]{date(year, month, 1):%B %Y}[/bold]"
        yield "".join(f"{name:<{_CELL}}" for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")).rstrip()
        for week in Calendar().monthdatescalendar(year, month):
            yield "".join(_cell(day, month, counts, changes) for day in week).rstrip()
        yield ""
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def remarks(found: Forecast, timezone: str) -> Iterator[str]:
    """What deserves a look, each a line; nothing if all is well."""
    for change in found.changes:
        yield _change(change, timezone)
    for overlap in found.overlaps:
        yield (
            f"[yellow]overlap[/yellow]  {escape(overlap.deployment)} is due again before it is over "
            f"(usually {_length(overlap.usual)}): {_runs(overlap.runs)}, first {_moment(overlap.first, timezone)}"
        )
    for load in found.loads:
        yield (
            f"[yellow]limit[/yellow]    {escape(load.limit)} has {load.capacity}, and {load.peak} are wanted at once; "
            f"first {_moment(load.at, timezone)}, {_length(load.over)} in all"
        )
    for label in found.paused:
        yield f"paused   {escape(label)} makes no runs"
    for label in found.cut:
        yield f"cut      {escape(label)}: only its first 10,000 runs are here"
    for name, upstream in sorted(found.after.items()):
        yield f"after    {escape(name)} starts when {escape(' and '.join(upstream))} completed"
    if found.unknown:
        yield f"unknown  how long these take, so they load no limit here: {escape(', '.join(found.unknown))}"


def _lines(runs: list[Due], place: ZoneInfo) -> Iterator[str]:
    """A line a run; of many, a line a deployment with their number."""
    if len(runs) <= LINES_A_DAY:
        yield from (f"  {zones.wall(place, due.at):%H:%M:%S}  {_label(due)}" for due in runs)
        return
    for name in sorted({due.deployment for due in runs}):
        own = [due for due in runs if due.deployment == name]
        yield f"  {zones.wall(place, own[0].at):%H:%M:%S}  {escape(name)}, {_runs(len(own))}"


def _change(change: ClockChange, timezone: str) -> str:
    way = "forward" if change.by > timedelta() else "back"
    runs = ", ".join(f"{due.deployment} {_time(due.at, change.timezone)}" for due in change.runs[:4])
    more = f" and {len(change.runs) - 4} more" if len(change.runs) > 4 else ""
    said = f"; around it: {escape(runs)}{more}" if runs else "; nothing is due around it"
    return (
        f"[cyan]clock[/cyan]    {escape(change.timezone)} goes {way} {_length(abs(change.by))} "
        f"{_moment(change.at, timezone)}{said}"
    )


def _cell(day: date, month: int, counts: dict[date, int], changes: set[date]) -> str:
    if day.month != month:
        return " " * _CELL
    count = counts.get(day, 0)
    text = f"{day.day:>2}{'*' if day in changes else ' '} {count or '·'}"
    return f"{text:<{_CELL}}"


def _label(due: Due) -> str:
    return escape(due.deployment if due.schedule == "default" else f"{due.deployment}, {due.schedule}")


def _moment(at: datetime, timezone: str) -> str:
    return f"{zones.wall(zones.zone(timezone), at):%a %-d %b %H:%M}"


def _time(at: datetime, timezone: str) -> str:
    return f"{zones.wall(zones.zone(timezone), at):%H:%M}"


def _length(length: timedelta) -> str:
    return format_duration(length.total_seconds())


def _runs(count: int) -> str:
    return f"{count:,} run" + ("" if count == 1 else "s")
