"""Schedules as code writes them, by Prefect's names: `Cron("0 6 * * *")`, `Interval(900)`, `RRule("FREQ=WEEKLY")`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from turnout.core.errors import ScheduleError
from turnout.core.snapshot import ScheduleSpec
from turnout.schedules.specs import parse


@dataclass(frozen=True)
class Schedule:
    """One of interval, cron, rrule. active: whether it makes runs; slug: its identity across edits."""

    interval: timedelta | None = None
    cron: str | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor_date: datetime | None = None
    day_or: bool = True
    active: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)
    slug: str | None = None

    def spec(self) -> ScheduleSpec:
        """As the control plane keeps it. Raises ScheduleError for what can never be followed."""
        if not self.day_or:
            raise ScheduleError("day_or=False is not there", fix="write the days into one field of the cron expression")
        words = self.cron or self.rrule or str(self.interval)
        made = ScheduleSpec(
            slug=self.slug or f"s-{sha256(f'{words} {self.timezone}'.encode()).hexdigest()[:12]}",
            cron=self.cron,
            every=self.interval.total_seconds() if self.interval else None,
            rrule=self.rrule,
            anchor=self.anchor_date.isoformat() if self.anchor_date else None,
            timezone=self.timezone or "UTC",
            parameters=dict(self.parameters),
            paused=not self.active,
        )
        parse({name: value for name, value in vars(made).items() if value not in (None, {})})
        return made


def Cron(  # noqa: N802 - the name is Prefect's
    cron: str,
    /,
    timezone: str | None = None,
    day_or: bool = True,
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """A cron expression, on the wall clock of `timezone`."""
    return Schedule(
        cron=cron, timezone=timezone, day_or=day_or, active=active, parameters=dict(parameters or {}), slug=slug
    )


def Interval(  # noqa: N802
    interval: timedelta | float | int,
    /,
    anchor_date: datetime | None = None,
    timezone: str | None = None,
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """Every `interval` (seconds, or a timedelta), counted from `anchor_date`."""
    every = interval if isinstance(interval, timedelta) else timedelta(seconds=interval)
    return Schedule(
        interval=every,
        anchor_date=anchor_date,
        timezone=timezone,
        active=active,
        parameters=dict(parameters or {}),
        slug=slug,
    )


def RRule(  # noqa: N802
    rrule: str,
    /,
    timezone: str | None = None,
    active: bool = True,
    parameters: Mapping[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """A recurrence rule of RFC 5545."""
    return Schedule(rrule=rrule, timezone=timezone, active=active, parameters=dict(parameters or {}), slug=slug)
