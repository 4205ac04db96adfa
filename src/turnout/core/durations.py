"""Lengths of time as people write them: `90s`, `5m`, `1h30m`, `2d`. Seconds inside."""

import re

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def parse_duration(text: str | int | float) -> float:
    """Seconds of `text`: units ms, s, m, h, d, w, joined largest first; a bare number is seconds.

    Raises ValueError for anything else, and for a negative or endless length.
    """
    if isinstance(text, bool):
        raise ValueError("a length of time is not true or false")
    if isinstance(text, int | float):
        return _finite(float(text))
    compact = "".join(text.split()).lower()
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"'{text}' is not a length of time")
    return _finite(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def format_duration(seconds: float) -> str:
    """The shortest spelling: 5400 -> `1h30m`, 0.25 -> `250ms`, 0 -> `0s`. `parse_duration` reads it back."""
    left = round(seconds * 1000)
    spelled = ""
    for unit in ("d", "h", "m", "s", "ms"):
        size = round(_SECONDS[unit] * 1000)
        count, left = divmod(left, size)
        spelled += f"{count}{unit}" if count else ""
    return spelled or "0s"


def _finite(seconds: float) -> float:
    if not 0 <= seconds < 1e10:
        raise ValueError("a length of time is between 0 and 300 years")
    return seconds
