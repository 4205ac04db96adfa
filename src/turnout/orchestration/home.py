"""The first page, read in one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from turnout.core.home import Home, NextUp
from turnout.core.ids import make_id
from turnout.core.records import Namespace, RunFilter
from turnout.core.states import ACTIVE, QUEUED
from turnout.orchestration.attention import causes, is_quiet
from turnout.orchestration.workers import list_workers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from turnout.core.ports import Tx
    from turnout.core.records import Pause

DAY = timedelta(hours=24)
DAY_RUNS = 5000
"""Of a day with more runs, the newest are drawn."""
NEXT = 8


def home(tx: Tx, namespace: Namespace) -> Home:
    """All of it."""
    found = causes(tx, namespace)
    first = make_id(int((tx.now - DAY).timestamp() * 1000), bytes(10))
    hours = tx.views.hours(namespace, first, DAY_RUNS)
    pauses = tuple(tx.projects.pauses(namespace))
    return Home(
        now=tx.now,
        causes=tuple(cause for cause in found if not is_quiet(cause, tx.now)),
        quiet=tuple(cause for cause in found if is_quiet(cause, tx.now)),
        deployments=tuple(sorted(spec.name for spec, _ in tx.projects.deployments(namespace))),
        paused=tuple(sorted(pause.deployment for pause in pauses if pause.schedule is None)),
        hours=tuple(hours),
        complete=sum(cell.runs for cell in hours) < DAY_RUNS,
        next_up=_next_up(tx, namespace, pauses),
        states=dict(_live(tx, namespace)),
        workers_online=_workers_online(tx, namespace),
    )


def _next_up(tx: Tx, namespace: Namespace, pauses: Iterable[Pause]) -> tuple[NextUp, ...]:
    """The earliest of each deployment."""
    paused = {(pause.deployment, pause.schedule) for pause in pauses}
    first: dict[str, NextUp] = {}
    for row in tx.projects.all_schedules(namespace):
        held = row.paused or (row.deployment, None) in paused or (row.deployment, row.slug) in paused
        if row.next_due is None or held:
            continue
        known = first.get(row.deployment)
        if known is None or row.next_due < known.at:
            first[row.deployment] = NextUp(deployment=row.deployment, at=row.next_due)
    return tuple(sorted(first.values(), key=lambda one: (one.at, one.deployment))[:NEXT])


def _live(tx: Tx, namespace: Namespace) -> dict[str, int]:
    states = tuple(sorted(ACTIVE | QUEUED))
    where = RunFilter(project=namespace.project, environment=namespace.environment, states=states)
    return dict(tx.views.count(where).states)


def _workers_online(tx: Tx, namespace: Namespace) -> int:
    return sum(worker.state == "online" and worker.project in (namespace.project, "*") for worker in list_workers(tx))
