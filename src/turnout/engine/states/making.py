"""States by name, to return from a flow or a task, or to compare with: `Completed(data=3)`, `Failed(message="no")`.

Each takes `message`, `data`, `name`, `timestamp` (seconds since 1970) and `state_details`. `data` is the value of a
completed run; an exception as the `data` of another is what reading its result raises.
"""

from __future__ import annotations

from turnout.core.errors import ParameterError
from turnout.engine.states.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any


def Scheduled(cls: type[State] = State, scheduled_time: datetime | None = None, **kwargs: Any) -> State:  # noqa: N802
    """A run that is to start at `scheduled_time`, which is now if left out."""
    return _made(cls, "scheduled", None, kwargs, scheduled_time=scheduled_time or _now())


def Completed(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that completed, with `data` as its value."""
    return _made(cls, "completed", None, kwargs)


def Running(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run whose code runs."""
    return _made(cls, "running", None, kwargs)


def Failed(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that failed."""
    return _made(cls, "failed", None, kwargs)


def Crashed(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run whose process was lost."""
    return _made(cls, "crashed", None, kwargs)


def Cancelling(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that someone asked to stop."""
    return _made(cls, "cancelling", None, kwargs)


def Cancelled(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that was stopped."""
    return _made(cls, "cancelled", None, kwargs)


def Pending(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that waits for its dependencies or for an executor."""
    return _made(cls, "pending", None, kwargs)


def Paused(  # noqa: N802
    cls: type[State] = State,
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    reschedule: bool = False,
    pause_key: str | None = None,
    **kwargs: Any,
) -> State:
    """A run that waits for a person, until `pause_expiration_time` or for `timeout_seconds`, if one is given."""
    if timeout_seconds is not None and pause_expiration_time is not None:
        raise ParameterError(
            "Paused was given both timeout_seconds and pause_expiration_time", fix="give one of the two"
        )
    details = {"pause_timeout": pause_expiration_time, "pause_reschedule": reschedule, "pause_key": pause_key}
    if timeout_seconds is not None:
        from datetime import timedelta

        details["pause_timeout"] = _now() + timedelta(seconds=timeout_seconds)
    return _made(cls, "paused", None, kwargs, **details)


def Suspended(  # noqa: N802
    cls: type[State] = State,
    timeout_seconds: float | None = None,
    pause_expiration_time: datetime | None = None,
    pause_key: str | None = None,
    **kwargs: Any,
) -> State:
    """A run that waits for a person and has left its process."""
    return Paused(
        cls, timeout_seconds, pause_expiration_time, reschedule=True, pause_key=pause_key,
        **{"name": "Suspended", **kwargs},
    )  # fmt: skip


def AwaitingRetry(  # noqa: N802
    cls: type[State] = State, scheduled_time: datetime | None = None, **kwargs: Any
) -> State:
    """A run that failed and will be tried again."""
    return _made(cls, "scheduled", "AwaitingRetry", kwargs, scheduled_time=scheduled_time or _now())


def AwaitingConcurrencySlot(  # noqa: N802
    cls: type[State] = State, scheduled_time: datetime | None = None, **kwargs: Any
) -> State:
    """A run that waits for a slot of a limit."""
    return _made(cls, "scheduled", "AwaitingConcurrencySlot", kwargs, scheduled_time=scheduled_time or _now())


def Submitting(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run that is being handed to an executor."""
    return _made(cls, "pending", "Submitting", kwargs)


def InfrastructurePending(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run whose process is being started."""
    return _made(cls, "pending", "InfrastructurePending", kwargs)


def Retrying(cls: type[State] = State, **kwargs: Any) -> State:  # noqa: N802
    """A run in a further try."""
    return _made(cls, "running", "Retrying", kwargs)


def Late(  # noqa: N802
    cls: type[State] = State, scheduled_time: datetime | None = None, **kwargs: Any
) -> State:
    """A run that was to have started by now."""
    return _made(cls, "scheduled", "Late", kwargs, scheduled_time=scheduled_time or _now())


def _made(cls: type[State], kind: str, name: str | None, given: dict[str, Any], **details: Any) -> State:
    data, message, timestamp = given.pop("data", None), given.pop("message", None), given.pop("timestamp", None)
    name = given.pop("name", None) or name
    more = given.pop("state_details", None) or {}
    if given:
        raise ParameterError(
            f"a state has no '{next(iter(given))}'",
            fix="it takes: message, data, name, timestamp, state_details",
        )
    error = data if isinstance(data, BaseException) and kind != "completed" else None
    state = cls(kind, name, message, data=data, error=error, timestamp=timestamp)
    details = {**details, **(more if isinstance(more, dict) else vars(more))}
    if details:
        state.state_details = details
    return state


def _now() -> datetime:
    from datetime import UTC, datetime

    from turnout.engine.clock import now

    return datetime.fromtimestamp(now(), UTC)
