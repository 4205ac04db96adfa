"""Rates as people write them: `10/s`, `5/m`, `100/h`, `1000/d`.

A rate is kept evenly: `10/s` lets one through every tenth of a second, so that no second, wherever it begins, has more
than ten. (The generic cell rate algorithm without a burst: one time is all the state there is.)
"""

import re

_RATE = re.compile(r"([1-9][0-9]{0,5}) ?/ ?(s|m|h|d)\Z")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_rate(text: str) -> float:
    """Seconds between two starts, in whole microseconds. Raises ValueError for what is no rate."""
    found = _RATE.match(text.strip())
    if found is None:
        raise ValueError(f"'{text[:40]}' is no rate")
    return max(1, round(_SECONDS[found[2]] / int(found[1]) * 1_000_000)) / 1_000_000


def format_rate(interval: float) -> str:
    """The shortest rate that lets one through every `interval` seconds, in the smallest unit that gives a whole
    number: 0.1 -> `10/s`, 12 -> `5/m`."""
    for unit, seconds in _SECONDS.items():
        count = round(seconds / interval)
        if count >= 1 and abs(seconds / count - interval) <= 1e-6:
            return f"{count}/{unit}"
    return f"one every {interval:g} s"
