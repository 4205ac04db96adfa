"""What a transaction knows of runs, and of the journals that tell them; see `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    # The records behind these signatures cost tens of milliseconds to create: a script that ends must not pay for them.
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from turnout.core.inventory import RunBar
    from turnout.core.jobs import Checkpoint
    from turnout.core.queueing import Head
    from turnout.core.records import (
        Artifact,
        FlowRun,
        HistoryEntry,
        LogLine,
        Namespace,
        Page,
        RunFilter,
        RunSpec,
        TaskRun,
        Waiting,
    )
    from turnout.core.states import RunState


class Runs(Protocol):
    """Flow runs, their history and leases."""

    def insert(self, run: FlowRun, by: str, *, limited_tags: Sequence[str] = ()) -> bool:
        """Add a run in its initial state `scheduled` with history version 1 and its outbox event. False, and nothing
        written, if its occurrence (see `FlowRun.occurrence_key`) has a run. Raises Conflict if another run has its id.

        limited_tags: those of its tags that a limit names; they decide its lane. A run whose deployment or schedule is
        paused has none and is not claimed."""
        ...

    def get(self, run_id: str) -> FlowRun | None: ...
    def find(self, where: RunFilter, page: Page) -> list[FlowRun]:
        """Newest first (by id)."""
        ...

    def search(self, where: RunFilter, page: Page) -> tuple[list[FlowRun], str | None]:
        """Like `find`, in bounded time: a page may be short, and even empty, before the last; the id to go on after,
        None at the end."""
        ...

    def count(self, where: RunFilter) -> Mapping[str, int]:
        """state -> number of runs, among the newest `limits.COUNTED_RUNS` that match."""
        ...

    def set_state(
        self,
        run: FlowRun,
        *,
        state: RunState,
        name: str,
        reason: str | None,
        by: str,
        attempt: int,
        due_at: datetime,
        failures: int,
        crashes: int,
        started_at: datetime | None,
        ended_at: datetime | None,
        worker: str | None,
        lease_until: datetime | None,
        lease_key: str | None,
        token_hash: str | None,
        limited_tags: Sequence[str] = (),
        at: datetime | None = None,
    ) -> FlowRun:
        """Compare-and-set on `run.version` (raises Conflict); writes state, history row and outbox event. Called by
        `orchestration.transition.apply` alone. Every argument is the new value, None included, but for `token_hash`:
        None leaves the token as it is, so that a fenced executor can be told that it is. From pending back to
        scheduled every token is revoked. limited_tags: as for `insert`. at: when it happened, now if left out."""
        ...

    def amend(self, run: FlowRun, *, parameters: Mapping[str, Any], spec: RunSpec, pool: str | None) -> None:
        """What a run that is over executes in its next attempt. Raises Conflict if it moved since it was read."""
        ...

    def history(self, run_id: str) -> list[HistoryEntry]: ...
    def heads(self, project: str, pool: str | None = None) -> list[Head]:
        """The first waiting run, due or not, of each lane and priority of a pool (None: of the project), in no order.
        Takes time in proportion to the lanes, not to the runs."""
        ...

    def following(self, project: str, head: Head, limit: int) -> list[Head]:
        """The due runs behind a head, of its lane and priority, in order."""
        ...

    def line(self, project: str, head: Head, limit: int) -> list[tuple[int, datetime, str]]:
        """The ranks (see `Head.rank`) of the first due runs of a head's lane and priority, in order."""
        ...

    def hold(self, namespace: Namespace, deployment: str, slug: str | None) -> None:
        """Have no waiting run of a deployment claimed; with a schedule's slug, none that it made and that never
        started."""
        ...

    def waiting(self, namespace: Namespace, deployment: str | None = None) -> list[Waiting]:
        """Every scheduled run of a namespace, or of one deployment in it, with what decides its lane, oldest first."""
        ...

    def set_lanes(self, lanes: Mapping[str, Sequence[str]]) -> None:
        """Put waiting runs (ids) into lanes, whatever is paused."""
        ...

    def release_held(self, run_id: str, lane: str, due_at: datetime) -> None:
        """Put a run that was held back into its lane, to start at `due_at`."""
        ...

    def claimed_with(self, lease_key: str) -> list[FlowRun]:
        """Pending runs that an earlier claim with this key got (the answer may have been lost)."""
        ...

    def held_by(self, worker_id: str) -> list[FlowRun]: ...
    def count_held(self, worker_id: str) -> int: ...
    def lapsed(self, limit: int) -> list[FlowRun]:
        """Runs in an active state whose lease ended before the transaction's now."""
        ...

    def next_attempt(self, run: FlowRun) -> int:
        """The number of the attempt after the run's latest. After a restore it leaves out those that the lost time may
        have used: each restore begins a new thousand."""
        ...

    def renew(self, run_id: str, attempt: int, until: datetime) -> bool: ...
    def grace(self, until: datetime) -> None:
        """After a server start: extend every live lease to at least `until`, so that nobody is declared dead for the
        time nobody listened."""
        ...

    def lengthen(self, by: timedelta) -> None:
        """Extend every live lease by the time in which nobody could renew it."""
        ...

    def any_leased(self) -> bool:
        """Whether some active run holds a lease: whether there is anything to rescue."""
        ...

    def live(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        """Runs in an active state, oldest first."""
        ...

    def queued(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        """Scheduled runs, oldest first."""
        ...

    def latest(self, namespace: Namespace, deployment: str, state: RunState | None = None) -> FlowRun | None: ...
    def recent(
        self, namespace: Namespace, count: int, *, deployment: str | None = None, state: RunState | None = None
    ) -> Mapping[str, list[RunBar]]:
        """deployment -> its newest runs (in a state), newest first, at most `count` each and `limits.PAGE_ROWS`; of
        those that are declared, or of one. In bounded time, however many there are."""
        ...

    def durations(
        self, namespace: Namespace, count: int, *, deployment: str | None = None
    ) -> Mapping[str, list[timedelta]]:
        """deployment -> how long its newest completed runs took, in no order: of at most `count` and
        `limits.PAGE_ROWS`, without those that never began; of deployments that are declared, or of one. In bounded
        time, however many runs there are."""
        ...

    def token_holder(self, token_hash: str) -> tuple[FlowRun, int] | None:
        """The run and attempt that a run token was issued for, also when it is fenced by now; attempt 0, which no run
        is ever at, for a token that was revoked."""
        ...

    def record_script(self, run: FlowRun, history: Sequence[HistoryEntry]) -> None:
        """Register a run that a script executed without the server, with its initial state only."""
        ...


class Journal(Protocol):
    """Ingestion: idempotent by (run, attempt, stream, sequence)."""

    def acked(self, run_id: str, attempt: int, stream: int) -> int:
        """The highest stored sequence number, -1 if none."""
        ...

    def store(self, run_id: str, attempt: int, stream: int, first: int, lines: Sequence[bytes]) -> Ingested:
        """Store lines `first`..`first+len-1`; those at or below `acked` are ignored; a gap raises Conflict; a
        malformed line raises ParameterError naming it. Writes task rows, log chunks, artifacts, the stream's mark;
        returns the root flow's own entries for `orchestration` to apply."""
        ...

    def tasks(self, run_id: str, attempt: int | None, page: Page) -> list[TaskRun]:
        """By number, ascending; `page.after` is the last number as text."""
        ...

    def task_counts(self, run_id: str, attempt: int) -> Mapping[str, int]: ...
    def logs(
        self,
        run_id: str,
        attempt: int | None,
        after: tuple[int, int, int] | None,
        limit: int,
        *,
        arrival: bool = False,
    ) -> list[LogLine]:
        """Lines after the one that `after` names (attempt, stream, seq), by attempt, then as they arrived. `arrival`:
        those of all attempts as they arrived, so that nothing is missed that an earlier attempt tells late."""
        ...

    def has_open_output(self, run_id: str, attempt: int) -> bool:
        """Whether a supervisor began to store what an attempt prints, and has not ended."""
        ...

    def artifacts(self, run_id: str) -> list[Artifact]: ...
    def checkpoints(self, run_id: str, before_attempt: int) -> Iterator[Checkpoint]:
        """Completed tasks with a stored result of earlier attempts, the newest of each key."""
        ...

    def close_open_tasks(
        self, run_id: str, attempt: int, state: RunState, reason: str, at: datetime | None = None
    ) -> int:
        """When an attempt ended without its own word: every task not final becomes `state` (crashed, cancelled)."""
        ...


class Ingested(Protocol):
    """What a batch held for the flow run itself."""

    @property
    def acked(self) -> int: ...
    @property
    def header(self) -> Mapping[str, Any] | None: ...
    @property
    def flow_entries(self) -> Sequence[tuple[str, float, Mapping[str, Any]]]:
        """(state, at, extra) of each `["s", 0, ...]` entry, in order."""
        ...

    @property
    def ended(self) -> bool: ...
