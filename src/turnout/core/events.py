"""What can happen to a flow run, and what follows: frozen values that `transitions.decide` takes and returns."""

from datetime import datetime

from turnout.core.states import RunState
from turnout.core.values import value


@value
class Claimed:
    """A worker took the run: scheduled -> pending."""

    worker: str


@value
class Released:
    """The worker proves that it never started the run: pending -> scheduled, same attempt, new lease."""

    reason: str


@value
class Started:
    """The flow process is about to call user code: pending -> running."""


@value
class Completed:
    """The flow returned."""

    name: str | None = None
    reason: str | None = None


@value
class Failed:
    """The flow raised, left a failed task unread, or timed out (`name='TimedOut'`)."""

    reason: str
    name: str | None = None


@value
class Lost:
    """The executor is gone: killed process, lapsed lease, lost host."""

    reason: str


@value
class CancelRequested:
    """Someone wants the run to stop."""

    reason: str


@value
class Cancelled:
    """The executor confirms that nothing of the run is left."""

    reason: str | None = None


@value
class Skipped:
    """The run will not start: catch-up or collision policy, or its deployment left production."""

    reason: str


@value
class AttemptOpened:
    """A new attempt of a finished run, by policy or by a person's explicit retry."""

    due: datetime
    name: str | None = None
    reason: str | None = None


RunEvent = (
    Claimed | Released | Started | Completed | Failed | Lost | CancelRequested | Cancelled | Skipped | AttemptOpened
)


@value
class OpenAttempt:
    """Effect: apply `AttemptOpened` next, in the same transaction."""

    due: datetime
    name: str
    reason: str


@value
class StopExecutor:
    """Effect: tell the run's executor to stop (a hint; the executor's next heartbeat tells it again)."""


@value
class WakeWorkers:
    """Effect: a run became claimable or a slot became free."""


@value
class WakeDependents:
    """Effect: deployments with `after` on this run's deployment may be due."""


Effect = OpenAttempt | StopExecutor | WakeWorkers | WakeDependents


@value
class Accept:
    """The event is legal: the run enters `state`, then `effects` follow in order."""

    state: RunState
    name: str
    reason: str | None
    effects: tuple[Effect, ...] = ()
    new_attempt: bool = False


@value
class Reject:
    """The event is not legal in this state; nothing changes."""

    reason: str


@value
class Wait:
    """The event is legal later."""

    until: datetime
    reason: str


Decision = Accept | Reject | Wait
