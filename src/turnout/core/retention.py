"""How long what has happened is kept, by class. None: for ever."""

from dataclasses import dataclass
from datetime import timedelta

LAST_RELEASES = 10
"""As many releases of a project and environment are always kept, with their bundles."""

SETTLING = timedelta(minutes=10)
"""A run that crashed or was cancelled while it was executed is left alone for so long: its executor may still tell of
it, and what it tells of a run that is gone has no place."""


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Times are counted from the end of a run, from an event, or from when a release was replaced.

    Whatever these say: a run that is not over is kept whole, and so are the last run and the last completed run of a
    deployment, each release and bundle that a run or a deployment names, and an idempotency key within its day.
    """

    runs: timedelta | None = timedelta(days=90)
    logs: timedelta | None = timedelta(days=30)
    artifacts: timedelta | None = timedelta(days=90)
    events: timedelta | None = timedelta(days=7)
    releases: timedelta | None = timedelta(days=90)
    refused_journals: timedelta | None = timedelta(days=30)
