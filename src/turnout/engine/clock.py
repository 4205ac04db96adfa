"""The engine's only source of time, randomness and sleep."""

from __future__ import annotations

import os
import time

now = time.time
"""Unix seconds."""
monotonic = time.monotonic
"""Seconds, for intervals."""
sleep = time.sleep


def new_run_id() -> str:
    """A fresh UUIDv7 in 32 hex digits."""
    from turnout.core.ids import make_id  # loads `re`: wanted when a run starts, not when a flow is defined

    return make_id(int(now() * 1000), os.urandom(10))


def fraction() -> float:
    """A random number in [0, 1)."""
    return int.from_bytes(os.urandom(7), "big") / (1 << 56)
