"""What workers, supervisors and flows under way send, and the answers; see `bodies`."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from turnout.core.jobs import Job
from turnout.server.bodies import Name, Number, Positive, Query, Seconds, Text


class JournalQuery(Query, frozen=True, kw_only=True):
    """Where the journal lines of the body belong; `first` is the number of the first."""

    attempt: Positive
    stream: Number
    first: Number


class AttemptQuery(Query, frozen=True, kw_only=True):
    """The attempt that asks."""

    attempt: Positive


class RegisterBody(Query, frozen=True, kw_only=True):
    """A worker says hello; `holding` are the (run, attempt) pairs that have a spool there."""

    worker_id: Text
    name: Text
    project: Name
    pool: Name
    capacity: Annotated[int, Meta(ge=0, le=10_000)]
    version: Text = ""
    protocol: int = 1
    holding: tuple[tuple[str, int], ...] = ()
    session: Text = ""


class ClaimBody(Query, frozen=True, kw_only=True):
    """Ask for up to `slots` jobs, waiting for the first; 0 only says that the worker is there.

    Repeating `key` repeats the answer. `session` is the registration's, `number` ascends with every new key: a copy of
    an older claim gets nothing.
    """

    worker_id: Text
    key: Text
    slots: Annotated[int, Meta(ge=0, le=1000)]
    wait: Seconds = 0
    session: Text = ""
    number: Annotated[int, Meta(ge=0)] = 0


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    """The jobs claimed."""

    jobs: list[Job]


class HeartbeatBody(Query, frozen=True, kw_only=True):
    """Renew the lease of an attempt; `wait` is for how long the answer may be held until there is a command."""

    attempt: Positive
    wait: Seconds = 0


class SlotBody(Query, frozen=True, kw_only=True):
    """A task (`holder`, its key within the run) wants `weight` of a named limit; `wait` is for how long the answer may
    be held until there is room."""

    attempt: Positive
    limit: Name
    holder: Annotated[str, Meta(min_length=1, max_length=200)]
    weight: Positive = 1
    wait: Seconds = 0


class SlotQuery(Query, frozen=True, kw_only=True):
    """Which task's slot of which limit."""

    attempt: Positive
    limit: Name
    holder: Annotated[str, Meta(min_length=1, max_length=200)]


class SlotAnswer(Struct, frozen=True, kw_only=True):
    """Whether the task has its slot; else what it waits for, and when a rate lets the next one through. It keeps its
    place in line when it asks again within ten seconds."""

    held: bool
    reason: str | None = None
    next_at: datetime | None = None


class AckAnswer(Struct, frozen=True, kw_only=True):
    """The highest journal number stored."""

    acked: int


class ReportBody(Query, frozen=True, kw_only=True):
    """How an attempt ended, as its supervisor or worker saw it."""

    attempt: Positive
    event: Literal["lost", "cancelled", "failed"]
    reason: Annotated[str, Meta(max_length=10_000)]
