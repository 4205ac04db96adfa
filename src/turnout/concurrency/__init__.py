"""Limits around code, and `throttled`, which tells that an API refused a call; see docs/reference/limits.md."""

from turnout.core.errors import LimitTimeout, LimitUnavailable
from turnout.engine.limits.throttling import throttled

__all__ = ["LimitTimeout", "LimitUnavailable", "throttled"]
