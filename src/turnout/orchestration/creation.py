"""A run comes into being: one row, inserted in state `scheduled`, and what its deployment's limit makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core import events as ev
from turnout.core.collisions import admit
from turnout.core.errors import NotFound, TooLarge
from turnout.core.limits import PARAMETERS_BYTES
from turnout.core.names import run_name
from turnout.core.records import FlowRun, Namespace, Release, RunSpec, Trigger
from turnout.core.states import DEFAULT_NAME, RunState
from turnout.orchestration.overridden import parameters_of
from turnout.orchestration.parameters import validate
from turnout.orchestration.queue import limited_tags

if TYPE_CHECKING:
    from dataclasses import dataclass, field

    from turnout.core.ports import Tx
    from turnout.core.snapshot import DeploymentSpec
else:
    from turnout.core.values import dataclass, field

Followups = list[tuple[FlowRun, ev.RunEvent]]
"""Events that the caller applies next, in order, in the same transaction."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A run of a deployment, as someone wants it. due_at None: now. schedule and occurrence make it unique."""

    namespace: Namespace
    deployment: str
    trigger: Trigger
    by: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    tags: tuple[str, ...] = ()
    schedule: str | None = None
    occurrence: datetime | None = None
    priority: int | None = None
    """None: the deployment's."""
    name: str | None = None
    """What to call the run; None: two words made of its id."""


def insert(tx: Tx, wanted: Wanted) -> tuple[FlowRun, Followups] | None:
    """The new run and the events that admission brings about; None if its occurrence already has a run.

    Raises NotFound for the deployment, ParameterError and TooLarge for its parameters: then there is no run.
    """
    spec, release = find_deployment(tx, wanted.namespace, wanted.deployment)
    parameters = _parameters(tx, wanted, spec)
    check_size(parameters, spec.name)
    validate(tx, wanted.namespace, spec, parameters)
    run = _new_run(tx, wanted, spec, release, parameters)
    if not tx.runs.insert(run, wanted.by, limited_tags=limited_tags(tx, wanted.namespace, run.tags)):
        return None
    tx.after_commit(f"pool:{run.project}/{run.pool}")
    return run, _admission(tx, run, spec)


def insert_unstarted(tx: Tx, wanted: Wanted) -> FlowRun | None:
    """A run that is recorded only to say that it will not start: nothing is validated, nothing collides."""
    spec, release = find_deployment(tx, wanted.namespace, wanted.deployment)
    run = _new_run(tx, wanted, spec, release, _parameters(tx, wanted, spec))
    return run if tx.runs.insert(run, wanted.by) else None


def find_deployment(tx: Tx, namespace: Namespace, name: str) -> tuple[DeploymentSpec, Release]:
    """The deployment as it is in production, and the release that put it there. Raises NotFound."""
    found = tx.projects.deployment(namespace, name)
    if found is not None:
        return found
    names = ", ".join(spec.name for spec, _ in tx.projects.deployments(namespace))
    now = _called_now(tx, namespace, name)
    raise NotFound(
        f"there is no deployment '{name}'" + (f": it is '{now}' now" if now else ""),
        where=f"project {namespace.project}, environment {namespace.environment}",
        fix=(f"name '{now}'" if now else f"choose one of: {names}")
        if names
        else "put it into turnout.yaml and run `turnout apply`",
    )


def _called_now(tx: Tx, namespace: Namespace, name: str) -> str | None:
    """The deployment that says it was called `name`."""
    deployed = tx.projects.snapshot(namespace)
    return (
        next((spec.name for spec in deployed[1].deployments.values() if spec.was == name), None) if deployed else None
    )


def check_size(parameters: Mapping[str, Any], where: str) -> None:
    """Raises TooLarge when parameters are beyond the limit, as JSON in UTF-8."""
    if not parameters:
        return
    size = len(json.dumps(parameters, default=str).encode())
    if size > PARAMETERS_BYTES:
        raise TooLarge(
            f"the parameters take {size:,} bytes; at most {PARAMETERS_BYTES:,} are kept",
            where=where,
            fix="store the data in a file or table and pass its name",
        )


def _parameters(tx: Tx, wanted: Wanted, spec: DeploymentSpec) -> dict[str, Any]:
    """What the repository gives, what people put in its place on the server, and what this run alone was given."""
    overridden = parameters_of(tx, wanted.namespace, spec.name)
    if wanted.trigger == "schedule":
        return {**spec.parameters, **wanted.parameters, **overridden}
    return {**spec.parameters, **overridden, **wanted.parameters}


def _new_run(tx: Tx, wanted: Wanted, spec: DeploymentSpec, release: Release, parameters: Mapping[str, Any]) -> FlowRun:
    run_id = tx.new_id()
    return FlowRun(
        id=run_id,
        project=wanted.namespace.project,
        environment=wanted.namespace.environment,
        deployment=spec.name,
        flow_name=spec.flow_name,
        name=wanted.name or run_name(run_id),
        state=RunState.SCHEDULED,
        state_name=DEFAULT_NAME[RunState.SCHEDULED],
        reason=None,
        state_at=tx.now,
        version=1,
        attempt=1,
        failures=0,
        crashes=0,
        trigger=wanted.trigger,
        created_by=wanted.by,
        pool=spec.pool,
        priority=spec.priority if wanted.priority is None else wanted.priority,
        parameters=parameters,
        tags=_joined(spec.tags, wanted.tags),
        due_at=wanted.due_at or tx.now,
        created_at=tx.now,
        started_at=None,
        ended_at=None,
        occurrence=wanted.occurrence,
        schedule=wanted.schedule,
        spec=run_spec(spec, release),
    )


def run_spec(spec: DeploymentSpec, release: Release) -> RunSpec:
    """What a run of the deployment executes."""
    return RunSpec(
        entrypoint=spec.entrypoint,
        bundle=release.bundle,
        commit=release.commit,
        release=release.number,
        connection=spec.connection,
        secrets=spec.secrets,
        policy=spec.policy,
    )


def _admission(tx: Tx, run: FlowRun, spec: DeploymentSpec) -> Followups:
    if spec.concurrency is None or spec.concurrency.on_collision == "queue" or not _asked_for_now(tx, run):
        return []
    namespace = Namespace(project=run.project, environment=run.environment)
    held = {waiting.id for waiting in tx.runs.waiting(namespace, spec.name) if waiting.lane is None}
    queued = [
        other
        for other in tx.runs.queued(namespace, spec.name)
        if other.id != run.id
        # What a pause holds back is in nobody's way, unless the new run is held back as well.
        and (other.id not in held or run.id in held)
        and (_asked_for_now(tx, other) or other.attempt > 1)
    ]
    return list(admit(run, spec.concurrency, tx.runs.live(namespace, spec.name), queued))


def _asked_for_now(tx: Tx, run: FlowRun) -> bool:
    """Whether the run is due, or is only spread over time because an outage left many to be started."""
    return run.due_at <= tx.now or (run.occurrence is not None and run.occurrence <= tx.now)


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
