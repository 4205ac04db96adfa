"""Catch-up: of the occurrences that nobody acted on, which still run.

Pure, so that what a restart will do can be predicted, tested and shown before it happens.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from turnout.core.durations import format_duration
from turnout.core.errors import ScheduleError
from turnout.core.limits import CATCH_UP_RUNS
from turnout.schedules.interval import read_length
from turnout.schedules.zones import shown

Policy = Literal["all", "latest", "none"] | timedelta
"""A timedelta means: those due within that time before now."""

_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?(e\+[0-9]{1,2})?\Z")
_FIX = "use all, latest, none or {within: 2h}"


@dataclass(frozen=True, kw_only=True)
class CatchUp:
    """What becomes of missed occurrences; each is in exactly one of the two, both ascending."""

    run: tuple[datetime, ...]
    skipped: tuple[datetime, ...]
    reason: str | None = None
    """Why the skipped ones do not run; None if there are none."""


def parse_policy(value: object) -> Policy:
    """The policy of `all`, `latest`, `none`, {"within": "2h"}, or the stored form `within:7200` (seconds)."""
    if value == "all" or value == "latest" or value == "none":
        return value
    if isinstance(value, str) and value.startswith("within:"):
        text = value.removeprefix("within:").strip()
        return _within(float(text) if _SECONDS.match(text) else text)
    if isinstance(value, Mapping) and list(value) == ["within"]:
        return _within(value["within"])
    raise ScheduleError(f"catch_up {shown(value)} is no policy", fix=_FIX)


def format_policy(policy: Policy) -> str:
    """The stored form, which `parse_policy` reads back."""
    return policy if isinstance(policy, str) else f"within:{policy.total_seconds():.15g}"


def catch_up(
    policy: Policy,
    missed: Sequence[datetime],
    now: datetime,
    *,
    limit: int = CATCH_UP_RUNS,
    on_time: timedelta = timedelta(),
) -> CatchUp:
    """Which of `missed` (ascending, none after `now`) run now under `policy`.

    all: every one; latest: the last; none: none; a timedelta: those due at most so long before `now`. Never more than
    `limit`, the most recent ones. Those due within `on_time` before `now` are not late: no policy skips them.
    """
    cut, reason = _first_to_run(policy, missed, now)
    late = sum(due < now - on_time for due in missed)
    cut = min(cut, late)
    if len(missed) - cut > limit:
        cut, reason = len(missed) - max(limit, 0), f"more than {limit} occurrences were missed; the latest {limit} run"
    return CatchUp(run=tuple(missed[cut:]), skipped=tuple(missed[:cut]), reason=reason if cut else None)


def _first_to_run(policy: Policy, missed: Sequence[datetime], now: datetime) -> tuple[int, str | None]:
    if isinstance(policy, timedelta):
        return sum(
            due < now - policy for due in missed
        ), f"due more than {format_duration(policy.total_seconds())} before it could start (catch_up: within)"
    if policy == "all":
        return 0, None
    if policy == "latest":
        return max(len(missed) - 1, 0), "a later occurrence runs in its place (catch_up: latest)"
    return len(missed), "it was missed (catch_up: none)"


def _within(value: object) -> timedelta:
    length = read_length(value, "catch_up within")
    if not length:
        raise ScheduleError("catch_up within 0 catches nothing up", fix="use none, or a longer time")
    return length
