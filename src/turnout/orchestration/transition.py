"""The one way from a state to the next: read, decide, write, and do what follows, in one transaction.

Light: a script records itself at its end. What only runs of deployments and pools need is imported where they do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from turnout.core import events as ev
from turnout.core.errors import IllegalTransition
from turnout.core.records import FlowRun, Namespace
from turnout.core.states import ACTIVE, FINAL, RunState
from turnout.core.transitions import decide
from turnout.orchestration.scripts import SCRIPT

if TYPE_CHECKING:
    from dataclasses import dataclass

    from turnout.core.ports import Tx
else:
    from turnout.core.values import dataclass

HISTORY_TAIL = 3
"""How many of a run's last steps an error tells."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a claim gives with `Claimed`: until when, under which claim key, and the run token's SHA-256."""

    until: datetime
    key: str | None
    token_hash: str


def apply(
    tx: Tx,
    run: FlowRun,
    event: ev.RunEvent,
    by: str,
    *,
    at: datetime | None = None,
    lease: Lease | None = None,
    spoken: bool = False,
) -> FlowRun:
    """The run after `event` and everything that follows from it (a new attempt, woken workers and dependents).

    at: when it happened by the journal, for started_at and ended_at, and in the history of a script, whose journal may
    come days later; decisions go by `tx.now` alone.
    spoken: the engine itself said so in its journal; an attempt that ends otherwise has its open tasks closed.
    Raises IllegalTransition, with the run's story, when the state table refuses the event.
    """
    decision = decide(run.facts, event, tx.now)
    if not isinstance(decision, ev.Accept):
        raise _illegal(tx, run, event, decision)
    entered = _write(tx, run, event, decision, by, at or tx.now, lease)
    if entered.state in FINAL and run.state in ACTIVE and not spoken:
        state = RunState.CANCELLED if entered.state == RunState.CANCELLED else RunState.CRASHED
        tx.journal.close_open_tasks(run.id, run.attempt, state, entered.reason or "the attempt was ended", at)
    if run.state in ACTIVE and (entered.state not in ACTIVE or entered.suspended) and run.pool is not None:
        from turnout.orchestration import slots

        slots.release_all(tx, run)
    if run.state == RunState.PAUSED:
        tx.inputs.settle(run.id)
    _hint(tx, entered)
    return _follow(tx, entered, decision.effects, by)


def _write(
    tx: Tx,
    run: FlowRun,
    event: ev.RunEvent,
    accepted: ev.Accept,
    by: str,
    at: datetime,
    lease: Lease | None,
) -> FlowRun:
    granted = lease if isinstance(event, ev.Claimed) else None
    return tx.runs.set_state(
        run,
        state=accepted.state,
        name=accepted.name,
        reason=accepted.reason,
        by=by,
        attempt=tx.runs.next_attempt(run) if accepted.new_attempt else run.attempt,
        due_at=event.due if accepted.new_attempt and isinstance(event, ev.AttemptOpened | ev.Resumed) else run.due_at,
        failures=run.failures + (accepted.state == RunState.FAILED),
        crashes=run.crashes + (accepted.state == RunState.CRASHED),
        started_at=_started_at(run, accepted.state, at, tx.now),
        ended_at=_ended_at(run, accepted.state, at, tx.now),
        worker=_worker(run, event, accepted.state),
        lease_until=_lease_until(run, event, accepted.state, granted),
        lease_key=granted.key if granted else None,
        token_hash=granted.token_hash if granted else None,
        limited_tags=_limited_tags(tx, run) if accepted.state == RunState.SCHEDULED else (),
        at=min(max(at, run.state_at), tx.now) if run.trigger == SCRIPT else None,
    )


def _limited_tags(tx: Tx, run: FlowRun) -> list[str]:
    from turnout.orchestration.queue import limited_tags

    return limited_tags(tx, Namespace(project=run.project, environment=run.environment), run.tags)


def _worker(run: FlowRun, event: ev.RunEvent, state: RunState) -> str | None:
    if isinstance(event, ev.Claimed):
        return event.worker
    return None if state == RunState.SCHEDULED or isinstance(event, ev.Suspended) else run.worker


def _lease_until(run: FlowRun, event: ev.RunEvent, state: RunState, granted: Lease | None) -> datetime | None:
    if granted is not None:
        return granted.until
    return run.lease_until if state in ACTIVE and not isinstance(event, ev.Suspended) else None


def _started_at(run: FlowRun, state: RunState, at: datetime, now: datetime) -> datetime | None:
    if state in (RunState.SCHEDULED, RunState.PENDING):
        return None
    if state != RunState.RUNNING or run.state == RunState.PAUSED:
        return run.started_at
    # A worker's clock is believed only between the time the run was due and the time the server is told.
    return min(max(at, run.created_at, run.due_at), now)


def _ended_at(run: FlowRun, state: RunState, at: datetime, now: datetime) -> datetime | None:
    if state not in FINAL:
        return None
    # The start comes last: the server's clock may have been set back since, and no run ends before it started.
    return max(min(at, now), run.started_at or run.created_at)


def _hint(tx: Tx, run: FlowRun) -> None:
    tx.after_commit(f"run:{run.id}")
    if run.state in FINAL:
        tx.after_commit(f"log:{run.id}")


def _follow(tx: Tx, run: FlowRun, effects: tuple[ev.Effect, ...], by: str) -> FlowRun:
    for effect in effects:
        match effect:
            case ev.OpenAttempt():
                opened = ev.AttemptOpened(due=effect.due, name=effect.name, reason=effect.reason)
                run = apply(tx, run, opened, by)
            case ev.WakeWorkers():
                if run.pool is not None:
                    tx.after_commit(f"pool:{run.project}/{run.pool}")
            case ev.WakeDependents():
                if run.deployment is not None:
                    _wake_dependents(tx, run)
            case ev.StopExecutor():
                pass  # its heartbeat waits on the run's own hint
    return run


def _wake_dependents(tx: Tx, run: FlowRun) -> None:
    from turnout.orchestration import after

    for target, event in after.start_dependents(tx, run):
        apply(tx, target, event, after.ACTOR)


def _illegal(tx: Tx, run: FlowRun, event: ev.RunEvent, refused: ev.Reject | ev.Wait) -> IllegalTransition:
    tail = tx.runs.history(run.id)[-HISTORY_TAIL:]
    steps = ", ".join(f"{step.name} (attempt {step.attempt}, by {step.by})" for step in tail)
    if isinstance(refused, ev.Wait):
        wait = timedelta(seconds=round((refused.until - tx.now).total_seconds()))
        fix = f"wait {wait}: the run is due at {refused.until:%Y-%m-%d %H:%M:%S} UTC"
    else:
        fix = _fix(run, event)
    return IllegalTransition(refused.reason, where=f"run {run.name} ({run.id}): {steps}", fix=fix)


def _fix(run: FlowRun, event: ev.RunEvent) -> str:
    if isinstance(event, ev.AttemptOpened):
        return "wait until the run is over, or cancel it first"
    if run.state in FINAL:
        return f"the run is over; `turnout runs retry {run.name}` opens a new attempt"
    return "read the run again: it has moved on since you looked"
