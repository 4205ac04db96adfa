"""What is in production, for people: every deployment with its file, schedules, latest runs and since when it is so.

Each kind of thing is asked for once, however many deployments there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from statistics import median
from typing import Any

from turnout.core.errors import ScheduleError
from turnout.core.inventory import DeployedThing, DeploymentDetail, NextRun, RunBar, ScheduleStatus
from turnout.core.ports import Tx
from turnout.core.records import Namespace, Pause, Release, ScheduleRow
from turnout.core.snapshot import DeploymentSpec
from turnout.core.states import RunState
from turnout.orchestration.after import waiting
from turnout.orchestration.creation import find_deployment
from turnout.orchestration.overridden import parameters_of
from turnout.schedules import HORIZON, describe, occurrences, parse

BARS = 50
"""At most so many runs of each deployment are drawn."""
SAMPLES = 20
"""Of how many completed runs the usual duration is the median."""
NEXT_RUNS = 10


def inventory(tx: Tx, namespace: Namespace, bars: int) -> list[DeployedThing]:
    """Every deployment of a namespace by name, each with its newest `bars` runs."""
    shown = _Shown(tx, namespace, bars)
    return [shown.thing(spec, release) for spec, release in tx.projects.deployments(namespace)]


def detail(tx: Tx, namespace: Namespace, name: str) -> DeploymentDetail:
    """One deployment. Raises NotFound."""
    spec, release = find_deployment(tx, namespace, name)
    shown = _Shown(tx, namespace, BARS, name)
    return DeploymentDetail(
        thing=shown.thing(spec, release),
        parameter_schema=spec.parameter_schema,
        parameters={**spec.parameters, **parameters_of(tx, namespace, name)},
        retries=spec.retries,
        timeout_seconds=spec.timeout_seconds,
        on_crash=spec.on_crash,
        catch_up=spec.catch_up,
        priority=spec.priority,
        next_runs=_next_runs(shown.rows(name), shown.pause_of(name), tx.now),
        usual_seconds=_seconds(usual(tx, namespace, name).get(name)),
        deployed=release,
        followers=tuple(sorted(tx.projects.dependents(namespace, name))),
        waiting=waiting(tx, namespace, name),
    )


def usual(tx: Tx, namespace: Namespace, name: str | None = None) -> dict[str, timedelta]:
    """deployment -> how long its runs usually take; absent where none completed."""
    taken = tx.runs.durations(namespace, SAMPLES, deployment=name)
    return {deployment: median(spans) for deployment, spans in taken.items()}  # type: ignore[type-var]


class _Shown:
    """What the database says of all deployments, or of one, each thing read once."""

    def __init__(self, tx: Tx, namespace: Namespace, bars: int, name: str | None = None) -> None:
        self._namespace = namespace
        self._bars = tx.runs.recent(namespace, min(bars, BARS), deployment=name) if bars else {}
        self._good = tx.runs.recent(namespace, 1, deployment=name, state=RunState.COMPLETED)
        self._since = tx.projects.since(namespace)
        self._pauses = tx.projects.pauses(namespace)
        self._limits = [limit for limit in tx.limits.declared(namespace) if limit.kind == "limit"]
        self._rows: dict[str, list[ScheduleRow]] = {}
        for row in tx.projects.all_schedules(namespace):
            self._rows.setdefault(row.deployment, []).append(row)

    def rows(self, name: str) -> list[ScheduleRow]:
        """The deployment's schedules."""
        return self._rows.get(name, [])

    def pause_of(self, name: str, slug: str | None = None) -> Pause | None:
        """What a person paused: a schedule, or with None the deployment."""
        wanted = (name, slug)
        return next((pause for pause in self._pauses if (pause.deployment, pause.schedule) == wanted), None)

    def thing(self, spec: DeploymentSpec, release: Release) -> DeployedThing:
        """The deployment as it is shown."""
        pause = self.pause_of(spec.name)
        schedules = tuple(self._schedule(row, pause) for row in self.rows(spec.name))
        good: list[RunBar] = self._good.get(spec.name, [])
        return DeployedThing(
            project=self._namespace.project,
            environment=self._namespace.environment,
            name=spec.name,
            flow_name=spec.flow_name,
            entrypoint=spec.entrypoint,
            description=spec.description,
            tags=spec.tags,
            pool=spec.pool,
            connection=spec.connection,
            secrets=spec.secrets,
            limits=self._limits_of(spec),
            concurrency=spec.concurrency.limit if spec.concurrency else None,
            after=spec.after,
            schedules=schedules,
            pause=pause,
            next_run=min((one.next_run for one in schedules if one.next_run), default=None),
            runs=tuple(self._bars.get(spec.name, ())),
            last_success=good[0] if good else None,
            release=release.number,
            commit=release.commit,
            since=self._since.get(spec.name),
            title=spec.title,
        )

    def _schedule(self, row: ScheduleRow, whole: Pause | None) -> ScheduleStatus:
        paused = row.paused or whole is not None
        return ScheduleStatus(
            slug=row.slug,
            sentence=sentence(row.spec),
            timezone=str(row.spec.get("timezone") or "UTC"),
            parameters=row.spec.get("parameters") or {},
            paused=paused,
            declared_paused=bool(row.spec.get("paused")),
            pause=self.pause_of(row.deployment, row.slug),
            next_run=None if paused else row.next_due,
        )

    def _limits_of(self, spec: DeploymentSpec) -> tuple[str, ...]:
        tags = set(spec.tags)
        listed = {use.name for use in spec.limits}
        return tuple(sorted(listed | {limit.name for limit in self._limits if tags & set(limit.tags)}))


def sentence(spec: Mapping[str, Any]) -> str:
    """A plain ScheduleSpec in words; why it cannot be followed, if so."""
    try:
        return describe(parse(spec))
    except ScheduleError as error:
        return f"cannot be followed: {error.what}"


def _next_runs(rows: Iterable[ScheduleRow], pause: Pause | None, now: datetime) -> tuple[NextRun, ...]:
    """The first of all schedules together; none of one that cannot be followed: its sentence says why."""
    followed = [row for row in rows if not row.paused and pause is None]
    return tuple(islice(merge(*(_times(row, now) for row in followed), key=lambda one: one.at), NEXT_RUNS))


def _times(row: ScheduleRow, now: datetime) -> list[NextRun]:
    try:
        found = occurrences(parse(row.spec), now, now + HORIZON, limit=NEXT_RUNS)
        return [NextRun(at=at, schedule=row.slug) for at in found]
    except ScheduleError:
        return []


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
