"""Suspended runs that nobody answers in time fail, so that none waits for ever."""

from datetime import datetime, timedelta

from turnout.core.durations import format_duration
from turnout.core.events import Failed
from turnout.core.ports import Store, Tx
from turnout.orchestration.transition import apply
from turnout.services.isolation import each_alone

ACTOR = "system:questions"
BATCH = 100


class Questions:
    """A service that looks every `pause`. A run that waits in its own process looks at the time itself."""

    name = "questions"
    pause = timedelta(seconds=5)

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Fail what is overdue."""
        overdue = store.read(lambda tx: tx.inputs.overdue(BATCH))
        failed = each_alone(store, overdue, _fail, lambda run_id: f"time-out of the pause of run {run_id}")
        return now if len(overdue) == BATCH and not failed else None


def _fail(tx: Tx, run_id: str) -> None:
    run, question = tx.runs.get(run_id), tx.inputs.question(run_id)
    if run is None or not run.suspended or question is None or question.until is None or question.until > tx.now:
        return  # answered since the sweep began
    waited = format_duration((question.until - question.asked_at).total_seconds())
    apply(tx, run, Failed(reason=f"nobody answered within {waited}", name="TimedOut"), ACTOR)
