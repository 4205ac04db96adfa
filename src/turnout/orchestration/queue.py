"""The queue of a pool: which waiting runs start now, and when the next one could."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from turnout.core.queueing import Bounds, Head, Need, Waiter, choose, lane
from turnout.core.records import FlowRun, Namespace, Waiting

if TYPE_CHECKING:
    from dataclasses import dataclass

    from turnout.core.ports import Tx
else:
    from turnout.core.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """run_ids: those that start now, in order. next_at: when time alone makes another one startable, if it does: it
    becomes due, or a rate lets it through."""

    run_ids: tuple[str, ...]
    next_at: datetime | None


def look(tx: Tx, project: str, pool: str, wanted: int, bounds: Bounds | None = None) -> Outlook:
    """Up to `wanted` runs of a pool that are due and that no limit holds back, priority first, then due time, then id.

    Takes time in proportion to the lanes and limits of the project, however many runs wait.
    """
    heads = tx.runs.heads(project, pool)
    if not heads:
        return Outlook(run_ids=(), next_at=None)
    bounds = bounds or bounds_of(tx, project)
    due = [head for head in heads if head.due_at <= tx.now]
    chosen = choose(
        due,
        bounds,
        waiters_of(tx, project, bounds),
        wanted,
        tx.now,
        lambda head, n: tx.runs.following(project, head, n),
    )
    return Outlook(run_ids=tuple(chosen), next_at=_next_at(tx.now, heads, bounds))


def startable(tx: Tx, project: str, pool: str, wanted: int, bounds: Bounds | None = None) -> list[FlowRun]:
    """Like `look`, the runs themselves."""
    found = (tx.runs.get(run_id) for run_id in look(tx, project, pool, wanted, bounds).run_ids)
    return [run for run in found if run is not None]


def bounds_of(tx: Tx, project: str) -> Bounds:
    """The limits of a project as they are used now."""
    return Bounds(tx.limits.occupied(project))


def waiters_of(tx: Tx, project: str, bounds: Bounds) -> list[Waiter]:
    """The tasks that wait; nothing is asked for where no limit has a name."""
    return tx.limits.waiters(project) if bounds.named else []


def limited_tags(tx: Tx, namespace: Namespace, tags: Iterable[str]) -> list[str]:
    """Those of a run's tags that a limit names."""
    given = list(tags)
    limited = tx.limits.tags(namespace) if given else frozenset()
    return [tag for tag in given if tag in limited]


def lane_of(waiting: Waiting, limited: frozenset[str]) -> str | None:
    """The lane of a waiting run while limits name the tags `limited`."""
    return lane(waiting, [tag for tag in waiting.tags if tag in limited])


def needs_of(bounds: Bounds, run: FlowRun) -> list[Need]:
    """The limits that a run needs."""
    return bounds.needs(run.environment, run.deployment, run.pool, run.tags)


def _next_at(now: datetime, heads: Sequence[Head], bounds: Bounds) -> datetime | None:
    times = [head.due_at for head in heads if head.due_at > now]
    for head in heads if bounds.rated else ():
        if head.due_at <= now:
            times += [each.next_at for each, _ in bounds.of(head) if each.next_at is not None and each.next_at > now]
    return min(times, default=None)
