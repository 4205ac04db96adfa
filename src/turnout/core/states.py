"""The states of a run: the only definition. SQL CHECKs, OpenAPI, docs and UI are generated from it or tested equal."""

from enum import StrEnum


class RunState(StrEnum):
    """What a run (flow or task) is doing. State belongs to one *attempt*; a run shows its latest attempt's."""

    SCHEDULED = "scheduled"
    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


FINAL = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CRASHED, RunState.CANCELLED, RunState.SKIPPED})
"""States that no event leaves within an attempt."""

ACTIVE = frozenset({RunState.PENDING, RunState.RUNNING, RunState.PAUSED, RunState.CANCELLING})
"""States in which an executor may hold the run: they occupy concurrency slots."""

QUEUED = frozenset({RunState.SCHEDULED})
"""States in which a run waits for an executor."""

DEFAULT_NAME = {state: state.value.capitalize() for state in RunState}
"""The display name of a state when no more precise one (Late, AwaitingRetry, Cached, TimedOut ...) is given."""


def is_final(state: str) -> bool:
    """Whether an attempt in `state` is over."""
    return state in FINAL
