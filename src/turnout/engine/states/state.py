"""The state of a flow or task run as user code sees it."""

from __future__ import annotations

from turnout.core.errors import (
    FlowRunFailed,
    ResultUnavailable,
    RunCancelled,
    RunCrashed,
    UpstreamFailed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FINAL = frozenset({"completed", "failed", "crashed", "cancelled", "skipped"})


class State:
    """What a run is doing, or how it ended.

    type: a `core.states.RunState` as text. name: the more precise word (NotReady, TimedOut, Reused ...). reason: one
    sentence or None. `data`: the value of a completed run. `error`: the exception of one that did not complete.
    state_details: what else is known of it (scheduled_time, pause_timeout, pause_key ...), by name.
    """

    __slots__ = ("data", "error", "name", "reason", "state_details", "timestamp", "type")

    state_details: dict[str, Any]

    def __init__(
        self,
        type: str,
        name: str | None = None,
        reason: str | None = None,
        *,
        data: Any = None,
        error: BaseException | None = None,
        timestamp: float | None = None,
    ) -> None:
        self.type = type
        self.name = name or type.capitalize()
        self.reason = reason
        self.data = data
        self.error = error
        self.timestamp = timestamp

    @property
    def message(self) -> str | None:
        """The same as `reason`."""
        return self.reason

    def result(self, raise_on_failure: bool = True, retry_result_failure: bool = True) -> Any:
        """The value of a completed run. Otherwise its exception: raised, or returned if not `raise_on_failure`.

        Nothing is read from afar, so there is nothing to retry: `retry_result_failure` changes nothing.
        """
        __tracebackhide__ = True
        if self.type == "completed":
            return self.data
        error = self.failure()
        if raise_on_failure:
            raise error
        return error

    async def aresult(self, raise_on_failure: bool = True, retry_result_failure: bool = True) -> Any:
        """`result`, awaited."""
        __tracebackhide__ = True
        return self.result(raise_on_failure)

    def failure(self) -> BaseException:
        """The exception of a run that did not complete; made from the state if user code raised none."""
        if self.error is None:
            self.error = _ERRORS.get(self.type, _not_final)(self.reason or f"the run is {self.name}")
        return self.error

    def is_scheduled(self) -> bool:
        return self.type == "scheduled"

    def is_pending(self) -> bool:
        return self.type == "pending"

    def is_running(self) -> bool:
        return self.type == "running"

    def is_paused(self) -> bool:
        return self.type == "paused"

    def is_cancelling(self) -> bool:
        return self.type == "cancelling"

    def is_completed(self) -> bool:
        return self.type == "completed"

    def is_failed(self) -> bool:
        return self.type == "failed"

    def is_crashed(self) -> bool:
        return self.type == "crashed"

    def is_cancelled(self) -> bool:
        return self.type == "cancelled"

    def is_skipped(self) -> bool:
        return self.type == "skipped"

    def is_final(self) -> bool:
        return self.type in FINAL

    def __getattr__(self, name: str) -> Any:
        if name == "state_details":  # few states have any: they are not set where states are made by the thousand
            self.state_details = {}
            return self.state_details
        raise AttributeError(f"a State has no attribute '{name}'")

    def __repr__(self) -> str:
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"State({self.type!r}, name={self.name!r}{reason})"


_ERRORS: dict[str, type[Exception]] = {
    "failed": FlowRunFailed,
    "crashed": RunCrashed,
    "cancelled": RunCancelled,
    "skipped": UpstreamFailed,
}
_not_final = ResultUnavailable
