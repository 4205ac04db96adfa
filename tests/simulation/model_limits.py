"""Limits, slots and waiting tasks of the model store: `core.ports.Limits`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tests.simulation.model_data import Data
from turnout.core.queueing import Limit, LimitKey, Occupied, Waiter
from turnout.core.records import FlowRun, Holder, Namespace


class Limits:
    """See `core.ports.Limits`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def declare(self, namespace: Namespace, limits: Iterable[Limit]) -> list[LimitKey]:
        data, project = self._data, namespace.project
        wanted = {limit.key: limit for limit in limits}
        known = {limit.key: limit for limit in self.declared(namespace)}
        for key in known.keys() - wanted.keys():
            data.drop(data.limits, (project, key))
            for slot in [slot for slot in data.slots if slot[:2] == (project, key)]:
                data.drop(data.slots, slot)
        changed = [key for key, limit in wanted.items() if limit != known.get(key)]
        for key in changed:
            data.put(data.limits, (project, key), wanted[key])
        return changed

    def declared(self, namespace: Namespace) -> list[Limit]:
        return [
            limit
            for (project, key), limit in self._data.limits.items()
            if (project, key[0]) == (namespace.project, namespace.environment)
        ]

    def tags(self, namespace: Namespace) -> frozenset[str]:
        return frozenset(tag for limit in self.declared(namespace) if limit.kind == "limit" for tag in limit.tags)

    def occupied(self, project: str) -> list[Occupied]:
        held: dict[LimitKey, int] = {}
        for (owner, key, run_id, _), (attempt, weight, _) in self._data.slots.items():
            if owner == project and self._counts(run_id, attempt):
                held[key] = held.get(key, 0) + weight
        return [
            Occupied(limit=limit, held=held.get(key, 0), next_at=self._data.rates.get((project, key)))
            for (owner, key), limit in sorted(self._data.limits.items(), key=lambda item: item[0])
            if owner == project
        ]

    def waiters(self, project: str) -> list[Waiter]:
        found = [
            Waiter(
                environment=environment,
                name=name,
                run_id=run_id,
                holder=holder,
                weight=weight,
                priority=priority,
                asked_at=asked_at,
            )
            for (owner, environment, name, run_id, holder), (
                attempt,
                weight,
                priority,
                asked_at,
                until,
            ) in self._data.waiters.items()
            if owner == project and until > self._now and self._counts(run_id, attempt)
        ]
        return sorted(found, key=lambda waiter: (-waiter.priority, waiter.asked_at, waiter.run_id, waiter.holder))

    def take(self, run: FlowRun, key: LimitKey, weight: int, holder: str = "", at: datetime | None = None) -> bool:
        slot = (run.project, key, run.id, holder)
        known = self._data.slots.get(slot)
        if known is not None and known[0] == run.attempt and known[1] >= weight:
            return False
        self._data.put(self._data.slots, slot, (run.attempt, weight, at or self._now))
        return True

    def of_run(self, run_id: str) -> list[tuple[LimitKey, str, int, bool]]:
        held = [
            (key, holder, attempt, True)
            for (_, key, of, holder), (attempt, *_) in self._data.slots.items()
            if of == run_id
        ]
        waited = [
            ((environment, "limit", name), holder, attempt, False)
            for (_, environment, name, of, holder), (attempt, *_) in self._data.waiters.items()
            if of == run_id
        ]
        return held + waited

    def release(self, run_id: str) -> list[LimitKey]:
        data = self._data
        freed = [slot for slot in data.slots if slot[2] == run_id]
        for slot in freed:
            data.drop(data.slots, slot)
        for waiter in [waiter for waiter in data.waiters if waiter[3] == run_id]:
            data.drop(data.waiters, waiter)
        return [slot[1] for slot in freed]

    def release_one(self, run: FlowRun, name: str, holder: str) -> bool:
        self.stop_waiting(run, name, holder)
        slot = (run.project, (run.environment, "limit", name), run.id, holder)
        known = slot in self._data.slots
        self._data.drop(self._data.slots, slot)
        return known

    def wait(self, run: FlowRun, name: str, holder: str, weight: int, until: datetime) -> None:
        key = (run.project, run.environment, name, run.id, holder)
        known = self._data.waiters.get(key)
        priority, asked_at = known[2:4] if known else (run.priority, self._now)
        self._data.put(self._data.waiters, key, (run.attempt, weight, priority, asked_at, until))

    def stop_waiting(self, run: FlowRun, name: str, holder: str) -> None:
        self._data.drop(self._data.waiters, (run.project, run.environment, name, run.id, holder))

    def next_at(self, project: str, key: LimitKey) -> datetime | None:
        return self._data.rates.get((project, key))

    def let_through(self, project: str, key: LimitKey, next_at: datetime) -> None:
        self._data.put(self._data.rates, (project, key), next_at)

    def holders(self, project: str, key: LimitKey, count: int) -> list[Holder]:
        found = [
            (since, run_id, holder, weight)
            for (owner, of, run_id, holder), (attempt, weight, since) in self._data.slots.items()
            if (owner, of) == (project, key) and self._counts(run_id, attempt)
        ]
        return [
            Holder(
                run_id=run_id,
                run_name=self._data.runs[run_id].name,
                deployment=self._data.runs[run_id].deployment,
                holder=holder,
                weight=weight,
                since=since,
            )
            for since, run_id, holder, weight in sorted(found)[:count]
        ]

    def _counts(self, run_id: str, attempt: int) -> bool:
        run = self._data.active.get(run_id)
        return run is not None and run.attempt == attempt
