"""What people and deployments do with runs: make, cancel, retry. Each returns the run as it is afterwards."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from turnout.core import events as ev
from turnout.core.errors import Conflict
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, Principal, Trigger
from turnout.core.states import RunState
from turnout.core.transitions import RESUME
from turnout.orchestration.access import find_run
from turnout.orchestration.creation import Wanted, insert
from turnout.orchestration.transition import apply


def create(
    tx: Tx,
    namespace: Namespace,
    deployment: str,
    *,
    trigger: Trigger,
    by: Principal | str,
    parameters: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    tags: Iterable[str] = (),
    priority: int | None = None,
    idempotency_key: str | None = None,
    name: str | None = None,
    shared_key: bool = False,
) -> FlowRun:
    """A new run of a deployment, after admission: scheduled, or skipped when the deployment is at its limit and says
    so. Repeating `idempotency_key` (of the same principal, or with `shared_key` of the same deployment) repeats the
    answer and makes nothing. name: what to call it, else two words are made up.

    Raises NotFound, ParameterError, TooLarge: then no run is made.
    """
    owner = f"deployment:{namespace.project}/{namespace.environment}/{deployment}" if shared_key else str(by)
    if idempotency_key is not None:
        earlier = tx.idempotency.get(owner, idempotency_key)
        if earlier is not None:
            return find_run(tx, earlier.decode())
    run = create_wanted(
        tx,
        Wanted(
            namespace=namespace,
            deployment=deployment,
            trigger=trigger,
            by=str(by),
            parameters=parameters or {},
            due_at=due_at,
            tags=tuple(tags),
            priority=priority,
            name=name,
        ),
    )
    if run is None:
        raise Conflict("the new run's id is taken", fix="try again")
    if idempotency_key is not None:
        tx.idempotency.put(owner, idempotency_key, run.id.encode())
    return run


def create_wanted(tx: Tx, wanted: Wanted) -> FlowRun | None:
    """The wanted run after admission; None if its occurrence already has a run."""
    made = insert(tx, wanted)
    if made is None:
        return None
    run, followups = made
    for target, event in followups:
        changed = apply(tx, target, event, wanted.by)
        run = changed if changed.id == run.id else run
    return run


def cancel(tx: Tx, run_id: str, by: Principal | str, reason: str | None = None) -> FlowRun:
    """Stop a run: a waiting one is cancelled at once, a live one is `cancelling` until its executor confirms.
    Asking again while it is cancelling changes nothing. Raises NotFound; IllegalTransition when the run is over."""
    run = find_run(tx, run_id)
    if run.state == RunState.CANCELLING:
        return run
    return apply(tx, run, ev.CancelRequested(reason=reason or f"cancelled by {by}"), str(by))


def retry(tx: Tx, run_id: str, by: Principal | str, *, from_failure: bool = True) -> FlowRun:
    """Open a new attempt of a run that is over. With `from_failure`, the attempt is named so that its claim has the
    engine reuse completed steps. Raises NotFound; IllegalTransition when the run is not over; Conflict for a script's
    run, which no worker could execute."""
    run = find_run(tx, run_id)
    if run.pool is None:
        raise Conflict(
            f"run {run.name} was started by a script, so the server cannot start it again",
            where=f"run {run.id}",
            fix=f"run the script again: python {run.spec.entrypoint.partition(':')[0]}",
        )
    steps = "completed steps are reused" if from_failure else "every step runs again"
    opened = ev.AttemptOpened(due=tx.now, name=RESUME if from_failure else None, reason=f"retried by {by}: {steps}")
    return apply(tx, run, opened, str(by))


def resumes(tx: Tx, run: FlowRun) -> bool:
    """Whether this attempt reuses completed steps of earlier ones: the history says how the attempt was opened."""
    if run.attempt == 1:
        return False
    opened = next(step for step in tx.runs.history(run.id) if step.attempt == run.attempt)
    return opened.name == RESUME
