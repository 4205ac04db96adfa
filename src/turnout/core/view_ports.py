"""The seam of what pages look at; part of `turnout.core.ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from turnout.core.home import HourCount
    from turnout.core.records import FlowRun, LogLine, Namespace, RunFilter, TaskRun
    from turnout.core.views import ArtifactHead, Ended, LogRow, LogSearch, RunCount, TaskRow


class Views(Protocol):
    """Runs as pages show them. Every answer is bounded by what is asked for, not by what is stored."""

    def count(self, where: RunFilter) -> RunCount:
        """How many runs match, among the newest `limits.COUNTED_RUNS` of them."""
        ...

    def hours(self, namespace: Namespace, first: str, limit: int) -> list[HourCount]:
        """Runs of deployments by the hour in which they were due: of the newest `limit` runs with an id of `first` or
        above. By deployment, hour and state."""
        ...

    def completed_before(self, run: FlowRun, limit: int) -> list[Ended]:
        """The runs of the same deployment that were made before this one and completed, newest first; none for a run of
        no deployment."""
        ...

    def tasks(self, run_id: str, attempt: int, after: int, limit: int, *, upstream: bool = False) -> Sequence[TaskRow]:
        """Tasks of an attempt with a number above `after`, in order."""
        ...

    def troubled(self, run_id: str, attempt: int, limit: int) -> list[TaskRun]:
        """Tasks of an attempt that failed or crashed, those that ended first to the front."""
        ...

    def reusable(self, run_id: str, before: int, limit: int) -> tuple[list[str], bool]:
        """The keys of completed steps of the attempts before one that keep a result and what it was made from, one with
        several inputs once for each; among the newest `limit` of them, and whether those are all."""
        ...

    def unfinished(self, run_id: str, attempt: int) -> Mapping[str, int]:
        """name -> how many tasks of that name an attempt has that did not complete; without subflows."""
        ...

    def log_size(self, run_id: str, attempt: int) -> int:
        """How many lines the log of an attempt has."""
        ...

    def log_rows(self, run_id: str, attempt: int, first: int, limit: int) -> list[LogLine]:
        """Lines from row `first` on (see `LogRow`)."""
        ...

    def search_log(
        self, run_id: str, attempt: int, wanted: LogSearch, first: int, limit: int, scanned: int
    ) -> tuple[list[LogRow], int | None]:
        """The first `limit` matching lines from row `first` on, having looked at about `scanned` lines at most; and the
        row to go on from, None at the end."""
        ...

    def artifacts(self, run_id: str, limit: int, most: int) -> list[ArtifactHead]:
        """The newest artifacts of a run, in the order in which they were made; data above `most` characters are left
        out."""
        ...

    def artifact(self, run_id: str, attempt: int, stream: int, seq: int) -> Mapping[str, Any] | None:
        """The data of one artifact."""
        ...
