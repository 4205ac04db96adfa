"""Shorter timings for bulk: settings given as environment variables, never code paths of their own."""

from __future__ import annotations

from turnout.core import limits


def shorter(factor: float) -> dict[str, str]:
    """The variables for a lease, sweep, heartbeat and grace that are `factor` times shorter; {} for 1."""
    if factor == 1:
        return {}
    return {
        "TURNOUT_LEASE_SECONDS": f"{lease(factor):g}",
        "TURNOUT_SWEEP_SECONDS": f"{limits.SWEEP_SECONDS / factor:g}",
        "TURNOUT_HEARTBEAT_SECONDS": f"{lease(factor) / 3:g}",
        "TURNOUT_CANCEL_GRACE_SECONDS": f"{limits.CANCEL_GRACE_SECONDS / factor:g}",
    }


def lease(factor: float) -> float:
    """Seconds of a lease at that speed."""
    return limits.LEASE_SECONDS / factor
