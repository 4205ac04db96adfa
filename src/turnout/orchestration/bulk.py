"""One action on all runs that a search finds, a portion at a time."""

from typing import TYPE_CHECKING, Literal

from turnout.core.errors import TurnoutError
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Page, Principal, RunFilter
from turnout.core.states import RunState
from turnout.core.views import BulkOutcome, Refusal
from turnout.orchestration import runs

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from turnout.core.values import replace

Action = Literal["cancel", "retry"]
PORTION = 50
"""How many runs one transaction acts on: others have to write, too."""
STATES: dict[Action, frozenset[RunState]] = {
    "cancel": frozenset({RunState.SCHEDULED, RunState.PENDING, RunState.RUNNING, RunState.PAUSED}),
    "retry": frozenset({RunState.FAILED, RunState.CRASHED, RunState.CANCELLED}),
}
"""The states in which an action does something; runs in others are passed over."""


def applicable(where: RunFilter, action: Action) -> RunFilter | None:
    """The runs of a filter that the action is for; None if there can be none."""
    states = [state for state in RunState if state in STATES[action] and state in (where.states or STATES[action])]
    left = tuple(state for state in states if state not in where.not_states)
    return replace(where, states=left) if left else None


def act(tx: Tx, where: RunFilter, action: Action, after: str | None, by: Principal) -> BulkOutcome:
    """Do it to the next portion of the runs that were made before `where.until`, newest first. A run that it is refused
    for is told, and the others are done all the same."""
    chosen = applicable(where, action)
    if chosen is None:
        return BulkOutcome(done=0, refused=(), next=None)
    found, following = tx.runs.search(chosen, Page(limit=PORTION, after=after))
    refused = tuple(refusal for run in found if (refusal := _do(tx, run, action, by)))
    return BulkOutcome(done=len(found) - len(refused), refused=refused, next=following)


def _do(tx: Tx, run: FlowRun, action: Action, by: Principal) -> Refusal | None:
    try:
        if action == "cancel":
            runs.cancel(tx, run.id, by)
        else:
            runs.retry(tx, run.id, by)
    except TurnoutError as error:
        return Refusal(id=run.id, name=run.name, why=str(error))
    return None
