"""The rules of a run's life: one table and one pure function. Nothing else decides a state.

Engine and server use the same table: the server for flow runs (`decide`), the engine for tasks and in-process
subflows (`LEGAL_STEPS`), which the server checks again when it ingests a journal.
"""

from datetime import datetime, timedelta

from turnout.core import events as ev
from turnout.core.records import RunFacts
from turnout.core.states import DEFAULT_NAME, FINAL, RunState
from turnout.core.steps import LEGAL_STEPS, legal_step

__all__ = ["LEGAL_STEPS", "TABLE", "crash_delay", "decide", "legal_step"]

S = RunState

TABLE: dict[type, frozenset[RunState]] = {
    ev.Claimed: frozenset({S.SCHEDULED}),
    ev.Released: frozenset({S.PENDING}),
    ev.Started: frozenset({S.PENDING}),
    ev.Paused: frozenset({S.RUNNING}),
    ev.Suspended: frozenset({S.RUNNING}),
    ev.Resumed: frozenset({S.PAUSED}),
    ev.Completed: frozenset({S.PENDING, S.RUNNING, S.PAUSED, S.CANCELLING}),
    ev.Failed: frozenset({S.PENDING, S.RUNNING, S.PAUSED, S.CANCELLING}),
    ev.Lost: frozenset({S.PENDING, S.RUNNING, S.PAUSED, S.CANCELLING}),
    ev.CancelRequested: frozenset({S.SCHEDULED, S.PENDING, S.RUNNING, S.PAUSED}),
    ev.Cancelled: frozenset({S.SCHEDULED, S.PENDING, S.RUNNING, S.PAUSED, S.CANCELLING}),
    ev.Skipped: frozenset({S.SCHEDULED}),
    ev.AttemptOpened: FINAL,
}
"""Event -> the states in which it is legal."""

RETRY, RESUME = "AwaitingRetry", "AwaitingResume"
"""Names of a scheduled state: how the attempt was opened. Only a resumed attempt reuses completed steps."""

SUSPENDED = "Suspended"
"""Name of a paused state: nobody executes the run."""

CRASH_BACKOFF_AFTER = 3
CRASH_BACKOFF_MAXIMUM = timedelta(seconds=60)


def decide(run: RunFacts, event: ev.RunEvent, now: datetime) -> ev.Decision:
    """What `event` does to `run` at `now`. Pure: same arguments, same answer.

    Accept carries the next state and the effects to execute in the same transaction; Reject says why not.
    """
    if run.state not in TABLE[type(event)]:
        return ev.Reject(reason=f"a {run.state} run cannot take '{type(event).__name__}'")
    match event:
        case ev.Claimed():
            if run.due > now:
                return ev.Wait(until=run.due, reason="not due yet")
            return _accept(S.PENDING)
        case ev.Released():
            return _accept(S.SCHEDULED, reason=event.reason, effects=(ev.WakeWorkers(),))
        case ev.Started():
            return _accept(S.RUNNING)
        case ev.Paused():
            return _accept(S.PAUSED, reason=event.reason)
        case ev.Suspended():
            return _accept(S.PAUSED, SUSPENDED, event.reason, (ev.WakeWorkers(),))
        case ev.Resumed():
            if run.suspended:
                return _opened(RESUME, event.reason)
            return _accept(S.RUNNING, reason=event.reason)
        case ev.Completed():
            return _accept(S.COMPLETED, event.name, event.reason, (ev.WakeDependents(), ev.WakeWorkers()))
        case ev.Failed():
            return _failed(run, event, now)
        case ev.Lost():
            return _lost(run, event, now)
        case ev.CancelRequested():
            if run.state == S.SCHEDULED or run.suspended:
                return _accept(S.CANCELLED, reason=event.reason, effects=(ev.WakeWorkers(),))
            return _accept(S.CANCELLING, reason=event.reason, effects=(ev.StopExecutor(),))
        case ev.Cancelled():
            return _accept(S.CANCELLED, reason=event.reason or run.reason, effects=(ev.WakeWorkers(),))
        case ev.Skipped():
            return _accept(S.SKIPPED, reason=event.reason, effects=(ev.WakeWorkers(),))
        case ev.AttemptOpened():
            return _opened(event.name, event.reason)


def crash_delay(crashes: int) -> timedelta:
    """How long to wait before attempt `crashes + 1` of a run that lost its process `crashes` times.

    The first restarts are immediate; a flow that kills its process every time backs off to a minute.
    """
    if crashes < CRASH_BACKOFF_AFTER:
        return timedelta(0)
    return min(timedelta(seconds=2.0 ** (crashes - CRASH_BACKOFF_AFTER)), CRASH_BACKOFF_MAXIMUM)


def _accept(
    state: RunState, name: str | None = None, reason: str | None = None, effects: tuple[ev.Effect, ...] = ()
) -> ev.Accept:
    return ev.Accept(state=state, name=name or DEFAULT_NAME[state], reason=reason, effects=effects)


def _opened(name: str | None, reason: str | None) -> ev.Accept:
    opened = _accept(S.SCHEDULED, name, reason, (ev.WakeWorkers(),))
    return ev.Accept(
        state=opened.state, name=opened.name, reason=opened.reason, effects=opened.effects, new_attempt=True
    )


def _failed(run: RunFacts, event: ev.Failed, now: datetime) -> ev.Accept:
    effects: tuple[ev.Effect, ...] = (ev.WakeWorkers(),)
    if run.state != S.CANCELLING and run.failures < run.policy.retries:
        used, allowed = run.failures + 1, run.policy.retries
        retry = ev.OpenAttempt(
            due=now + timedelta(seconds=run.policy.retry_delay_seconds),
            name=RETRY,
            reason=f"retry {used} of {allowed} after: {event.reason}",
        )
        effects = (retry, *effects)
    return _accept(S.FAILED, event.name, event.reason, effects)


def _lost(run: RunFacts, event: ev.Lost, now: datetime) -> ev.Accept:
    if run.state == S.CANCELLING:
        return _accept(S.CANCELLED, reason=run.reason, effects=(ev.WakeWorkers(),))
    effects: tuple[ev.Effect, ...] = (ev.WakeWorkers(),)
    if run.policy.on_crash == "resume" and run.crashes < run.policy.crash_limit:
        resume = ev.OpenAttempt(
            due=now + crash_delay(run.crashes), name=RESUME, reason=f"resumes after: {event.reason}"
        )
        effects = (resume, *effects)
    return _accept(S.CRASHED, reason=event.reason, effects=effects)
