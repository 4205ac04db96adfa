"""A schedule as a short sentence for people: `every day at 21:05 America/New_York`."""

import re
from datetime import timedelta

from cronsim import CronSim

from turnout.schedules import rule_text, zones
from turnout.schedules.model import MONDAY, Cron, Interval, RRule, Schedule, Sifted

_TIMES = re.compile(r"At (\d\d:\d\d(?:(?:, and |, | and )\d\d:\d\d)*) (.+)\Z")
_STEP = re.compile(r"\*/([0-9]+) \* \* \* \*\Z")
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_PERIODS = dict(zip(rule_text.FREQUENCIES, ("year", "month", "week", "day", "hour", "minute", "second"), strict=True))
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TIME_KEYS = {"BYHOUR", "BYMINUTE", "WKST"}
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second-last"}


def describe(schedule: Schedule) -> str:
    """One line, no full stop, ending in the zone where the wall clock matters."""
    if isinstance(schedule, Sifted):
        left = f", only {_list([each.name for each in schedule.only])}" if schedule.only else ""
        out = f", not {_list([each.name for each in schedule.skip])}" if schedule.skip else ""
        return f"{describe(schedule.schedule)}{left}{out}"
    if isinstance(schedule, Cron):
        return _cron(schedule)
    if isinstance(schedule, Interval):
        aligned = zones.wall(zones.zone(schedule.timezone), schedule.anchor) == MONDAY
        return _every(schedule.every) + ("" if aligned else f", counted from {_local(schedule)}")
    return _rule(schedule)


def _cron(schedule: Cron) -> str:
    step = _STEP.match(schedule.expression)
    if step and 60 % int(step[1]) == 0:
        return _every(timedelta(minutes=int(step[1])))
    text = CronSim(schedule.expression, MONDAY).explain()
    timed = _TIMES.match(text)
    if timed:
        return f"{timed[2]} at {timed[1]} {schedule.timezone}"
    return f"{text[0].lower()}{text[1:]} {schedule.timezone}"


def _every(length: timedelta) -> str:
    rest, words = length.total_seconds(), []
    for unit, seconds in _UNITS:
        count = int(rest // seconds) if unit != "second" else rest
        rest -= count * seconds
        if count:
            words.append(f"{count:g} {unit}" + ("s" if count != 1 else ""))
    text = " ".join(words)
    return "every " + (text[2:] if len(words) == 1 and text.startswith("1 ") else text)


def _local(schedule: Interval | RRule) -> str:
    local = zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    return f"{local.isoformat(' ', 'seconds' if local.second else 'minutes')} {schedule.timezone}"


def _rule(schedule: RRule) -> str:
    parts = rule_text.read(schedule.rule)
    if any(key in parts for key in ("BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYSECOND")):
        text = f"by the rule {schedule.rule}, counted from {_local(schedule)}"
    else:
        text = " ".join(filter(None, (_period(parts), _date(schedule, parts), _time(schedule, parts))))
        elapsed = rule_text.frequency(parts) >= rule_text.HOURLY and rule_text.interval(parts) > 1
        text += f", counted from {_local(schedule)}" if elapsed else f" {schedule.timezone}"
    if schedule.until is not None:
        text += f", until {zones.wall(zones.zone(schedule.timezone), schedule.until).isoformat(' ', 'minutes')}"
    if schedule.count is not None:
        text += f", {schedule.count} times" if schedule.count > 1 else ", once"
    return text


def _period(parts: rule_text.Parts) -> str:
    if _plain_week(parts):
        return f"every {_list([_DAYS[day] for day, _ in rule_text.weekdays(parts)])}"
    count, unit = rule_text.interval(parts), _PERIODS[parts["FREQ"]]
    return f"every {unit}" if count == 1 else f"every {count} {unit}s"


def _plain_week(parts: rule_text.Parts) -> bool:
    return parts.keys() == {"FREQ", "BYDAY"} | (parts.keys() & _TIME_KEYS) and parts["FREQ"] == "WEEKLY"


def _date(schedule: RRule, parts: rule_text.Parts) -> str:
    local = zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    if _plain_week(parts):
        return ""
    days = [(f"the {_nth(nth)} " if nth else "") + _DAYS[day] for day, nth in rule_text.weekdays(parts)]
    month_days = [_month_day(day) for day in rule_text.numbers(parts, "BYMONTHDAY")]
    months = [_MONTHS[month - 1] for month in rule_text.numbers(parts, "BYMONTH")]
    if not days and not month_days:
        days = [_DAYS[local.weekday()]] if parts["FREQ"] == "WEEKLY" else []
        month_days = [f"day {local.day}"] if parts["FREQ"] in ("MONTHLY", "YEARLY") else []
        months = months or ([_MONTHS[local.month - 1]] if parts["FREQ"] == "YEARLY" else [])
    phrases = [f"on {_list(names)}" for names in (days, month_days) if names]
    return " ".join([*phrases, *([f"in {_list(months)}"] if months else [])])


def _time(schedule: RRule, parts: rule_text.Parts) -> str:
    local = zones.wall(zones.zone(schedule.timezone), schedule.anchor)
    hours, minutes = rule_text.numbers(parts, "BYHOUR"), rule_text.numbers(parts, "BYMINUTE")
    if rule_text.frequency(parts) < rule_text.HOURLY:
        times = [f"{hour:02}:{minute:02}" for hour in hours or [local.hour] for minute in minutes or [local.minute]]
        return f"at {_list(times)}"
    at_minutes = f"at minute {_list([str(minute) for minute in minutes])}" if minutes else ""
    in_hours = f"in the hours {_list([str(hour) for hour in hours])}" if hours else ""
    return " ".join(filter(None, (at_minutes, in_hours)))


def _nth(position: int) -> str:
    return _NTH.get(position, f"{abs(position)}th{'-last' if position < 0 else ''}")


def _month_day(day: int) -> str:
    if day == -1:
        return "the last day"
    return f"day {day}" if day > 0 else f"day {-day} from the end"


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
