"""One action on all runs that a search finds, a portion at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from turnout.core.errors import TurnoutError
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Page, Principal, RunFilter
from turnout.core.retention import SETTLING
from turnout.core.states import FINAL, RunState
from turnout.core.views import BulkAction, BulkOutcome, Refusal, RunCount
from turnout.orchestration import runs

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from turnout.core.values import replace

PORTION = 50
"""How many runs one transaction acts on: others have to write, too."""
REMAINS = 1000
"""How many rows that removed runs left go before more runs do."""
BEFORE_ALL, AFTER_ALL = "f" * 32, "0" * 32
"""Where a search begins, and where it finds nothing more: no run has these ids."""
STATES: dict[BulkAction, frozenset[RunState]] = {
    "cancel": frozenset({RunState.SCHEDULED, RunState.PENDING, RunState.RUNNING, RunState.PAUSED}),
    "retry": frozenset({RunState.FAILED, RunState.CRASHED, RunState.CANCELLED}),
    "delete": FINAL,
}
"""The states in which an action does something; runs in others are passed over."""


def applicable(where: RunFilter, action: BulkAction) -> RunFilter | None:
    """The runs of a filter that the action is for; None if there can be none."""
    states = [state for state in RunState if state in STATES[action] and state in (where.states or STATES[action])]
    left = tuple(state for state in states if state not in where.not_states)
    return replace(where, states=left) if left else None


def count(tx: Tx, where: RunFilter, action: BulkAction | None) -> RunCount:
    """How many runs match, up to a cap; with an action those that it is for."""
    chosen = applicable(where, action) if action else where
    return tx.views.count(chosen) if chosen else RunCount(states={}, complete=True)


def act(tx: Tx, where: RunFilter, action: BulkAction, after: str | None, by: Principal) -> BulkOutcome:
    """Do it to the next portion of the runs that were made before `where.until`, newest first. A run that it is refused
    for is told, and the others are done all the same.

    What runs that were deleted before left goes first, so that there is never much of it: a portion may do nothing
    else. Retention does that, too, for somebody who does not ask again.
    """
    chosen = applicable(where, action)
    if chosen is None:
        return BulkOutcome(done=0, refused=(), next=None)
    if action == "delete" and tx.retention.remove_remains(REMAINS):
        return BulkOutcome(done=0, refused=(), next=after or BEFORE_ALL)
    found, following = tx.runs.search(chosen, Page(limit=PORTION, after=after))
    if action == "delete":
        refused = _delete(tx, found)
        done = len(found) - len(refused)
        return BulkOutcome(done=done, refused=refused, next=following or (AFTER_ALL if done else None))
    refused = tuple(refusal for run in found if (refusal := _do(tx, run, action, by)))
    return BulkOutcome(done=len(found) - len(refused), refused=refused, next=following)


def _do(tx: Tx, run: FlowRun, action: BulkAction, by: Principal) -> Refusal | None:
    try:
        if action == "cancel":
            runs.cancel(tx, run.id, by)
        else:
            runs.retry(tx, run.id, by)
    except TurnoutError as error:
        return Refusal(id=run.id, name=run.name, why=str(error))
    return None


def _delete(tx: Tx, found: Sequence[FlowRun]) -> tuple[Refusal, ...]:
    """As retention removes them; those which are kept, and why."""
    removed = tx.retention.remove_chosen([run.id for run in found])
    return tuple(Refusal(id=run.id, name=run.name, why=_why_kept(tx, run)) for run in found if run.id not in removed)


def _why_kept(tx: Tx, run: FlowRun) -> str:
    if run.state in (RunState.CRASHED, RunState.CANCELLED) and run.started_at and run.state_at >= tx.now - SETTLING:
        minutes = SETTLING.total_seconds() // 60
        return f"it was stopped less than {minutes:.0f} minutes ago: whoever executed it may still tell of it"
    return f"it is the last run of {run.deployment}, or the last that completed: that one is kept"
