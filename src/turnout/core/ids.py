"""Identifiers: UUIDv7 as 32 lower-case hex digits, so that ids sort by creation time.

Layout (RFC 9562 section 5.7): 48 bits of Unix milliseconds, version 7, 12 random bits, variant, 62 random bits.
Time and randomness come in as arguments; callers own the clock.
"""

import re

_ID = re.compile(r"[0-9a-f]{32}\Z")


def make_id(unix_ms: int, randomness: bytes) -> str:
    """The id for `unix_ms` milliseconds since the epoch and 10 random bytes."""
    tail = int.from_bytes(randomness[:10], "big")
    rand_a = tail >> 68
    rand_b = tail & ((1 << 62) - 1)
    value = (unix_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | (rand_a & 0xFFF) << 64 | 0b10 << 62 | rand_b
    return f"{value:032x}"


def is_id(text: str) -> bool:
    """Whether `text` is spelled like an id; checked before an id meets a path, a query or a file name."""
    return _ID.match(text) is not None


def id_time_ms(run_id: str) -> int:
    """The creation time in Unix milliseconds that an id carries."""
    return int(run_id[:12], 16)
