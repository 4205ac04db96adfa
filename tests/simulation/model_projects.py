"""Releases, deployments and schedules of the model store: `core.ports.Projects`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.simulation.model_data import Data
from tests.simulation.model_runs import rename_runs
from turnout.core import limits
from turnout.core.errors import StoreError
from turnout.core.plain import to_plain
from turnout.core.records import Namespace, Page, Pause, Release, ScheduleRow
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.core.values import replace


class Projects:
    """See `core.ports.Projects`."""

    def __init__(self, data: Data, now: datetime) -> None:
        self._data = data
        self._now = now

    def names(self) -> list[Namespace]:
        return [Namespace(project=project, environment=name) for project, name in sorted(self._data.snapshots)]

    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None:
        return self._data.snapshots.get(_key(namespace))

    def write_release(self, release: Release, snapshot: Snapshot) -> None:
        data, key = self._data, (release.project, release.environment, release.number)
        if key in data.releases:
            raise StoreError("the release is there already")
        data.put(data.releases, key, release)
        data.put(data.snapshots, key[:2], (release.number, snapshot))
        data.put(data.declared, key, snapshot)

    def releases(self, namespace: Namespace, page: Page) -> list[Release]:
        before = int(page.after or 2**53)
        found = [
            release
            for (project, environment, number), release in self._data.releases.items()
            if (project, environment) == _key(namespace) and number < before
        ]
        found.sort(key=lambda release: -release.number)
        return found[: max(0, min(page.limit, limits.PAGE_ROWS))]

    def release(self, namespace: Namespace, number: int) -> tuple[Release, Snapshot] | None:
        key = (*_key(namespace), number)
        found = self._data.releases.get(key)
        return None if found is None else (found, self._data.declared[key])

    def put_deployment(self, namespace: Namespace, spec: DeploymentSpec, release: Release) -> None:
        stored = self._data.releases.get((*_key(namespace), release.number))
        if stored is None:
            raise StoreError("there is no such release")
        key = (*_key(namespace), spec.name)
        before = self._data.deployments.get(key)
        if before is None or before[0] != spec:
            self._data.put(self._data.since, key, release.number)
        self._data.put(self._data.deployments, key, (spec, stored))

    def remove_deployment(self, namespace: Namespace, name: str) -> None:
        for row in self.schedules(namespace, name):
            self.remove_schedule(namespace, name, row.slug)
        self._data.drop(self._data.deployments, (*_key(namespace), name))
        self._data.drop(self._data.starts, (*_key(namespace), name))
        self._data.drop(self._data.since, (*_key(namespace), name))

    def rename_deployment(self, namespace: Namespace, name: str, new: str) -> None:
        data, old_key, new_key = self._data, (*_key(namespace), name), (*_key(namespace), new)
        rename_runs(data, old_key, new)
        for row in self.schedules(namespace, name):
            self.remove_schedule(namespace, name, row.slug)
            self.put_schedule(replace(row, deployment=new))
        for key, pause in [item for item in data.pauses.items() if item[0][:3] == old_key]:
            data.drop(data.pauses, key)
            data.put(data.pauses, (*new_key, key[3]), replace(pause, deployment=new))
        tables: tuple[dict[Any, Any], ...] = (data.deployments, data.starts, data.since)
        for table in tables:
            if old_key in table:
                data.put(table, new_key, table[old_key])
                data.drop(table, old_key)

    def deployment(self, namespace: Namespace, name: str) -> tuple[DeploymentSpec, Release] | None:
        return self._data.deployments.get((*_key(namespace), name))

    def deployments(self, namespace: Namespace) -> list[tuple[DeploymentSpec, Release]]:
        found = [(key, value) for key, value in self._data.deployments.items() if key[:2] == _key(namespace)]
        return [value for _, value in sorted(found, key=lambda item: item[0])]

    def since(self, namespace: Namespace) -> dict[str, Release]:
        releases = {key[2]: self._data.releases.get((*key[:2], number)) for key, number in self._data.since.items()
                    if key[:2] == _key(namespace)}  # fmt: skip
        return {name: release for name, release in releases.items() if release is not None}

    def dependents(self, namespace: Namespace, name: str) -> list[str]:
        return [spec.name for spec, _ in self.deployments(namespace) if name in spec.after]

    def last_automatic_start(self, namespace: Namespace, name: str) -> datetime | None:
        return self._data.starts.get((*_key(namespace), name))

    def set_last_automatic_start(self, namespace: Namespace, name: str, at: datetime) -> None:
        if (*_key(namespace), name) in self._data.deployments:
            self._data.put(self._data.starts, (*_key(namespace), name), at)

    def due_schedules(self, limit: int) -> list[ScheduleRow]:
        found = [
            row
            for row in self._data.schedules.values()
            if not row.paused and row.next_due is not None and row.next_due <= self._now
        ]
        return sorted(found, key=lambda row: row.next_due)[:limit]

    def next_schedule_due(self) -> datetime | None:
        due = [row.next_due for row in self._data.schedules.values() if not row.paused and row.next_due is not None]
        return min(due, default=None)

    def put_schedule(self, row: ScheduleRow) -> None:
        key = (row.project, row.environment, row.deployment, row.slug)
        spec = row.spec if isinstance(row.spec, dict) else to_plain(row.spec)
        self._data.put(self._data.schedules, key, replace(row, spec=spec))

    def schedules(self, namespace: Namespace, deployment: str) -> list[ScheduleRow]:
        found = [
            (key[3], row)
            for key, row in self._data.schedules.items()
            if key[:3] == (namespace.project, namespace.environment, deployment)
        ]
        return [row for _, row in sorted(found, key=lambda item: item[0])]

    def all_schedules(self, namespace: Namespace) -> list[ScheduleRow]:
        found = [(key, row) for key, row in self._data.schedules.items() if key[:2] == _key(namespace)]
        return [row for _, row in sorted(found, key=lambda item: item[0])]

    def remove_schedule(self, namespace: Namespace, deployment: str, slug: str) -> None:
        self._data.drop(self._data.schedules, (*_key(namespace), deployment, slug))

    def pause(self, namespace: Namespace, pause: Pause) -> None:
        key = (*_key(namespace), pause.deployment, pause.schedule or "")
        if key not in self._data.pauses:
            self._data.put(self._data.pauses, key, pause)

    def unpause(self, namespace: Namespace, deployment: str, schedule: str | None) -> bool:
        key = (*_key(namespace), deployment, schedule or "")
        known = key in self._data.pauses
        self._data.drop(self._data.pauses, key)
        return known

    def pauses(self, namespace: Namespace) -> list[Pause]:
        return [pause for key, pause in sorted(self._data.pauses.items()) if key[:2] == _key(namespace)]

    def ending_pauses(self, limit: int) -> list[tuple[Namespace, Pause]]:
        found = [(pause.until, key, pause) for key, pause in self._data.pauses.items() if pause.until is not None]
        return [
            (Namespace(project=key[0], environment=key[1]), pause)
            for _, key, pause in sorted(found, key=lambda item: item[:2])[:limit]
        ]


def _key(namespace: Namespace) -> tuple[str, str]:
    return (namespace.project, namespace.environment)
