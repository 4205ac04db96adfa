"""Flow runs of the model store: `core.ports.Runs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.model_data import Data
from turnout.core import limits
from turnout.core.errors import Conflict, IllegalTransition
from turnout.core.inventory import RunBar
from turnout.core.queueing import Head, lane
from turnout.core.records import FlowRun, HistoryEntry, Namespace, Page, RunFilter, RunSpec, Waiting
from turnout.core.states import ACTIVE, RunState
from turnout.store.text import storable


def changed_run(run: FlowRun, **changes: Any) -> FlowRun:
    """`dataclasses.replace`, at once."""
    made = object.__new__(FlowRun)
    made.__dict__.update(run.__dict__)
    made.__dict__.update(changes)
    return made


def rename_runs(data: Data, deployment: tuple[str, str, str], new: str) -> None:
    """What `Projects.rename_deployment` does to runs."""
    there = Runs(data, datetime.min)
    project, environment, name = deployment
    for run in list(data.runs.values()):
        if (run.project, run.environment) != (project, environment) or run.deployment not in (name, new):
            continue
        key = run.occurrence_key
        if key is not None:
            data.drop(data.occurrences, key)
        if run.deployment == new:
            there._put(changed_run(run, occurrence=None))
            continue
        moved = changed_run(run, deployment=new)
        there._put(moved)
        if moved.occurrence_key is not None:
            data.put(data.occurrences, moved.occurrence_key, run.id)
        before = data.lanes.get(run.id)
        if before is not None:
            data.put(data.lanes, run.id, before.replace(lane(run) or "", lane(moved) or "", 1))


class Runs:
    """See `core.ports.Runs`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def insert(self, run: FlowRun, by: str, *, limited_tags: Sequence[str] = ()) -> bool:
        if self._add(run, by, run.state_at, limited_tags):
            return True
        other = self._data.runs.get(run.id)
        if other is not None and (run.occurrence_key is None or other.occurrence_key != run.occurrence_key):
            raise Conflict(f"the id {run.id} is another run's")
        return False

    def record_script(self, run: FlowRun, history: Sequence[HistoryEntry]) -> None:
        first = history[0] if history else None
        self._add(run, first.by if first else run.created_by, first.at if first else run.state_at)

    def get(self, run_id: str) -> FlowRun | None:
        return self._data.runs.get(run_id)

    def find(self, where: RunFilter, page: Page) -> list[FlowRun]:
        limit = max(0, min(page.limit, limits.PAGE_ROWS))
        found = [run for run in self._newest() if (page.after is None or run.id < page.after) and matches(run, where)]
        return found[:limit]

    def count(self, where: RunFilter) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for run in self._data.runs.values():
            if matches(run, where):
                counts[run.state.value] = counts.get(run.state.value, 0) + 1
        return counts

    def set_state(
        self,
        run: FlowRun,
        *,
        state: RunState,
        name: str,
        reason: str | None,
        by: str,
        lease_key: str | None,
        token_hash: str | None,
        limited_tags: Sequence[str] = (),
        at: datetime | None = None,
        **values: Any,
    ) -> FlowRun:
        current = self._data.runs.get(run.id)
        if current is None or current.version != run.version:
            raise Conflict("the run changed since it was read", where=f"run {run.id}", fix="read it again")
        changed = changed_run(
            current,
            state=state,
            state_name=storable(name),
            reason=None if reason is None else storable(reason),
            state_at=at or self._now,
            version=run.version + 1,
            **values,
        )
        data = self._data
        self._put(changed)
        if state == RunState.SCHEDULED:
            self._stand_in_line(changed, limited_tags, fresh=changed.attempt == 1)
            if run.state == RunState.PENDING:
                for token in [token for token, (run_id, _) in data.tokens.items() if run_id == run.id]:
                    data.put(data.tokens, token, (run.id, 0))
        if lease_key is not None:
            data.put(data.lease_keys, run.id, lease_key)
        else:
            data.drop(data.lease_keys, run.id)
        if token_hash is not None:
            data.put(data.tokens, token_hash, (run.id, changed.attempt))
        self._tell(changed, by, changed.state_at)
        return changed

    def amend(self, run: FlowRun, *, parameters: Mapping[str, Any], spec: RunSpec, pool: str | None) -> None:
        current = self._data.runs.get(run.id)
        if current is None or current.version != run.version:
            raise Conflict("the run changed since it was read", where=f"run {run.id}", fix="read it again")
        self._put(changed_run(current, parameters=parameters, spec=spec, pool=pool))

    def history(self, run_id: str) -> list[HistoryEntry]:
        return list(self._data.history.get(run_id, ()))

    def heads(self, project: str, pool: str | None = None) -> list[Head]:
        first: dict[tuple[str, int], FlowRun] = {}
        for run in self._data.scheduled.values():
            place = self._data.lanes.get(run.id)
            if place is None or run.project != project or (pool is not None and run.pool != pool):
                continue
            known = first.get((place, run.priority))
            if known is None or (run.due_at, run.id) < (known.due_at, known.id):
                first[place, run.priority] = run
        return [self._head(run) for run in first.values()]

    def following(self, project: str, head: Head, limit: int) -> list[Head]:
        found = [run for run in self._line(project, head) if (run.due_at, run.id) > (head.due_at, head.id)]
        return [self._head(run) for run in found[:limit]]

    def line(self, project: str, head: Head, limit: int) -> list[tuple[int, datetime, str]]:
        return [(-head.priority, run.due_at, run.id) for run in self._line(project, head)[:limit]]

    def hold(self, namespace: Namespace, deployment: str, slug: str | None) -> None:
        for run in self.queued(namespace, deployment):
            if slug is None or (run.schedule == slug and run.attempt == 1):
                self._data.put(self._data.lanes, run.id, None)

    def waiting(self, namespace: Namespace, deployment: str | None = None) -> list[Waiting]:
        return [
            Waiting(
                id=run.id,
                pool=run.pool,
                environment=run.environment,
                deployment=run.deployment,
                tags=run.tags,
                lane=self._data.lanes.get(run.id),
                schedule=run.schedule,
                attempt=run.attempt,
                occurrence=run.occurrence,
                due_at=run.due_at,
            )
            for run in self._sorted(self._data.scheduled)
            if (run.project, run.environment) == (namespace.project, namespace.environment)
            and deployment in (None, run.deployment)
        ]

    def set_lanes(self, lanes: Mapping[str, Sequence[str]]) -> None:
        for name, ids in lanes.items():
            for run_id in ids:
                if run_id in self._data.scheduled:
                    self._data.put(self._data.lanes, run_id, name)

    def release_held(self, run_id: str, lane: str, due_at: datetime) -> None:
        run = self._data.scheduled.get(run_id)
        if run is not None:
            self._put(changed_run(run, due_at=due_at))
            self._data.put(self._data.lanes, run_id, lane)

    def next_attempt(self, run: FlowRun) -> int:
        return run.attempt + 1  # nothing is ever restored here

    def count_held(self, worker_id: str) -> int:
        return sum(run.worker == worker_id for run in self._data.active.values())

    def any_leased(self) -> bool:
        return any(run.lease_until is not None for run in self._data.active.values())

    def claimed_with(self, lease_key: str) -> list[FlowRun]:
        keys = self._data.lease_keys
        return [
            run
            for run in self._sorted(self._data.active)
            if run.state == RunState.PENDING and keys.get(run.id) == lease_key
        ]

    def held_by(self, worker_id: str) -> list[FlowRun]:
        return [run for run in self._sorted(self._data.active) if run.worker == worker_id]

    def lapsed(self, limit: int) -> list[FlowRun]:
        found = [run for run in self._data.active.values() if run.lease_until and run.lease_until < self._now]
        return sorted(found, key=lambda run: run.lease_until)[:limit]

    def renew(self, run_id: str, attempt: int, until: datetime) -> bool:
        run = self._data.active.get(run_id)
        if run is None or run.attempt != attempt or run.suspended:
            return False
        self._put(changed_run(run, lease_until=until))
        return True

    def grace(self, until: datetime) -> None:
        for run in list(self._data.active.values()):
            if run.lease_until is not None and run.lease_until < until:
                self._put(changed_run(run, lease_until=until))

    def lengthen(self, by: timedelta) -> None:
        for run in list(self._data.active.values()):
            if run.lease_until is not None:
                self._put(changed_run(run, lease_until=run.lease_until + by))

    def live(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        return [run for run in self._of(self._data.active, namespace, deployment) if not run.suspended]

    def queued(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        return self._of(self._data.scheduled, namespace, deployment)

    def latest(self, namespace: Namespace, deployment: str, state: RunState | None = None) -> FlowRun | None:
        found = [run for run in self._of(self._data.runs, namespace, deployment) if state in (None, run.state)]
        return found[-1] if found else None

    def recent(
        self, namespace: Namespace, count: int, *, deployment: str | None = None, state: RunState | None = None
    ) -> dict[str, list[RunBar]]:
        names = {key[2] for key in self._data.deployments if key[:2] == (namespace.project, namespace.environment)}
        found: dict[str, list[RunBar]] = {}
        for name in sorted(names & {deployment} if deployment else names):
            runs = [run for run in self._of(self._data.runs, namespace, name) if state in (None, run.state)]
            newest = runs[::-1][: min(count, limits.PAGE_ROWS)]
            if newest:
                found[name] = [_bar(run) for run in newest]
        return found

    def durations(
        self, namespace: Namespace, count: int, *, deployment: str | None = None
    ) -> dict[str, list[timedelta]]:
        recent = self.recent(namespace, count, deployment=deployment, state=RunState.COMPLETED)
        taken = {
            name: [bar.ended_at - bar.started_at for bar in bars if bar.ended_at and bar.started_at]
            for name, bars in recent.items()
        }
        return {name: spans for name, spans in taken.items() if spans}

    def token_holder(self, token_hash: str) -> tuple[FlowRun, int] | None:
        found = self._data.tokens.get(token_hash)
        return None if found is None else (self._data.runs[found[0]], found[1])

    def _of(self, table: dict[str, FlowRun], namespace: Namespace, deployment: str) -> list[FlowRun]:
        project, environment = namespace.project, namespace.environment
        found = [
            run
            for run in table.values()
            if run.deployment == deployment and run.project == project and run.environment == environment
        ]
        return sorted(found, key=_id)

    def _sorted(self, table: dict[str, FlowRun]) -> list[FlowRun]:
        return sorted(table.values(), key=_id)

    def _newest(self) -> list[FlowRun]:
        return sorted(self._data.runs.values(), key=_id, reverse=True)

    def _line(self, project: str, head: Head) -> list[FlowRun]:
        lanes = self._data.lanes
        found = [
            run
            for run in self._data.scheduled.values()
            if run.due_at <= self._now
            and run.priority == head.priority
            and run.project == project
            and lanes.get(run.id) == head.lane
        ]
        return sorted(found, key=lambda run: (run.due_at, run.id))

    def _head(self, run: FlowRun) -> Head:
        return Head(
            id=run.id,
            lane=self._data.lanes[run.id] or "",
            priority=run.priority,
            due_at=run.due_at,
            environment=run.environment,
            deployment=run.deployment,
            pool=run.pool or "",
            tags=run.tags,
        )

    def _stand_in_line(self, run: FlowRun, limited_tags: Sequence[str], *, fresh: bool) -> None:
        data, owner = self._data, (run.project, run.environment, run.deployment or "")
        row = data.schedules.get((*owner, run.schedule or ""))
        held = (*owner, "") in data.pauses or (fresh and row is not None and row.paused)
        data.put(data.lanes, run.id, None if held else lane(run, limited_tags))

    def _put(self, run: FlowRun) -> None:
        data = self._data
        data.put(data.runs, run.id, run)
        if run.state in ACTIVE:
            data.put(data.active, run.id, run)
            data.drop(data.scheduled, run.id)
        elif run.state == RunState.SCHEDULED:
            data.put(data.scheduled, run.id, run)
            data.drop(data.active, run.id)
        else:
            data.drop(data.active, run.id)
            data.drop(data.scheduled, run.id)

    def _add(self, run: FlowRun, by: str, at: datetime, limited_tags: Sequence[str] = ()) -> bool:
        if run.state != RunState.SCHEDULED:
            raise IllegalTransition(f"a run starts as scheduled, not as {run.state}", where=f"run {run.id}")
        data = self._data
        key = run.occurrence_key
        if run.id in data.runs or (key is not None and key in data.occurrences):
            return False
        if key is not None:
            data.put(data.occurrences, key, run.id)
        stored = changed_run(
            run,
            version=1,
            name=storable(run.name),
            flow_name=storable(run.flow_name),
            reason=None if run.reason is None else storable(run.reason),
            started_at=None,
            ended_at=None,
            worker=None,
            lease_until=None,
        )
        self._put(stored)
        self._stand_in_line(stored, limited_tags, fresh=True)
        self._tell(stored, by, at)
        return True

    def _tell(self, run: FlowRun, by: str, at: datetime) -> None:
        data = self._data
        entry = HistoryEntry(
            version=run.version,
            attempt=run.attempt,
            state=run.state,
            name=run.state_name,
            reason=run.reason,
            at=at,
            by=by,
        )
        data.put(data.history, run.id, (*data.history.get(run.id, ()), entry))
        seq = len(data.outbox) + 1
        event = {
            "seq": seq,
            "at": at,
            "kind": "flow_run.state",
            "run_id": run.id,
            "project": run.project,
            "environment": run.environment,
            "deployment": run.deployment,
            "flow_name": run.flow_name,
            "name": run.name,
            "version": run.version,
            "attempt": run.attempt,
            "state": run.state.value,
            "state_name": run.state_name,
            "reason": run.reason,
            "by": by,
        }
        data.put(data.outbox, seq, event)


def matches(run: FlowRun, where: RunFilter) -> bool:
    """Whether every given part of a filter fits."""
    text = where.text.lower() if where.text is not None else None
    return (
        where.project in (None, run.project)
        and where.environment in (None, run.environment)
        and where.deployment in (None, run.deployment)
        and where.flow_name in (None, run.flow_name)
        and (not where.states or run.state in where.states)
        and set(where.tags) <= set(run.tags)
        and (text is None or any(text in (field or "").lower() for field in (run.name, run.flow_name, run.deployment)))
        and (where.since is None or run.created_at >= where.since)
        and (where.until is None or run.created_at < where.until)
        and run.state not in where.not_states
        and not set(where.not_tags) & set(run.tags)
        and (run.deployment or "") not in where.not_deployments
    )


def _id(run: FlowRun) -> str:
    return run.id


def _bar(run: FlowRun) -> RunBar:
    return RunBar(
        id=run.id,
        name=run.name,
        state=run.state,
        state_name=run.state_name,
        due_at=run.due_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
