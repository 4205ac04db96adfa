"""When a failed try is followed by another, and how long after."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError
from turnout.engine.clock import fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Delay = float | Sequence[float] | Callable[[int], Sequence[float]]


def exponential_backoff(backoff_factor: float) -> Callable[[int], list[float]]:
    """Delays of `backoff_factor` x 1, 2, 4, 8 ... seconds; for `retry_delay_seconds`."""

    def delays(retries: int) -> list[float]:
        return [backoff_factor * 2**exponent for exponent in range(retries)]

    return delays


def resolve_delay(delay: Delay | None, retries: int) -> float | tuple[float, ...]:
    """`retry_delay_seconds` as a number, or as one number a retry. Raises ConfigurationError if it is neither."""
    if delay is None:
        return 0.0
    if callable(delay):
        delay = delay(retries)
    if isinstance(delay, (int, float)):
        delays: tuple[float, ...] = (float(delay),)
    else:
        delays = tuple(float(one) for one in delay)
    if any(one < 0 for one in delays):
        raise ConfigurationError("retry_delay_seconds holds a negative number", fix="give seconds, zero or more")
    return delays[0] if isinstance(delay, (int, float)) else delays


def pause(delays: float | tuple[float, ...], retry: int, jitter: float | None) -> float:
    """Seconds before retry number `retry` (from 1): the last delay of a list repeats; jitter adds up to its share."""
    seconds = delays if isinstance(delays, float) else (delays[min(retry, len(delays)) - 1] if delays else 0.0)
    return seconds * (1 + fraction() * jitter) if jitter else seconds
