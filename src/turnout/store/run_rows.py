"""Flow runs between their rows and their records."""

from functools import lru_cache
from typing import Any

from turnout.core.records import FlowRun, Policy, RunSpec
from turnout.core.states import RunState
from turnout.store.session import Row
from turnout.store.text import from_json, storable, to_json
from turnout.store.times import from_micros, optional_micros, optional_time, to_micros


def run_from_row(row: Row) -> FlowRun:
    """The record of a row in the order of columns that every run query selects."""
    (
        run_id, project, environment, deployment, flow_name, name, state, state_name, reason, state_at, version,
        attempt, failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at,
        started_at, ended_at, occurrence, spec, schedule, worker, lease_until,
    ) = row  # fmt: skip
    return FlowRun(
        id=run_id,
        project=project,
        environment=environment,
        deployment=deployment,
        flow_name=flow_name,
        name=name,
        state=RunState(state),
        state_name=state_name,
        reason=reason,
        state_at=from_micros(state_at),
        version=version,
        attempt=attempt,
        failures=failures,
        crashes=crashes,
        trigger=trigger,
        created_by=created_by,
        pool=pool,
        priority=priority,
        parameters=from_json(parameters),
        tags=tuple(from_json(tags)),
        due_at=from_micros(due_at),
        created_at=from_micros(created_at),
        started_at=optional_time(started_at),
        ended_at=optional_time(ended_at),
        occurrence=optional_time(occurrence),
        spec=_spec_from(spec),
        schedule=schedule,
        worker=worker,
        lease_until=optional_time(lease_until),
    )


def new_run_values(run: FlowRun) -> dict[str, Any]:
    """The parameters of `runs/insert_run`."""
    return {
        "id": run.id,
        "project": run.project,
        "environment": run.environment,
        "deployment": run.deployment,
        "flow_name": storable(run.flow_name),
        "name": storable(run.name),
        "state_name": run.state_name,
        "reason": None if run.reason is None else storable(run.reason),
        "state_at": to_micros(run.state_at),
        "attempt": run.attempt,
        "failures": run.failures,
        "crashes": run.crashes,
        "trigger": run.trigger,
        "created_by": run.created_by,
        "pool": run.pool,
        "priority": run.priority,
        "parameters": to_json(run.parameters),
        "tags": to_json(run.tags),
        "due_at": to_micros(run.due_at),
        "created_at": to_micros(run.created_at),
        "occurrence": optional_micros(run.occurrence),
        "spec": spec_text(run.spec),
        "schedule": run.schedule,
    }


@lru_cache(maxsize=256)
def spec_text(spec: RunSpec) -> str:
    """What a run executes, as JSON. Every run of a deployment carries the same until the next release."""
    return to_json({**vars(spec), "policy": vars(spec.policy)})


@lru_cache(maxsize=256)
def _spec_from(text: str) -> RunSpec:
    values = from_json(text)
    values["policy"] = Policy(**values["policy"])
    values["secrets"] = tuple(values["secrets"])
    return RunSpec(**values)
