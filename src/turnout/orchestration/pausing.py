"""Pausing schedules and deployments. From the moment a pause is acknowledged nothing of it starts.

A paused schedule makes no runs, and those that it made and that never started are held back. A paused deployment
starts nothing at all: its schedules are paused, it does not follow `after`, and whatever waits, by whom it may be, is
held back until it goes on. Going on follows the catch-up policy: of what was held back or missed, the policy's choice
is started, a few at a time, and the rest is skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from turnout.core.errors import Conflict, NotFound
from turnout.core.events import Skipped
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, Pause, Principal, ScheduleRow, Waiting
from turnout.orchestration.access import find_run
from turnout.orchestration.after import start_if_ready
from turnout.orchestration.creation import find_deployment
from turnout.orchestration.overrides import check_until
from turnout.orchestration.queue import lane_of
from turnout.orchestration.scheduling import ON_TIME, inherited_catch_up, missed, release_time
from turnout.orchestration.transition import apply
from turnout.schedules import catch_up, next_occurrence, parse, parse_policy


def pause(
    tx: Tx,
    namespace: Namespace,
    deployment: str,
    schedule: str | None,
    by: Principal | str,
    reason: str | None = None,
    until: datetime | None = None,
) -> Pause:
    """Pause a schedule, or with None the deployment; one that is paused already stays so, with another end if that is
    given. until: when it goes on by itself. Raises NotFound, ParameterError for an end that is over."""
    check_until(tx, until)
    rows = _rows(tx, namespace, deployment, schedule)
    if until is not None:
        tx.projects.unpause(namespace, deployment, schedule)
        tx.after_commit("service:scheduler")
    wanted = Pause(deployment=deployment, schedule=schedule, at=tx.now, by=str(by), reason=reason, until=until)
    tx.projects.pause(namespace, wanted)
    for row in rows:
        tx.projects.put_schedule(replace(row, paused=True))
    tx.runs.hold(namespace, deployment, schedule)
    return next(
        found for found in tx.projects.pauses(namespace) if (found.deployment, found.schedule) == (deployment, schedule)
    )


def resume(tx: Tx, namespace: Namespace, deployment: str, schedule: str | None, by: Principal | str) -> bool:
    """Let a schedule, or a deployment, go on; False if it was not paused. Raises NotFound, and Conflict when
    nobody but turnout.yaml, or the pause of the deployment, holds the schedule."""
    rows = _rows(tx, namespace, deployment, schedule)
    if not tx.projects.unpause(namespace, deployment, schedule):
        _refuse_if_held(tx, namespace, deployment, rows if schedule else [])
        return False
    for row in rows:
        go_on(tx, row, str(by))
    if schedule is None:
        _release_others(tx, namespace, deployment)
        for run, event in start_if_ready(tx, namespace, deployment):
            apply(tx, run, event, str(by))
    tx.after_commit("service:scheduler")
    _wake(tx, namespace, deployment)
    return True


def end_pause(tx: Tx, namespace: Namespace, pause: Pause, by: str) -> None:
    """Let go on what was paused until now; nothing if somebody was quicker, or lengthened it."""
    current = [found for found in tx.projects.pauses(namespace) if found == pause]
    if current and pause.until is not None and pause.until <= tx.now:
        resume(tx, namespace, pause.deployment, pause.schedule, by)


def go_on(tx: Tx, row: ScheduleRow, by: str) -> None:
    """Follow a schedule again unless something else still pauses it; what it held back is started or skipped as its
    catch-up policy says of all that was missed."""
    if is_paused(tx, row):
        return
    namespace = Namespace(project=row.project, environment=row.environment)
    tx.projects.put_schedule(replace(row, paused=False, next_due=next_occurrence(parse(row.spec), row.watermark)))
    held = {
        waiting.occurrence: waiting
        for waiting in tx.runs.waiting(namespace, row.deployment)
        if waiting.lane is None and waiting.schedule == row.slug and waiting.attempt == 1 and waiting.occurrence
    }
    policy = parse_policy(row.spec.get("catch_up") or inherited_catch_up(tx, row))
    decided = catch_up(policy, sorted([*held, *missed(row, tx.now)[0]]), tx.now, on_time=ON_TIME)
    _release(tx, namespace, (held[at] for at in decided.run if at in held))
    for at in sorted(held.keys() - set(decided.run)):
        reason = f"it was held back by a pause: {decided.reason}"
        apply(tx, find_run(tx, held[at].id), Skipped(reason=reason), by)


def drop_unstarted(tx: Tx, row: ScheduleRow, reason: str, by: str, *, held: bool) -> None:
    """Skip what `unstarted` finds."""
    for run in unstarted(tx, row, held=held):
        apply(tx, run, Skipped(reason=reason), by)


def unstarted(tx: Tx, row: ScheduleRow, *, held: bool) -> list[FlowRun]:
    """The runs that a schedule made for later and that never started; with `held`, also those held back."""
    namespace = Namespace(project=row.project, environment=row.environment)
    return [
        find_run(tx, waiting.id)
        for waiting in tx.runs.waiting(namespace, row.deployment)
        if waiting.schedule == row.slug
        and waiting.attempt == 1
        and (waiting.due_at > tx.now or (held and waiting.lane is None))
    ]


def is_paused(tx: Tx, row: ScheduleRow) -> bool:
    """Whether turnout.yaml or a person pauses the schedule or its deployment."""
    namespace = Namespace(project=row.project, environment=row.environment)
    return bool(row.spec.get("paused")) or any(
        found.deployment == row.deployment and found.schedule in (None, row.slug)
        for found in tx.projects.pauses(namespace)
    )


def _rows(tx: Tx, namespace: Namespace, deployment: str, schedule: str | None) -> list[ScheduleRow]:
    find_deployment(tx, namespace, deployment)
    rows = tx.projects.schedules(namespace, deployment)
    if schedule is None:
        return rows
    found = [row for row in rows if row.slug == schedule]
    if not found:
        slugs = ", ".join(row.slug for row in rows)
        raise NotFound(
            f"deployment '{deployment}' has no schedule '{schedule}'",
            fix=f"it has: {slugs}" if slugs else "it has no schedule; to pause the deployment, name only that",
        )
    return found


def _deployment_paused(tx: Tx, namespace: Namespace, deployment: str) -> bool:
    return any((found.deployment, found.schedule) == (deployment, None) for found in tx.projects.pauses(namespace))


def _refuse_if_held(tx: Tx, namespace: Namespace, deployment: str, rows: list[ScheduleRow]) -> None:
    for row in rows:
        if row.spec.get("paused"):
            raise Conflict(
                f"schedule '{row.slug}' is paused in turnout.yaml", fix="remove `paused: true` there and apply"
            )
        if _deployment_paused(tx, namespace, deployment):
            fix = f"`turnout deployments resume {deployment}`"
            raise Conflict(f"deployment '{deployment}' is paused as a whole", fix=fix)


def _release(tx: Tx, namespace: Namespace, held: Iterable[Waiting]) -> None:
    limited = tx.limits.tags(namespace)
    for waiting in held:
        lane = lane_of(waiting, limited)
        if lane is not None:
            tx.runs.release_held(waiting.id, lane, _due(tx, waiting))


def _due(tx: Tx, waiting: Waiting) -> datetime:
    if waiting.occurrence is None or waiting.attempt > 1 or waiting.due_at > tx.now:
        return waiting.due_at
    turn = release_time(tx, waiting.occurrence)
    return turn if turn > tx.now else waiting.due_at


def _release_others(tx: Tx, namespace: Namespace, deployment: str) -> None:
    """What no schedule holds back: runs of people and of `after`, and attempts that follow a first one."""
    paused = {row.slug for row in tx.projects.schedules(namespace, deployment) if row.paused}
    held = (waiting for waiting in tx.runs.waiting(namespace, deployment) if waiting.lane is None)
    _release(tx, namespace, (it for it in held if it.attempt > 1 or it.schedule not in paused))


def _wake(tx: Tx, namespace: Namespace, deployment: str) -> None:
    spec, _ = find_deployment(tx, namespace, deployment)
    tx.after_commit(f"pool:{namespace.project}/{spec.pool}")
