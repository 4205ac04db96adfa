"""Why a run that has not started has not: computed when it is read, so that it is never out of date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from turnout.core.durations import format_duration
from turnout.core.ports import Tx
from turnout.core.queueing import Bounds, Head, Ledger, LimitKey, Occupied, Waiter
from turnout.core.records import FlowRun, Namespace, Pause, Worker
from turnout.core.states import RunState
from turnout.core.transitions import RESUME, RETRY
from turnout.orchestration.queue import bounds_of, needs_of, waiters_of

LINE = 1000
"""Of those that wait for a limit, so many are counted; more are 'more than'."""
Rank = tuple[int, datetime, str]


def explained(tx: Tx, runs: Iterable[FlowRun]) -> list[FlowRun]:
    """The runs with their `wait_reason`. What many runs share is asked for once."""
    facts = _Facts(tx)
    return [replace(run, wait_reason=_reason(facts, run)) for run in runs]


def wait_reason(tx: Tx, run: FlowRun) -> str | None:
    """Why the run waits, in one sentence; None unless it is scheduled, pending or cancelling."""
    return _reason(_Facts(tx), run)


def is_offline(worker: Worker, now: datetime) -> bool:
    """Whether the worker was silent for longer than the lease that it was told."""
    return (now - worker.seen_at).total_seconds() > worker.lease_seconds


def line_of(tx: Tx, project: str, bounds: Bounds, heads: Iterable[Head], key: LimitKey) -> list[Rank]:
    """The ranks of those that wait for a limit, in order: due runs and tasks, the first `LINE` + 1 of them."""
    due = [
        head for head in heads if head.due_at <= tx.now and any(need.limit.key == key for need, _ in bounds.of(head))
    ]
    ranks = [rank for head in due for rank in tx.runs.line(project, head, LINE + 1)]
    ranks += [waiter.rank for waiter in waiters_of(tx, project, bounds) if _wants(waiter, key)]
    return sorted(ranks)[: LINE + 1]


class _Facts:
    """What the database says of pools and limits, each thing read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.now = tx.now
        self._bounds: dict[str, Bounds] = {}
        self._heads: dict[str, list[Head]] = {}
        self._lines: dict[tuple[str, LimitKey], list[Rank]] = {}
        self._holders: dict[tuple[str, LimitKey], str] = {}
        self._pauses: dict[Namespace, list[Pause]] = {}
        self._paused: dict[tuple[Namespace, str], set[str]] = {}
        self._pools: dict[tuple[str, str], str | None] = {}
        self._workers: list[Worker] | None = None

    def bounds(self, project: str) -> Bounds:
        """The limits of a project."""
        if project not in self._bounds:
            self._bounds[project] = bounds_of(self._tx, project)
        return self._bounds[project]

    def ahead(self, run: FlowRun, key: LimitKey) -> str:
        """How many wait for the limit and come before the run."""
        if (run.project, key) not in self._lines:
            if run.project not in self._heads:
                self._heads[run.project] = self._tx.runs.heads(run.project)
            bounds, heads = self.bounds(run.project), self._heads[run.project]
            self._lines[run.project, key] = line_of(self._tx, run.project, bounds, heads, key)
        count = sum(rank < (-run.priority, run.due_at, run.id) for rank in self._lines[run.project, key])
        if not count:
            return ", it is the next"
        return f", more than {LINE} wait before it" if count > LINE else f", {count} before it"

    def holders(self, project: str, key: LimitKey) -> str:
        """Who holds the limit since when."""
        if (project, key) not in self._holders:
            self._holders[project, key] = _holders(self._tx, project, key)
        return self._holders[project, key]

    def paused(self, run: FlowRun) -> str | None:
        """By whom and since when the run is held back, if it is."""
        namespace = Namespace(project=run.project, environment=run.environment)
        if namespace not in self._pauses:
            self._pauses[namespace] = self._tx.projects.pauses(namespace)
        for pause in self._pauses[namespace]:
            if pause.deployment == run.deployment and (pause.schedule is None or _made_by(run, pause.schedule)):
                return _pause(pause, self.now)
        return self._declared(namespace, run)

    def pool(self, project: str, pool: str) -> str | None:
        """What is wrong with a pool, if no worker of it can take a run."""
        if (project, pool) not in self._pools:
            mates = [worker for worker in self.workers() if (worker.project, worker.pool) == (project, pool)]
            self._pools[project, pool] = _pool(self._tx, mates, pool)
        return self._pools[project, pool]

    def workers(self) -> list[Worker]:
        """Every worker, the last heard of first."""
        if self._workers is None:
            self._workers = self._tx.workers.all()
        return self._workers

    def worker(self, worker_id: str | None) -> str:
        """A worker's name."""
        names = (worker.name for worker in self.workers() if worker.id == worker_id)
        return next(names, worker_id or "its worker")

    def _declared(self, namespace: Namespace, run: FlowRun) -> str | None:
        if run.schedule is None or run.deployment is None or not _made_by(run, run.schedule):
            return None
        key = (namespace, run.deployment)
        if key not in self._paused:
            rows = self._tx.projects.schedules(namespace, run.deployment)
            self._paused[key] = {row.slug for row in rows if row.paused}
        return f"schedule '{run.schedule}' is paused in turnout.yaml" if run.schedule in self._paused[key] else None


def _reason(facts: _Facts, run: FlowRun) -> str | None:
    match run.state:
        case RunState.SCHEDULED:
            return _scheduled(facts, run)
        case RunState.PENDING:
            return f"worker {facts.worker(run.worker)} is starting it"
        case RunState.CANCELLING:
            return f"worker {facts.worker(run.worker)} is stopping it: {run.reason or 'cancelled'}"
    return None


def _scheduled(facts: _Facts, run: FlowRun) -> str:
    if run.pool is not None and (paused := facts.paused(run)):
        return paused
    if run.due_at > facts.now:
        return _until(run, facts.now)
    if run.pool is None:
        return "its script has not started yet"
    held = _limits(facts, run)
    return held or facts.pool(run.project, run.pool) or f"next to be taken by a worker of pool '{run.pool}'"


def _until(run: FlowRun, now: datetime) -> str:
    left = f"in {_span(run.due_at - now)}"
    if run.state_name in (RETRY, RESUME) and run.reason:
        return f"{left}: {run.reason}"
    if run.occurrence is not None and run.due_at > run.occurrence:
        return f"{left}: what was missed is started a few at a time"
    return f"due {left}"


def _limits(facts: _Facts, run: FlowRun) -> str | None:
    """The limits that hold the run back, each with its holders or its next moment."""
    bounds = facts.bounds(run.project)
    ledger = Ledger(facts.now)
    lacking = [each for need in needs_of(bounds, run) for each in ledger.lacking([need])]
    return "; ".join(_limit(facts, run, each) for each in lacking) or None


def _limit(facts: _Facts, run: FlowRun, each: Occupied) -> str:
    limit, key = each.limit, each.limit.key
    subject = {"deployment": f"of '{limit.name}'", "pool": f"of pool '{limit.name}'", "limit": f"'{limit.name}'"}[
        limit.kind
    ]
    ahead = facts.ahead(run, key)
    if limit.concurrency is not None and each.held >= limit.concurrency:
        return f"limit {limit.concurrency} {subject} is held by {facts.holders(run.project, key)}{ahead}"
    if limit.concurrency is not None and (each.next_at is None or each.next_at <= facts.now):
        free = limit.concurrency - each.held
        return f"limit {limit.concurrency} {subject} has {free} left, too little for it{ahead}"
    assert each.next_at is not None  # nothing else is lacking
    return f"the rate of {subject} lets the next one through in {_span(each.next_at - facts.now)}{ahead}"


def _holders(tx: Tx, project: str, key: LimitKey) -> str:
    held = tx.limits.holders(project, key, LINE + 1)
    if not held:
        return "nobody"
    first = held[0]
    task = f" (task {first.holder})" if first.holder else ""
    others = f" and {len(held) - 1} more" if len(held) > 1 else ""
    return f"run {first.run_name}{task} since {_clock(first.since, tx.now)}{others}"


def _pool(tx: Tx, mates: list[Worker], pool: str) -> str | None:
    if not mates:
        return f"no worker of pool '{pool}' has ever been heard of: start one with `turnout worker`"
    online = [worker for worker in mates if not is_offline(worker, tx.now)]
    if not online:
        return f"no worker of pool '{pool}' has been heard of since {_clock(mates[0].seen_at, tx.now)}"
    places = sum(worker.capacity for worker in online)
    held = sum(tx.runs.count_held(worker.id) for worker in online)
    return f"all {places} places of pool '{pool}' are taken" if held >= places else None


def _pause(pause: Pause, now: datetime) -> str:
    what = f"schedule '{pause.schedule}'" if pause.schedule else f"deployment '{pause.deployment}'"
    why = f": {pause.reason}" if pause.reason else ""
    return f"{what} is paused by {pause.by} since {_clock(pause.at, now)}{why}"


def _made_by(run: FlowRun, slug: str) -> bool:
    return run.schedule == slug and run.attempt == 1


def _wants(waiter: Waiter, key: LimitKey) -> bool:
    return (waiter.environment, "limit", waiter.name) == key


def _clock(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def _span(left: timedelta) -> str:
    """Two digits' worth of precision: 3m, 2h5m, 4d1h."""
    seconds = max(1, round(left.total_seconds()))
    coarse = 1 if seconds < 120 else 60 if seconds < 86400 else 3600
    return format_duration(max(coarse, seconds // coarse * coarse))
