"""Flow runs, their history, leases and tokens: implements `core.ports.Runs`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from turnout.core import limits
from turnout.core.errors import Conflict, IllegalTransition
from turnout.core.queueing import Head, lane
from turnout.core.records import FlowRun, HistoryEntry, Namespace, Page, RunFilter, RunSpec, Waiting
from turnout.core.states import RunState
from turnout.store.outbox import Outbox
from turnout.store.run_rows import new_run_values, run_from_row, spec_text
from turnout.store.session import Row, Session
from turnout.store.text import from_json, storable, to_json
from turnout.store.times import from_micros, optional_micros, optional_time, to_micros

if TYPE_CHECKING:
    from dataclasses import replace

    from turnout.core.inventory import RunBar
else:
    from turnout.core.values import replace


ATTEMPTS_AN_EPOCH = 1000
"""A restored database numbers new attempts from the next multiple on: none has a number that the lost time gave."""


class Runs:
    """See `core.ports.Runs`, which states every method's contract."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._outbox = Outbox(session, now)

    def insert(self, run: FlowRun, by: str, *, limited_tags: Sequence[str] = ()) -> bool:
        """Add a scheduled run with history version 1 and its event; False if its occurrence has a run already. Raises
        Conflict for an id that another run has."""
        taken = Conflict(
            f"the id {run.id} is another run's", where=f"run {run.name}", fix="ask again: every run gets a new id"
        )
        if run.occurrence_key is None:
            self._session.write_or(taken, "runs/insert_run", _new_values(run, limited_tags))
            self._tell_new(run, by, run.state_at)
            return True
        if self._add(run, by, run.state_at, limited_tags):
            return True
        other = self.get(run.id)
        if other is not None and other.occurrence_key != run.occurrence_key:
            raise taken
        return False

    def record_script(self, run: FlowRun, history: Sequence[HistoryEntry]) -> None:
        """Add a run that started elsewhere in its initial state, which `history` tells; nothing if it is there."""
        first = history[0] if history else None
        self._add(run, first.by if first else run.created_by, first.at if first else run.state_at)

    def get(self, run_id: str) -> FlowRun | None:
        """One run."""
        row = self._session.row("runs/get_run", {"id": run_id})
        return None if row is None else run_from_row(row)

    def find(self, where: RunFilter, page: Page) -> list[FlowRun]:
        """A full page of matching runs, newest first. `since` and `until` bound the creation time."""
        wanted = max(0, min(page.limit, limits.PAGE_ROWS))
        found, after = self.search(where, page)
        while after is not None and len(found) < wanted:
            more, after = self.search(where, Page(limit=wanted - len(found), after=after))
            found += more
        return found

    def search(self, where: RunFilter, page: Page) -> tuple[list[FlowRun], str | None]:
        """A page of matching runs, newest first, and where to go on; short when a search takes long."""
        from turnout.store.search import Search  # on use: scripts never search

        wanted = max(0, min(page.limit, limits.PAGE_ROWS))
        if not wanted:
            return [], page.after
        rows, after = Search(self._session, where, page.after).page(wanted)
        return [run_from_row(row) for row in rows], after

    def count(self, where: RunFilter) -> Mapping[str, int]:
        """state -> number of matching runs among the newest; states without runs are absent."""
        from turnout.store.search import Search  # on use: scripts never search

        return dict(Search(self._session, where, None).counts(limits.COUNTED_RUNS))

    def set_state(
        self,
        run: FlowRun,
        *,
        state: RunState,
        name: str,
        reason: str | None,
        by: str,
        attempt: int,
        due_at: datetime,
        failures: int,
        crashes: int,
        started_at: datetime | None,
        ended_at: datetime | None,
        worker: str | None,
        lease_until: datetime | None,
        lease_key: str | None,
        token_hash: str | None,
        limited_tags: Sequence[str] = (),
        at: datetime | None = None,
    ) -> FlowRun:
        """Write a decided state with its history row and event; Conflict if the run moved since it was read."""
        changed = replace(
            run,
            state=state,
            state_name=storable(name),
            reason=None if reason is None else storable(reason),
            state_at=at or self._now,
            version=run.version + 1,
            attempt=attempt,
            due_at=due_at,
            failures=failures,
            crashes=crashes,
            started_at=started_at,
            ended_at=ended_at,
            worker=worker,
            lease_until=lease_until,
        )
        self._write_state(run, changed, lease_key, limited_tags)
        if run.state == RunState.PENDING and state == RunState.SCHEDULED:
            self._session.execute("runs/revoke_tokens", {"run_id": run.id, "at": to_micros(self._now)})
        if token_hash is not None:
            self._put_token(token_hash, run.id, attempt)
        self._tell(changed, by, changed.state_at)
        return changed

    def amend(self, run: FlowRun, *, parameters: Mapping[str, Any], spec: RunSpec, pool: str | None) -> None:
        """What the next attempt executes."""
        values = {
            "id": run.id,
            "version": run.version,
            "parameters": to_json(parameters),
            "spec": spec_text(spec),
            "pool": pool,
        }
        if not self._session.changed("runs/amend_run", values):
            raise _moved(run)

    def history(self, run_id: str) -> list[HistoryEntry]:
        """Every transition, oldest first."""
        return [
            HistoryEntry(
                version=version,
                attempt=attempt,
                state=RunState(state),
                name=name,
                reason=reason,
                at=from_micros(at),
                by=by,
            )
            for version, attempt, state, name, reason, at, by in self._session.rows(
                "runs/list_history", {"run_id": run_id}
            )
        ]

    def heads(self, project: str, pool: str | None = None) -> list[Head]:
        """The first waiting run of each lane and priority, due or not, in no order."""
        low, high = ("", "~") if pool is None else (f"{pool}/", f"{pool}0")  # "0" comes right after "/"
        rows = self._session.rows("runs/list_heads", {"project": project, "low": low, "high": high})
        return [_head(row) for row in rows]

    def following(self, project: str, head: Head, limit: int) -> list[Head]:
        """The due runs behind a head, of its lane and priority, in order."""
        values = {
            "project": project,
            "lane": head.lane,
            "priority": head.priority,
            "due_at": to_micros(head.due_at),
            "id": head.id,
            "now": to_micros(self._now),
            "limit": limit,
        }
        return [_head(row) for row in self._session.rows("runs/list_following", values)]

    def line(self, project: str, head: Head, limit: int) -> list[tuple[int, datetime, str]]:
        """The ranks of the first due runs of a head's lane and priority, in order."""
        values = {"project": project, "lane": head.lane, "priority": head.priority, "now": to_micros(self._now)}
        rows = self._session.rows("runs/list_ahead", {**values, "limit": limit})
        return [(-head.priority, from_micros(due_at), run_id) for run_id, due_at in rows]

    def hold(self, namespace: Namespace, deployment: str, slug: str | None) -> None:
        """Have nothing claimed of a deployment, or of what a schedule of it made and has not started."""
        values = {**vars(namespace), "deployment": deployment}
        if slug is None:
            self._session.execute("runs/hold_deployment", values)
        else:
            self._session.execute("runs/hold_schedule", {**values, "slug": slug})

    def waiting(self, namespace: Namespace, deployment: str | None = None) -> list[Waiting]:
        """Every scheduled run of a namespace, or of one deployment in it, with what decides its lane."""
        rows = self._session.rows("runs/list_waiting", {**vars(namespace), "deployment": deployment})
        return [
            Waiting(
                id=run_id,
                pool=pool,
                environment=environment,
                deployment=name,
                tags=tuple(from_json(tags)),
                lane=found,
                schedule=schedule,
                attempt=attempt,
                occurrence=optional_time(occurrence),
                due_at=from_micros(due_at),
            )
            for run_id, pool, environment, name, tags, found, schedule, attempt, occurrence, due_at in rows
        ]

    def set_lanes(self, lanes: Mapping[str, Sequence[str]]) -> None:
        """Put waiting runs (ids) into lanes, whatever is paused."""
        for name, ids in lanes.items():
            self._session.execute("runs/set_lane", {"lane": name, "ids": to_json(list(ids))})

    def claimed_with(self, lease_key: str) -> list[FlowRun]:
        """Pending runs that a claim with this key got."""
        return self._list("runs/list_claimed", {"lease_key": lease_key})

    def release_held(self, run_id: str, lane: str, due_at: datetime) -> None:
        """Put a run that was held back into its lane, to start at `due_at`."""
        self._session.execute("runs/release_run", {"id": run_id, "lane": lane, "due_at": to_micros(due_at)})

    def count_held(self, worker_id: str) -> int:
        """How many active runs a worker has."""
        row = self._session.row("runs/count_held", {"worker": worker_id})
        return int(row[0]) if row else 0

    def held_by(self, worker_id: str) -> list[FlowRun]:
        """Active runs of a worker."""
        return self._list("runs/list_held", {"worker": worker_id})

    def lapsed(self, limit: int) -> list[FlowRun]:
        """Active runs whose lease is over."""
        return self._list("runs/list_lapsed", {"now": to_micros(self._now), "limit": limit})

    def next_attempt(self, run: FlowRun) -> int:
        """One more; after a restore, at least the first of the thousand that it began."""
        row = self._session.row("runs/get_epoch", {})
        return max(run.attempt + 1, (int(row[0]) if row else 0) * ATTEMPTS_AN_EPOCH + 1)

    def renew(self, run_id: str, attempt: int, until: datetime) -> bool:
        """Extend a lease; False if the attempt is over or superseded."""
        values = {"id": run_id, "attempt": attempt, "until": to_micros(until)}
        return self._session.changed("runs/renew_lease", values) > 0

    def grace(self, until: datetime) -> None:
        """Extend every live lease to at least `until`."""
        self._session.execute("runs/extend_leases", {"until": to_micros(until)})

    def lengthen(self, by: timedelta) -> None:
        """Extend every live lease by `by`."""
        self._session.execute("runs/lengthen_leases", {"by": by // timedelta(microseconds=1)})

    def any_leased(self) -> bool:
        """Whether some active run holds a lease."""
        return self._session.row("runs/get_leased", {}) is not None

    def live(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        """Active runs of a deployment, oldest first."""
        return self._list("runs/list_live", {**vars(namespace), "deployment": deployment})

    def queued(self, namespace: Namespace, deployment: str) -> list[FlowRun]:
        """Scheduled runs of a deployment, oldest first."""
        return self._list("runs/list_queued", {**vars(namespace), "deployment": deployment})

    def latest(self, namespace: Namespace, deployment: str, state: RunState | None = None) -> FlowRun | None:
        """The newest run of a deployment (in a state)."""
        values = {**vars(namespace), "deployment": deployment}
        if state is None:
            found = self._list("runs/get_latest", values)
        else:
            found = self._list("runs/get_latest_in_state", {**values, "state": state.value})
        return found[0] if found else None

    def recent(
        self, namespace: Namespace, count: int, *, deployment: str | None = None, state: RunState | None = None
    ) -> "Mapping[str, list[RunBar]]":
        """The newest runs of each deployment that is declared, or of one, in a state or in any."""
        from turnout.store.bars import bar_from_row  # on use: scripts draw nothing

        values = {**vars(namespace), "deployment": deployment or "", "state": state.value if state else ""}
        found: dict[str, list[RunBar]] = {}
        for row in self._session.rows("runs/list_recent", {**values, "limit": min(count, limits.PAGE_ROWS)}):
            found.setdefault(row[0], []).append(bar_from_row(row))
        return found

    def durations(
        self, namespace: Namespace, count: int, *, deployment: str | None = None
    ) -> Mapping[str, list[timedelta]]:
        """How long the newest completed runs of each deployment that is declared took, or of one."""
        values = {**vars(namespace), "deployment": deployment or "", "limit": min(count, limits.PAGE_ROWS)}
        found: dict[str, list[timedelta]] = {}
        for name, micros in self._session.rows("runs/list_durations", values):
            if micros is not None:
                found.setdefault(name, []).append(timedelta(microseconds=micros))
        return found

    def token_holder(self, token_hash: str) -> tuple[FlowRun, int] | None:
        """The run and attempt of a run token, fenced or not."""
        row = self._session.row("runs/get_token", {"token_hash": token_hash})
        run = None if row is None else self.get(row[0])
        return None if row is None or run is None else (run, row[1])

    def _list(self, name: str, values: Mapping[str, object]) -> list[FlowRun]:
        return [run_from_row(row) for row in self._session.rows(name, values)]

    def _add(self, run: FlowRun, by: str, at: datetime, limited_tags: Sequence[str] = ()) -> bool:
        """Whether it was not there."""
        added = self._session.changed("runs/insert_run", _new_values(run, limited_tags)) > 0
        if added:
            self._tell_new(run, by, at)
        return added

    def _tell_new(self, run: FlowRun, by: str, at: datetime) -> None:
        if run.tags:
            self._session.execute(
                "runs/insert_tags", {"run_id": run.id, "tags": to_json(list(dict.fromkeys(run.tags)))}
            )
        self._tell(run if run.version == 1 else replace(run, version=1), by, at)

    def _write_state(self, before: FlowRun, after: FlowRun, lease_key: str | None, limited_tags: Sequence[str]) -> None:
        values = {
            "id": before.id,
            "version": before.version,
            "state": after.state.value,
            "name": after.state_name,
            "reason": after.reason,
            "at": to_micros(after.state_at),
            "attempt": after.attempt,
            "due_at": to_micros(after.due_at),
            "failures": after.failures,
            "crashes": after.crashes,
            "started_at": optional_micros(after.started_at),
            "ended_at": optional_micros(after.ended_at),
            "worker": after.worker,
            "lease_until": optional_micros(after.lease_until),
            "lease_key": lease_key,
            "lane": lane(after, limited_tags) if after.state == RunState.SCHEDULED else None,
        }
        self._session.write_or(_moved(before), "runs/set_state", values)

    def _put_token(self, token_hash: str, run_id: str, attempt: int) -> None:
        values = {"token_hash": token_hash, "run_id": run_id, "attempt": attempt, "issued_at": to_micros(self._now)}
        self._session.execute("runs/insert_token", values)

    def _tell(self, run: FlowRun, by: str, at: datetime) -> None:
        """The history row and the outbox event of the state that `run` just got."""
        values = {
            "run_id": run.id,
            "version": run.version,
            "attempt": run.attempt,
            "state": run.state.value,
            "name": run.state_name,
            "reason": run.reason,
            "at": to_micros(at),
            "by": by,
        }
        self._session.execute("runs/insert_history", values)
        self._outbox.add_transition(run, by, at)


def _moved(run: FlowRun) -> Conflict:
    return Conflict("the run changed since it was read", where=f"run {run.id}", fix="read it again")


def _new_values(run: FlowRun, limited_tags: Sequence[str]) -> dict[str, object]:
    if run.state != RunState.SCHEDULED:
        raise IllegalTransition(f"a run starts as scheduled, not as {run.state}", where=f"run {run.id}")
    return {**new_run_values(run), "lane": lane(run, limited_tags)}


def _head(row: Row) -> Head:
    run_id, lane_, priority, due_at, environment, deployment, pool, tags = row
    return Head(
        id=run_id,
        lane=lane_,
        priority=priority,
        due_at=from_micros(due_at),
        environment=environment,
        deployment=deployment,
        pool=pool,
        tags=() if tags == "[]" else tuple(from_json(tags)),
    )
