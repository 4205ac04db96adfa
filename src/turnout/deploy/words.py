"""Names, values and times as they are shown in a plan: on one line, without control characters."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SHOWN = 80
"""So many characters of a value."""


def plainly(text: str) -> str:
    """One line without control characters: names and values come from files."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def value(found: Any) -> str:
    """A value of JSON, cut."""
    text = plainly(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=_as_mapping))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def moment(at: datetime, timezone: str | None) -> str:
    """A time in `timezone`, UTC if left out."""
    local = at.astimezone(ZoneInfo(timezone or "UTC"))
    return f"{local:%a %Y-%m-%d %H:%M}{f':{local:%S}' if local.second else ''} {local.tzname()}"


def age(span: timedelta) -> str:
    """How long ago, in the largest unit that says something: `3 days`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = seconds // size
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def counted(count: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _as_mapping(found: Any) -> Any:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}
