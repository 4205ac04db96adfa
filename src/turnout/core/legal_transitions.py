"""The table of a flow run's transitions as pairs of states, worked out from `decide` itself: for checks and pages."""

from datetime import UTC, datetime
from functools import cache

from turnout.core import events as ev
from turnout.core.records import Policy, RunFacts
from turnout.core.states import RunState
from turnout.core.transitions import decide

_AT = datetime(2000, 1, 1, tzinfo=UTC)
SAMPLES: tuple[ev.RunEvent, ...] = (
    ev.Claimed(worker="w"),
    ev.Released(reason="r"),
    ev.Started(),
    ev.Paused(),
    ev.Suspended(),
    ev.Resumed(due=_AT, reason="r"),
    ev.Completed(),
    ev.Failed(reason="r"),
    ev.Lost(reason="r"),
    ev.CancelRequested(reason="r"),
    ev.Cancelled(),
    ev.Skipped(reason="r"),
    ev.AttemptOpened(due=_AT),
)
"""One event of each kind; a test compares them with the table."""


@cache
def legal_transitions() -> frozenset[tuple[RunState, RunState, bool]]:
    """(from, to, whether it opens a new attempt) of every step that some event brings about."""
    facts = [_facts(state) for state in RunState] + [_facts(RunState.PAUSED, suspended=True)]
    accepted = ((run.state, decide(run, event, _AT)) for run in facts for event in SAMPLES)
    return frozenset(
        (state, decision.state, decision.new_attempt) for state, decision in accepted if isinstance(decision, ev.Accept)
    )


def _facts(state: RunState, *, suspended: bool = False) -> RunFacts:
    return RunFacts(state=state, attempt=1, due=_AT, failures=0, crashes=0, policy=Policy(), suspended=suspended)
