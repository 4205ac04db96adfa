"""Workers and when they were heard of: implements `core.ports.Workers`."""

from datetime import datetime

from turnout.core.records import Turn, Worker
from turnout.store.session import Row, Session
from turnout.store.text import from_json, to_json
from turnout.store.times import from_micros, optional_time, to_micros


class Workers:
    """See `core.ports.Workers`. `Worker.state` is left at its default: who knows the lease time computes it."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def put(self, worker: Worker) -> None:
        """Add a worker, or replace what is known of it."""
        values = {**vars(worker), "started_at": to_micros(worker.started_at), "seen_at": to_micros(worker.seen_at)}
        self._session.execute("workers/put_worker", values)

    def seen(self, worker_id: str) -> None:
        """Remember that the worker was heard of now."""
        self._session.execute("workers/mark_seen", {"id": worker_id, "now": to_micros(self._now)})

    def get(self, worker_id: str) -> Worker | None:
        """One worker."""
        row = self._session.row("workers/get_worker", {"id": worker_id})
        return None if row is None else _worker(row)

    def all(self) -> list[Worker]:
        """Every worker, the last heard of first."""
        return [_worker(row) for row in self._session.rows("workers/list_workers", {})]

    def last_seen(self, project: str, pool: str) -> datetime | None:
        """When a worker of the pool was last heard of."""
        row = self._session.row("workers/get_last_seen", {"project": project, "pool": pool})
        return None if row is None else optional_time(row[0])

    def turn(self, worker_id: str) -> Turn:
        """The newest request of a worker that was answered."""
        row = self._session.row("workers/get_turn", {"id": worker_id})
        return Turn() if row is None else Turn(session=row[0], number=row[1], past=tuple(from_json(row[2])))

    def put_turn(self, worker_id: str, turn: Turn) -> None:
        """Remember it."""
        values = {"id": worker_id, "session": turn.session, "turn": turn.number, "past": to_json(list(turn.past))}
        self._session.execute("workers/put_turn", values)


def _worker(row: Row) -> Worker:
    worker_id, name, pool, project, version, capacity, started_at, seen_at, lease_seconds = row
    return Worker(
        id=worker_id,
        name=name,
        pool=pool,
        project=project,
        version=version,
        capacity=capacity,
        started_at=from_micros(started_at),
        seen_at=from_micros(seen_at),
        lease_seconds=lease_seconds,
    )
