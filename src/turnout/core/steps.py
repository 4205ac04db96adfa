"""The table of task and subflow steps, apart from `transitions` so that engine and ingestion load no record classes."""

from turnout.core.states import FINAL, RunState

S = RunState

LEGAL_STEPS: dict[RunState, frozenset[RunState]] = {
    S.SCHEDULED: frozenset({S.PENDING, S.RUNNING, S.CANCELLED, S.FAILED, S.COMPLETED, S.SKIPPED, S.CRASHED}),
    S.PENDING: frozenset({S.RUNNING, S.SCHEDULED, S.COMPLETED, S.FAILED, S.CANCELLED, S.CRASHED, S.SKIPPED}),
    S.RUNNING: frozenset(
        {S.SCHEDULED, S.PAUSED, S.CANCELLING, S.COMPLETED, S.FAILED, S.CANCELLED, S.CRASHED, S.SKIPPED}
    ),
    S.PAUSED: frozenset({S.RUNNING, S.CANCELLING, S.CANCELLED, S.FAILED, S.CRASHED}),
    S.CANCELLING: frozenset({S.CANCELLED, S.COMPLETED, S.FAILED, S.CRASHED}),
    **{state: frozenset[RunState]() for state in FINAL},
}
"""From -> to, for task runs and in-process subflows within one attempt (`running -> scheduled` is a retry wait)."""


def legal_step(before: RunState, after: RunState) -> bool:
    """Whether a task or subflow may go from `before` to `after`."""
    return after in LEGAL_STEPS[before]
