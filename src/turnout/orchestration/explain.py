"""Why a run that has not started has not: computed when it is read, so that it is never out of date."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from turnout.core.durations import format_duration
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace
from turnout.core.states import RunState
from turnout.core.transitions import RESUME, RETRY

OFFLINE_AFTER = timedelta(seconds=30)
"""A pool of which no worker was heard of for this long has none."""


def explained(tx: Tx, runs: Iterable[FlowRun]) -> list[FlowRun]:
    """The runs with their `wait_reason`. What many runs share is asked for once."""
    facts = _Facts(tx)
    return [replace(run, wait_reason=_reason(facts, run)) for run in runs]


def wait_reason(tx: Tx, run: FlowRun) -> str | None:
    """Why the run waits, in one sentence; None unless it is scheduled, pending or cancelling."""
    return _reason(_Facts(tx), run)


class _Facts:
    """What the database says of pools and limits, each thing read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.now = tx.now
        self._limits: dict[tuple[Namespace, str], str | None] = {}
        self._pools: dict[tuple[str, str], str | None] = {}
        self._workers: dict[str, str] | None = None

    def limit(self, namespace: Namespace, deployment: str) -> str | None:
        """Who holds the deployment's limit, if nothing of it is left."""
        key = (namespace, deployment)
        if key not in self._limits:
            self._limits[key] = _limit(self._tx, namespace, deployment)
        return self._limits[key]

    def pool(self, project: str, pool: str) -> str | None:
        """What is wrong with a pool, if no worker of it can take a run."""
        key = (project, pool)
        if key not in self._pools:
            self._pools[key] = _pool(self._tx, project, pool)
        return self._pools[key]

    def worker(self, worker_id: str | None) -> str:
        """A worker's name."""
        if self._workers is None:
            self._workers = {worker.id: worker.name for worker in self._tx.workers.all()}
        return self._workers.get(worker_id or "", worker_id or "its worker")


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
    if run.due_at > facts.now:
        return _until(run, facts.now)
    if run.pool is None:
        return "its script has not started yet"
    namespace = Namespace(project=run.project, environment=run.environment)
    held = facts.limit(namespace, run.deployment) if run.deployment else None
    return held or facts.pool(run.project, run.pool) or f"next to be taken by a worker of pool '{run.pool}'"


def _until(run: FlowRun, now: datetime) -> str:
    left = f"in {_span(run.due_at - now)}"
    if run.state_name in (RETRY, RESUME) and run.reason:
        return f"{left}: {run.reason}"
    return f"due {left}"


def _limit(tx: Tx, namespace: Namespace, name: str) -> str | None:
    found = tx.projects.deployment(namespace, name)
    if found is None or found[0].concurrency is None:
        return None
    limit = found[0].concurrency.limit
    live = tx.runs.live(namespace, name)
    if len(live) < limit:
        return None
    others = f" and {len(live) - 1} more" if len(live) > 1 else ""
    return f"limit {limit} of '{name}' is held by run {live[0].name}{others}"


def _pool(tx: Tx, project: str, pool: str) -> str | None:
    seen = tx.workers.last_seen(project, pool)
    if seen is None:
        return f"no worker of pool '{pool}' has ever been heard of: start one with `turnout worker`"
    if tx.now - seen > OFFLINE_AFTER:
        return f"no worker of pool '{pool}' has been heard of since {_clock(seen, tx.now)}"
    online = [
        worker
        for worker in tx.workers.all()
        if (worker.project, worker.pool) == (project, pool) and tx.now - worker.seen_at <= OFFLINE_AFTER
    ]
    places, held = sum(worker.capacity for worker in online), sum(len(tx.runs.held_by(w.id)) for w in online)
    return f"all {places} places of pool '{pool}' are taken" if online and held >= places else None


def _clock(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def _span(left: timedelta) -> str:
    """Two digits' worth of precision: 3m, 2h5m, 4d1h."""
    seconds = max(1, round(left.total_seconds()))
    coarse = 1 if seconds < 120 else 60 if seconds < 86400 else 3600
    return format_duration(max(coarse, seconds // coarse * coarse))
