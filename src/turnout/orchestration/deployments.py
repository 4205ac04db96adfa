"""Deployments as they are shown: what they run, when next, and what they wait for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from turnout.core.errors import ScheduleError
from turnout.core.ports import Tx
from turnout.core.records import DeploymentStatus, Namespace, Release, ScheduleRow
from turnout.core.snapshot import DeploymentSpec
from turnout.orchestration.after import waiting
from turnout.orchestration.creation import find_deployment
from turnout.orchestration.explain import explained
from turnout.schedules import HORIZON, describe, occurrences, parse

NEXT_RUNS = 5
"""How many future occurrences a deployment shows."""


def statuses(tx: Tx, namespace: Namespace | None = None) -> list[DeploymentStatus]:
    """Every deployment of a namespace, or of all of them."""
    namespaces = [namespace] if namespace else tx.projects.names()
    return [
        _status(tx, space, spec, release) for space in namespaces for spec, release in tx.projects.deployments(space)
    ]


def status(tx: Tx, namespace: Namespace, name: str) -> DeploymentStatus:
    """One deployment. Raises NotFound."""
    return _status(tx, namespace, *find_deployment(tx, namespace, name))


def next_runs(specs: Iterable[Mapping[str, Any]], after: datetime, count: int = NEXT_RUNS) -> tuple[datetime, ...]:
    """The first `count` occurrences after `after` of schedules (plain ScheduleSpecs) that are not paused."""
    series = (occurrences(parse(spec), after, after + HORIZON, limit=count) for spec in specs if not spec.get("paused"))
    return tuple(islice(merge(*series), count))


def _status(tx: Tx, namespace: Namespace, spec: DeploymentSpec, release: Release) -> DeploymentStatus:
    rows = tx.projects.schedules(namespace, spec.name)
    last = tx.runs.latest(namespace, spec.name)
    return DeploymentStatus(
        project=namespace.project,
        environment=namespace.environment,
        name=spec.name,
        flow_name=spec.flow_name,
        entrypoint=spec.entrypoint,
        title=spec.title,
        description=spec.description,
        tags=spec.tags,
        pool=spec.pool,
        schedules=tuple(_sentence(row) for row in rows),
        next_runs=_next_runs(rows, tx.now),
        last_run=explained(tx, [last])[0] if last else None,
        waiting=waiting(tx, namespace, spec.name),
        parameter_schema=spec.parameter_schema,
        release=release.number,
        commit=release.commit,
    )


def _sentence(row: ScheduleRow) -> str:
    try:
        sentence = describe(parse(row.spec))
    except ScheduleError as error:
        return f"cannot be followed: {error.what}"
    return f"{sentence} (paused)" if row.paused else sentence


def _next_runs(rows: Iterable[ScheduleRow], now: datetime) -> tuple[datetime, ...]:
    try:
        return next_runs([row.spec for row in rows if not row.paused], now)
    except ScheduleError:
        return ()  # its sentence says why
