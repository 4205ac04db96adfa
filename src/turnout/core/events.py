"""What can happen to a flow run, and what follows: frozen values that `transitions.decide` takes and returns."""

from datetime import datetime
from typing import TYPE_CHECKING

from turnout.core.states import RunState

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A worker took the run: scheduled -> pending."""

    worker: str


@dataclass(frozen=True, kw_only=True)
class Released:
    """The worker proves that it never started the run: pending -> scheduled, same attempt, new lease."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """The flow process is about to call user code: pending -> running."""


@dataclass(frozen=True, kw_only=True)
class Paused:
    """The flow waits for a person, in its process and with its slots: running -> paused."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """The flow waits for a person and its process ended; slots are free: running -> paused."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """Somebody let a paused run go on: paused -> running, or a new attempt of one whose process ended."""

    due: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Completed:
    """The flow returned."""

    name: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The flow raised, left a failed task unread, or timed out (`name='TimedOut'`)."""

    reason: str
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The executor is gone: killed process, lapsed lease, lost host."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelRequested:
    """Someone wants the run to stop."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """The executor confirms that nothing of the run is left."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """The run will not start: catch-up or collision policy, or its deployment left production."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AttemptOpened:
    """A new attempt of a finished run, by policy or by a person's explicit retry."""

    due: datetime
    name: str | None = None
    reason: str | None = None


RunEvent = (
    Claimed
    | Released
    | Started
    | Paused
    | Suspended
    | Resumed
    | Completed
    | Failed
    | Lost
    | CancelRequested
    | Cancelled
    | Skipped
    | AttemptOpened
)


@dataclass(frozen=True, kw_only=True)
class OpenAttempt:
    """Effect: apply `AttemptOpened` next, in the same transaction."""

    due: datetime
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StopExecutor:
    """Effect: tell the run's executor to stop (a hint; the executor's next heartbeat tells it again)."""


@dataclass(frozen=True, kw_only=True)
class WakeWorkers:
    """Effect: a run became claimable or a slot became free."""


@dataclass(frozen=True, kw_only=True)
class WakeDependents:
    """Effect: deployments with `after` on this run's deployment may be due."""


Effect = OpenAttempt | StopExecutor | WakeWorkers | WakeDependents


@dataclass(frozen=True, kw_only=True)
class Accept:
    """The event is legal: the run enters `state`, then `effects` follow in order."""

    state: RunState
    name: str
    reason: str | None
    effects: tuple[Effect, ...] = ()
    new_attempt: bool = False


@dataclass(frozen=True, kw_only=True)
class Reject:
    """The event is not legal in this state; nothing changes."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The event is legal later."""

    until: datetime
    reason: str


Decision = Accept | Reject | Wait
