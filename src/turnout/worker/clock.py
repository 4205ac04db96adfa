"""The worker's only source of time and randomness."""

import os
import time


def now() -> float:
    """Unix seconds by this host's clock: for what people read, never for decisions about leases."""
    return time.time()


def monotonic() -> float:
    """Seconds for intervals."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Block this thread."""
    time.sleep(seconds)


def randomness() -> bytes:
    """Ten random bytes, as `core.ids.make_id` takes them."""
    return os.urandom(10)


def fresh_key() -> str:
    """An idempotency key that was never used before."""
    return os.urandom(16).hex()
