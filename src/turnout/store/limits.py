"""Limits, the slots that are held of them, and the tasks that wait: implements `core.ports.Limits`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from turnout.core.queueing import Limit, LimitKey, Occupied, Waiter
from turnout.core.records import FlowRun, Holder, Namespace
from turnout.store.session import Row, Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, optional_time, to_micros

_SECOND = 1_000_000


class Limits:
    """See `core.ports.Limits`, which states every method's contract."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def declare(self, namespace: Namespace, limits: Iterable[Limit]) -> list[LimitKey]:
        """Make these the limits of a namespace; the keys of those that are new or differ."""
        wanted = {limit.key: limit for limit in limits}
        known = {limit.key: limit for limit in self.declared(namespace)}
        for key in known.keys() - wanted.keys():
            self._session.declare("limits/delete_limit", _named(namespace.project, key))
            self._session.execute("limits/delete_slots", _named(namespace.project, key))
        changed = [key for key, limit in wanted.items() if limit != known.get(key)]
        for key in changed:
            self._put(namespace.project, wanted[key])
        return changed

    def declared(self, namespace: Namespace) -> list[Limit]:
        """The limits of a namespace."""
        return [_limit(row) for row in self._session.rows("limits/list_declared", vars(namespace))]

    def tags(self, namespace: Namespace) -> frozenset[str]:
        """The tags that limits of a namespace name."""

        def ask() -> frozenset[str]:
            rows = self._session.rows("limits/list_tags", vars(namespace))
            return frozenset(tag for (tags,) in rows for tag in _texts(tags))

        return self._session.kept.get(("tags", namespace), ask)

    def occupied(self, project: str) -> list[Occupied]:
        """Every limit of a project as it is used now."""
        return [
            Occupied(limit=_limit(row), next_at=optional_time(row[7]), held=row[8])
            for row in self._session.rows("limits/list_occupied", {"project": project})
        ]

    def waiters(self, project: str) -> list[Waiter]:
        """Tasks that wait, in order."""
        rows = self._session.rows("limits/list_waiters", {"project": project, "now": to_micros(self._now)})
        return [
            Waiter(
                environment=environment,
                name=name,
                run_id=run_id,
                holder=holder,
                weight=weight,
                priority=priority,
                asked_at=from_micros(asked_at),
            )
            for environment, name, run_id, holder, weight, priority, asked_at in rows
        ]

    def take(self, run: FlowRun, key: LimitKey, weight: int, holder: str = "", at: datetime | None = None) -> bool:
        """Hold a slot; False if this attempt's holder has it already, and not lighter."""
        values = {
            **_named(run.project, key),
            "run_id": run.id,
            "holder": holder,
            "attempt": run.attempt,
            "weight": weight,
            "taken_at": to_micros(at or self._now),
        }
        return self._session.changed("limits/insert_slot", values) > 0

    def of_run(self, run_id: str) -> list[tuple[LimitKey, str, int, bool]]:
        """(limit, holder, attempt, held or only waited for) of a run and its tasks."""
        rows = self._session.rows("limits/list_of_run", {"run_id": run_id})
        return [
            ((environment, kind, name), holder, attempt, bool(held))
            for environment, kind, name, holder, attempt, held in rows
        ]

    def release(self, run_id: str) -> list[LimitKey]:
        """Let go of everything of a run; the limits that it held."""
        found = self.of_run(run_id)
        if any(held for *_, held in found):
            self._session.execute("limits/delete_slots_of_run", {"run_id": run_id})
        if not all(held for *_, held in found):
            self._session.execute("limits/delete_waiters_of_run", {"run_id": run_id})
        return [key for key, *_, held in found if held]

    def release_one(self, run: FlowRun, name: str, holder: str) -> bool:
        """Let go of a task's slot, or of its place in line; False if it held none."""
        values = {**_task(run, name, holder)}
        self._session.execute("limits/delete_waiter", values)
        return self._session.changed("limits/delete_slot", values) > 0

    def wait(self, run: FlowRun, name: str, holder: str, weight: int, until: datetime) -> None:
        """A task waits for a named limit until then; asking again keeps its place."""
        values = {
            **_task(run, name, holder),
            "attempt": run.attempt,
            "weight": weight,
            "priority": run.priority,
            "asked_at": to_micros(self._now),
            "until": to_micros(until),
        }
        self._session.execute("limits/put_waiter", values)

    def stop_waiting(self, run: FlowRun, name: str, holder: str) -> None:
        """The task got what it waited for, or gave up."""
        self._session.execute("limits/delete_waiter", _task(run, name, holder))

    def next_at(self, project: str, key: LimitKey) -> datetime | None:
        """When a rate lets the next one through; None if it was never used."""
        row = self._session.row("limits/get_rate", _named(project, key))
        return None if row is None else from_micros(row[0])

    def let_through(self, project: str, key: LimitKey, next_at: datetime) -> None:
        """Somebody was let through: the next one not before `next_at`."""
        self._session.execute("limits/put_rate", {**_named(project, key), "next_at": to_micros(next_at)})

    def holders(self, project: str, key: LimitKey, count: int) -> list[Holder]:
        """Who holds a limit, the longest first."""
        return [
            Holder(
                run_id=run_id,
                run_name=name,
                deployment=deployment,
                holder=holder,
                weight=weight,
                since=from_micros(taken_at),
            )
            for run_id, name, deployment, holder, weight, taken_at in self._session.rows(
                "limits/list_holders", {**_named(project, key), "limit": count}
            )
        ]

    def _put(self, project: str, limit: Limit) -> None:
        values = {
            **_named(project, limit.key),
            "concurrency": limit.concurrency,
            "interval_micros": None if limit.interval is None else round(limit.interval * _SECOND),
            "tags": to_json(list(limit.tags)),
            "users": to_json(dict(limit.users)),
            "now": to_micros(self._now),
        }
        self._session.declare("limits/put_limit", values)


def _named(project: str, key: LimitKey) -> dict[str, object]:
    environment, kind, name = key
    return {"project": project, "environment": environment, "kind": kind, "name": name}


def _task(run: FlowRun, name: str, holder: str) -> dict[str, object]:
    return {
        "project": run.project,
        "environment": run.environment,
        "name": name,
        "run_id": run.id,
        "holder": holder,
    }


def _limit(row: Row) -> Limit:
    environment, kind, name, concurrency, interval, tags, users = row[:7]
    return Limit(
        environment=environment,
        kind=kind,
        name=name,
        concurrency=concurrency,
        interval=None if interval is None else timedelta(microseconds=interval).total_seconds(),
        tags=_texts(tags),
        users={} if users == "{}" else from_json(users),
    )


def _texts(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(from_json(text))
