"""`concurrency` and `rate_limit` for `def` code."""

from turnout.core.errors import LimitTimeout, LimitUnavailable
from turnout.engine.limits.concurrency import concurrency, rate_limit

# Under these names for people who come from Prefect.
AcquireConcurrencySlotTimeoutError = LimitTimeout
ConcurrencySlotAcquisitionError = LimitUnavailable

__all__ = ["AcquireConcurrencySlotTimeoutError", "ConcurrencySlotAcquisitionError", "concurrency", "rate_limit"]
