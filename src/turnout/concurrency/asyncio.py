"""`concurrency` and `rate_limit` for `async def` code."""

from turnout.core.errors import LimitTimeout, LimitUnavailable
from turnout.engine.limits.concurrency import concurrency_async as concurrency
from turnout.engine.limits.concurrency import rate_limit_async as rate_limit

# Under these names for people who come from Prefect.
AcquireConcurrencySlotTimeoutError = LimitTimeout
ConcurrencySlotAcquisitionError = LimitUnavailable

__all__ = ["AcquireConcurrencySlotTimeoutError", "ConcurrencySlotAcquisitionError", "concurrency", "rate_limit"]
