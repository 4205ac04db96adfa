"""When things run: cron, interval and rrule schedules as pure functions of (schedule, window).

`parse` makes a schedule or explains why it cannot be; `occurrences` and `next_occurrence` follow it; `catch_up` says
what happens to those that were missed; `describe` says it in words. No clock and no I/O but the tz database.
`Cron`, `Interval` and `RRule` are how code writes schedules; what `parse` makes is in `model`.
"""

from turnout.schedules.authoring import Cron, Interval, RRule, Schedule
from turnout.schedules.instants import next_occurrence, occurrences
from turnout.schedules.model import HORIZON
from turnout.schedules.policy import CatchUp, Policy, catch_up, format_policy, parse_policy
from turnout.schedules.sentences import describe
from turnout.schedules.specs import parse

__all__ = [
    "HORIZON",
    "CatchUp",
    "Cron",
    "Interval",
    "Policy",
    "RRule",
    "Schedule",
    "catch_up",
    "describe",
    "format_policy",
    "next_occurrence",
    "occurrences",
    "parse",
    "parse_policy",
]
