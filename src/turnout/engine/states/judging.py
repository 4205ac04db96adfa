"""States taken together, and made out of what code returned or raised."""

from __future__ import annotations

from turnout.engine.futures.futures import Future
from turnout.engine.runs.tracebacks import summary
from turnout.engine.states.state import State
from turnout.engine.twins import dispatched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeGuard


class StateGroup:
    """Some states, counted: total_count, fail_count (failed and crashed), cancelled_count, paused_count,
    final_count, not_final_count."""

    def __init__(self, states: list[State]) -> None:
        self.states = states
        kinds = [state.type for state in states]
        self.type_counts = {kind: kinds.count(kind) for kind in kinds}
        self.total_count = len(states)
        self.cancelled_count = kinds.count("cancelled")
        self.paused_count = kinds.count("paused")
        self.final_count = sum(state.is_final() for state in states)
        self.not_final_count = self.total_count - self.final_count

    @property
    def fail_count(self) -> int:
        return self.type_counts.get("failed", 0) + self.type_counts.get("crashed", 0)

    def all_completed(self) -> bool:
        return self.type_counts.get("completed", 0) == self.total_count

    def any_cancelled(self) -> bool:
        return self.cancelled_count > 0

    def any_failed(self) -> bool:
        return self.fail_count > 0

    def any_paused(self) -> bool:
        return self.paused_count > 0

    def all_final(self) -> bool:
        return self.not_final_count == 0

    def counts_message(self) -> str:
        """As `1/2 states failed.`"""
        counts = {"are not final": self.not_final_count, "failed": self.fail_count, "cancelled": self.cancelled_count}
        return " ".join(f"{count}/{self.total_count} states {what}." for what, count in counts.items() if count)


async def get_state_result(state: State, raise_on_failure: bool = True, retry_result_failure: bool = True) -> Any:
    """The value of a completed run; otherwise its exception, raised or returned."""
    return state.result(raise_on_failure)


def state_exception(state: State) -> BaseException:
    """The exception of a state that did not complete. Raises ValueError for another."""
    if not _ended_badly(state):
        raise ValueError(f"expected a state that failed, crashed or was cancelled, got {state!r}")
    return state.failure()


async def aget_state_exception(state: State) -> BaseException:
    """`get_state_exception`, awaited."""
    return state_exception(state)


def raise_exception(state: State) -> None:
    """Raise the exception of a state that did not complete; do nothing for another."""
    if _ended_badly(state):
        raise state.failure()


async def araise_state_exception(state: State) -> None:
    """`raise_state_exception`, awaited."""
    raise_exception(state)


get_state_exception = dispatched(state_exception, aget_state_exception)
raise_state_exception = dispatched(raise_exception, araise_state_exception)


def format_exception(exc: BaseException, tb: TracebackType | None = None) -> str:
    """The exception as Python prints it."""
    import traceback

    return "".join(traceback.format_exception(type(exc), exc, tb or exc.__traceback__))


async def exception_to_crashed_state(exc: BaseException, result_store: Any = None) -> State:
    """The state of a run that `exc` ended from outside."""
    return State("crashed", reason=f"Execution was aborted: {summary(exc)}", data=exc, error=exc)


async def exception_to_failed_state(
    exc: BaseException | None = None, result_store: Any = None, write_result: bool = False, **kwargs: Any
) -> State:
    """The state of a run that raised `exc`, by default the exception that is being handled."""
    import sys

    from turnout.engine.states.making import Failed

    raised = exc or sys.exc_info()[1]
    if raised is None:
        raise ValueError("exception_to_failed_state was given no exception, and none is being handled")
    message = kwargs.pop("message", None)
    return Failed(data=raised, message=f"{message} {summary(raised)}" if message else summary(raised), **kwargs)


async def return_value_to_state(
    retval: Any, result_store: Any = None, key: str | None = None, expiration: Any = None, write_result: bool = False
) -> State:
    """The final state of a run that returned `retval`. Nothing is stored: the engine does that by itself."""
    if type(retval) is State:
        return retval
    if type(retval) is Future:
        retval = [retval]
    states = [item.state if type(item) is Future else item for item in retval] if _may_hold_states(retval) else None
    if states is None or not is_state_iterable(states):
        return State("completed", data=retval)
    group = StateGroup(list(states))
    if group.all_completed():
        return State("completed", reason="All states completed.", data=retval)
    kind = "cancelled" if group.any_cancelled() and not group.any_failed() else "failed"
    return State(kind, reason=group.counts_message(), data=retval)


def is_state_iterable(obj: Any) -> TypeGuard[list[State] | tuple[State, ...] | set[State]]:
    """Whether `obj` is a list, tuple or set of states and nothing else."""
    return isinstance(obj, (list, tuple, set)) and bool(obj) and all(isinstance(item, State) for item in obj)


def _may_hold_states(value: Any) -> bool:
    return isinstance(value, (list, tuple, set)) and bool(value)


def _ended_badly(state: State) -> bool:
    return state.type in ("failed", "crashed", "cancelled", "skipped")
