"""Slots of limits: taken by the claim of a run, taken and given back by its tasks, all let go when its attempt ends.

A slot lives as long as its attempt: it counts while the attempt is the run's and is active, so the lease that keeps the
attempt alive keeps its slots, and a row that nobody removed counts for nothing. A lapsed lease frees nothing by itself:
the rescuer decides that an executor is gone, because after a pause of the server nobody could have renewed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from turnout.core.errors import Conflict, NotFound, ParameterError
from turnout.core.queueing import Bounds, Ledger, LimitKey, Need, Occupied, Waiter, fitting
from turnout.core.records import FlowRun, Principal
from turnout.orchestration.access import check_attempt, executor_run, fenced, holds
from turnout.orchestration.queue import bounds_of, needs_of

if TYPE_CHECKING:
    from dataclasses import dataclass

    from turnout.core.ports import Tx
else:
    from turnout.core.values import dataclass

HOLDER_CHARACTERS = 200
"""How long a task's key may be."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """held: the task has its slot. Otherwise `reason` says what it waits for, and `next_at` when a rate lets the next
    one through."""

    held: bool
    reason: str | None = None
    next_at: datetime | None = None


def take_for_run(tx: Tx, bounds: Bounds, run: FlowRun) -> None:
    """A slot of every limit that the run needs, and its turn of every rate; the caller has seen that there is room."""
    for each, weight in needs_of(bounds, run):
        _take(tx, run, each, weight, "")


def release_all(tx: Tx, run: FlowRun) -> None:
    """Everything that the run and its tasks hold is free, and whoever waits for it is woken."""
    freed = {key for key in tx.limits.release(run.id) if key[1] == "limit"}
    if freed:
        _wake(tx, run, freed)


def acquire(
    tx: Tx, principal: Principal, run_id: str, attempt: int, name: str, holder: str, weight: int, patience: float
) -> Grant:
    """A slot of the named limit for a task of the run; asking again with the same `holder` gives the same slot.

    When there is none, the task stands in line for `patience` seconds, or until it asks again: by priority of the run,
    then by when it first asked. Raises NotFound for a limit that is not declared, Forbidden, Fenced, and Conflict when
    the run holds the limit itself: its tasks would wait for it for ever.
    """
    run = _executed(tx, principal, run_id, attempt)
    if not 0 < len(holder) <= HOLDER_CHARACTERS:
        raise ParameterError(f"a holder's key has 1 to {HOLDER_CHARACTERS} characters")
    bounds = bounds_of(tx, run.project)
    each = _named(bounds, run, name)
    if _has(tx, run, name, holder):
        return Grant(held=True)
    _refuse_own(bounds, run, each)
    asked = (each, fitting(each.limit, weight))
    ahead = _ahead(tx, run, name, holder)
    if _open(tx.now, ahead, asked):
        tx.limits.stop_waiting(run, name, holder)
        _take(tx, run, each, asked[1], holder)
        return Grant(held=True)
    tx.limits.wait(run, name, holder, weight, tx.now + timedelta(seconds=patience))
    return Grant(held=False, reason=_reason(each, len(ahead)), next_at=each.next_at)


def release(tx: Tx, principal: Principal, run_id: str, attempt: int, name: str, holder: str) -> bool:
    """Give a task's slot back, or leave the line; False if there was nothing to give back, which is no mistake.
    Raises NotFound, Forbidden; Fenced for an attempt that was superseded."""
    run = executor_run(tx, principal, run_id, flow=True)
    check_attempt(principal, run, attempt)
    freed = tx.limits.release_one(run, name, holder)
    _wake(tx, run, {(run.environment, "limit", name)})
    return freed


def topic(project: str, environment: str, name: str) -> str:
    """What is notified when a slot of a named limit is freed."""
    return f"limit:{project}/{environment}/{name}"


def _executed(tx: Tx, principal: Principal, run_id: str, attempt: int) -> FlowRun:
    run = executor_run(tx, principal, run_id, flow=True)
    check_attempt(principal, run, attempt)
    if not holds(run, attempt):
        raise fenced(run, attempt)
    return run


def _take(tx: Tx, run: FlowRun, each: Occupied, weight: int, holder: str) -> None:
    if each.limit.concurrency is not None:
        tx.limits.take(run, each.limit.key, weight, holder)
    if each.limit.interval is not None:
        now = max(tx.now, tx.limits.next_at(run.project, each.limit.key) or tx.now)
        tx.limits.let_through(run.project, each.limit.key, now + timedelta(seconds=each.limit.interval))


def _named(bounds: Bounds, run: FlowRun, name: str) -> Occupied:
    found = bounds.get((run.environment, "limit", name))
    if found is not None:
        return found
    close = get_close_matches(name, bounds.names(run.environment), n=1)
    raise NotFound(
        f"there is no limit '{name[:80]}'",
        where=f"project {run.project}, environment {run.environment}",
        fix=f"did you mean '{close[0]}'?" if close else "declare it under `limits:` in turnout.yaml and apply",
    )


def _has(tx: Tx, run: FlowRun, name: str, holder: str) -> bool:
    key = (run.environment, "limit", name)
    return (key, holder, run.attempt, True) in tx.limits.of_run(run.id)


def _refuse_own(bounds: Bounds, run: FlowRun, each: Occupied) -> None:
    if any(need.limit.key == each.limit.key for need, _ in needs_of(bounds, run)):
        raise Conflict(
            f"run {run.name} is itself bound by limit '{each.limit.name}', so its tasks cannot wait for it",
            where=f"deployment '{run.deployment}'",
            fix="name the limit either at the deployment (or by a tag) or in its tasks",
        )


def _ahead(tx: Tx, run: FlowRun, name: str, holder: str) -> list[Waiter]:
    """Who waits for the limit and comes before this task."""
    line = [
        waiter
        for waiter in tx.limits.waiters(run.project)
        if (waiter.environment, waiter.name) == (run.environment, name)
    ]
    mine = next((waiter.rank for waiter in line if (waiter.run_id, waiter.holder) == (run.id, holder)), None)
    rank = mine or (-run.priority, tx.now, f"{run.id}/{holder}")
    return [waiter for waiter in line if waiter.rank < rank]


def _open(now: datetime, ahead: list[Waiter], asked: Need) -> bool:
    ledger = Ledger(now)
    for waiter in ahead:
        first = (asked[0], fitting(asked[0].limit, waiter.weight))
        if ledger.lacking([first]):
            return False
        ledger.take([first])
    return not ledger.lacking([asked])


def _reason(each: Occupied, ahead: int) -> str:
    line = f"; {ahead} wait before it" if ahead else ""
    if each.limit.concurrency is not None and each.held >= each.limit.concurrency:
        return f"limit '{each.limit.name}': {each.held} of {each.limit.concurrency} taken{line}"
    if each.next_at is not None:
        return f"limit '{each.limit.name}' lets the next one through at {each.next_at:%H:%M:%S} UTC{line}"
    return f"limit '{each.limit.name}'{line}"


def _wake(tx: Tx, run: FlowRun, freed: set[LimitKey]) -> None:
    for environment, _, name in freed:
        tx.after_commit(topic(run.project, environment, name))
    for pool in {worker.pool for worker in tx.workers.all() if worker.project == run.project}:
        tx.after_commit(f"pool:{run.project}/{pool}")
