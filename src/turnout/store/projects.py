"""Releases, deployments and schedules: implements `core.ports.Projects`."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from turnout.core import limits
from turnout.core.records import Namespace, Page, Pause, Release, ScheduleRow
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.core.values import learning
from turnout.store.session import Row, Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, optional_micros, optional_time, to_micros

T = TypeVar("T")

PORTION = 20_000
"""So many runs are renamed by one statement."""
_NO_NUMBER = 2**53
_decoders: dict[Any, Any] = {}


class Projects:
    """See `core.ports.Projects`, which states every method's contract."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def names(self) -> list[Namespace]:
        """Every namespace that something was applied to."""
        return [
            Namespace(project=project, environment=environment)
            for project, environment in self._session.rows("projects/list_namespaces", {})
        ]

    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None:
        """The newest release's number and what it declares."""
        row = self._session.row("projects/get_snapshot", vars(namespace))
        return None if row is None else (row[0], _decoder(Snapshot).decode(row[1]))

    def write_release(self, release: Release, snapshot: Snapshot) -> None:
        """Add a release; its number must be new in its namespace."""
        values = {
            **vars(release),
            "applied_at": to_micros(release.applied_at),
            "summary": to_json(release.summary),
            "snapshot": msgspec.json.encode(snapshot).decode(),
        }
        self._session.execute("projects/insert_release", values)

    def releases(self, namespace: Namespace, page: Page) -> list[Release]:
        """Newest first; `page.after` is the last number as text."""
        values = {
            **vars(namespace),
            "before": int(page.after or _NO_NUMBER),
            "limit": max(0, min(page.limit, limits.PAGE_ROWS)),
        }
        return [_release(row) for row in self._session.rows("projects/list_releases", values)]

    def release(self, namespace: Namespace, number: int) -> tuple[Release, Snapshot] | None:
        """A release and what it declared."""
        row = self._session.row("projects/get_release", {**vars(namespace), "number": number})
        return None if row is None else (_release(row[:-1]), _decoder(Snapshot).decode(row[-1]))

    def put_deployment(self, namespace: Namespace, spec: DeploymentSpec, release: Release) -> None:
        """Make a deployment what `release` says; its last automatic start stays."""
        values = {
            **vars(namespace),
            "name": spec.name,
            "release": release.number,
            "spec": msgspec.json.encode(spec).decode(),
            "concurrency_limit": spec.concurrency.limit if spec.concurrency else None,
        }
        self._session.declare("projects/put_deployment", values)

    def remove_deployment(self, namespace: Namespace, name: str) -> None:
        """Forget a deployment and its schedules."""
        self._session.execute("projects/delete_schedules", {**vars(namespace), "deployment": name})
        self._session.declare("projects/delete_deployment", {**vars(namespace), "name": name})

    def rename_deployment(self, namespace: Namespace, name: str, new: str) -> None:
        """Give everything of a deployment another name."""
        values = {**vars(namespace), "name": name, "new": new}
        self._session.execute("projects/free_occurrences", values)
        self._rename_runs(values)
        self._session.execute("projects/rename_schedules", values)
        self._session.execute("projects/rename_pauses", values)
        self._session.declare("projects/rename_deployment", values)

    def _rename_runs(self, values: Mapping[str, Any]) -> None:
        """A portion at a time: a statement has a time limit, and a deployment any number of runs."""
        after = ""
        while row := self._session.row("projects/get_portion", {**values, "after": after, "limit": PORTION}):
            if row[0] is None:
                return
            self._session.execute("projects/rename_runs", {**values, "after": after, "last": row[0]})
            after = row[0]

    def deployment(self, namespace: Namespace, name: str) -> tuple[DeploymentSpec, Release] | None:
        """A deployment and the release that made it what it is."""

        def ask() -> tuple[DeploymentSpec, Release] | None:
            row = self._session.row("projects/get_deployment", {**vars(namespace), "name": name})
            return None if row is None else _deployment(row)

        return self._session.kept.get(("deployment", namespace, name), ask)

    def deployments(self, namespace: Namespace) -> list[tuple[DeploymentSpec, Release]]:
        """Every deployment, by name."""
        return [_deployment(row) for row in self._session.rows("projects/list_deployments", vars(namespace))]

    def since(self, namespace: Namespace) -> Mapping[str, Release]:
        """deployment -> the release from which on it was declared as it is; absent where that is not kept."""
        return {row[0]: _release(row[1:]) for row in self._session.rows("projects/list_since", vars(namespace))}

    def dependents(self, namespace: Namespace, name: str) -> list[str]:
        """Deployments whose `after` names `name`."""
        rows = self._session.rows("projects/list_dependents", {**vars(namespace), "name": name})
        return [dependent for (dependent,) in rows]

    def last_automatic_start(self, namespace: Namespace, name: str) -> datetime | None:
        """When a deployment last started by a schedule or by `after`."""
        row = self._session.row("projects/get_automatic_start", {**vars(namespace), "name": name})
        return None if row is None else optional_time(row[0])

    def set_last_automatic_start(self, namespace: Namespace, name: str, at: datetime) -> None:
        """Remember it; nothing for a deployment that is not there."""
        self._session.execute("projects/set_automatic_start", {**vars(namespace), "name": name, "at": to_micros(at)})

    def due_schedules(self, limit: int) -> list[ScheduleRow]:
        """Unpaused schedules that are due by the transaction's clock, the longest first."""
        rows = self._session.rows("projects/list_due_schedules", {"now": to_micros(self._now), "limit": limit})
        return [_schedule(row) for row in rows]

    def next_schedule_due(self) -> datetime | None:
        """When the next unpaused schedule is due."""
        row = self._session.row("projects/get_next_due", {})
        return None if row is None else optional_time(row[0])

    def put_schedule(self, row: ScheduleRow) -> None:
        """Add or replace a schedule."""
        values = {
            "project": row.project,
            "environment": row.environment,
            "deployment": row.deployment,
            "slug": row.slug,
            "spec": msgspec.json.encode(row.spec).decode(),
            "watermark": to_micros(row.watermark),
            "next_due": optional_micros(row.next_due),
            "paused": int(row.paused),
        }
        self._session.execute("projects/put_schedule", values)

    def schedules(self, namespace: Namespace, deployment: str) -> list[ScheduleRow]:
        """A deployment's schedules, by slug."""
        rows = self._session.rows("projects/list_schedules", {**vars(namespace), "deployment": deployment})
        return [_schedule(row) for row in rows]

    def all_schedules(self, namespace: Namespace) -> list[ScheduleRow]:
        """The schedules of all deployments, by deployment and slug."""
        return [_schedule(row) for row in self._session.rows("projects/list_all_schedules", vars(namespace))]

    def pause(self, namespace: Namespace, pause: Pause) -> None:
        """Remember a pause; the earlier one stays if there is one."""
        values = {
            **vars(namespace),
            "deployment": pause.deployment,
            "slug": pause.schedule or "",
            "at": to_micros(pause.at),
            "by": pause.by,
            "reason": pause.reason,
            "until": optional_micros(pause.until),
        }
        self._session.execute("projects/put_pause", values)

    def unpause(self, namespace: Namespace, deployment: str, schedule: str | None) -> bool:
        """Forget a pause; False if there was none."""
        values = {**vars(namespace), "deployment": deployment, "slug": schedule or ""}
        return self._session.changed("projects/delete_pause", values) > 0

    def pauses(self, namespace: Namespace) -> list[Pause]:
        """What is paused in a namespace."""
        return [_pause(row) for row in self._session.rows("projects/list_pauses", vars(namespace))]

    def ending_pauses(self, limit: int) -> list[tuple[Namespace, Pause]]:
        """Those that end by themselves, the next one first."""
        rows = self._session.rows("projects/list_ending_pauses", {"limit": limit})
        return [(Namespace(project=row[0], environment=row[1]), _pause(row[2:])) for row in rows]

    def remove_schedule(self, namespace: Namespace, deployment: str, slug: str) -> None:
        """Forget a schedule."""
        values = {**vars(namespace), "deployment": deployment, "slug": slug}
        self._session.execute("projects/delete_schedule", values)


def _release(row: Row) -> Release:
    number, project, environment, commit, author, message, bundle, applied_at, applied_by, summary = row
    return Release(
        number=number,
        project=project,
        environment=environment,
        commit=commit,
        author=author,
        message=message,
        bundle=bundle,
        applied_at=from_micros(applied_at),
        applied_by=applied_by,
        summary=from_json(summary),
    )


def _pause(row: Row) -> Pause:
    deployment, slug, at, by, reason, until = row
    return Pause(
        deployment=deployment,
        schedule=slug or None,
        at=from_micros(at),
        by=by,
        reason=reason,
        until=optional_time(until),
    )


def _decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    found = _decoders.get(kind)
    if found is None:
        with learning:
            found = _decoders[kind] = msgspec.json.Decoder(kind)
    return found


@lru_cache(maxsize=512)
def _deployment(row: Row) -> tuple[DeploymentSpec, Release]:
    return _decoder(DeploymentSpec).decode(row[0]), _release(row[1:])


def _schedule(row: Row) -> ScheduleRow:
    project, environment, deployment, slug, spec, watermark, next_due, paused = row
    return ScheduleRow(
        project=project,
        environment=environment,
        deployment=deployment,
        slug=slug,
        spec=from_json(spec),
        watermark=from_micros(watermark),
        next_due=optional_time(next_due),
        paused=bool(paused),
    )
