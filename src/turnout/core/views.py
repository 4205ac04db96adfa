"""What pages look at of runs: small values, read in bounded portions, never stored. Times are aware UTC unless said."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from turnout.core.records import LogLine

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass


class TaskRow(NamedTuple):
    """A task as a bar of a timeline. Times are microseconds since 1970; upstream is empty unless it was asked for."""

    number: int
    parent: int
    kind: str
    key: str
    name: str
    state: str
    state_name: str
    tries: int
    created_at: int
    started_at: int | None
    ended_at: int | None
    upstream: tuple[int, ...] = ()


class Ended(NamedTuple):
    """A run that is over, and when it began and ended."""

    id: str
    started_at: datetime | None
    ended_at: datetime | None


class LogRow(NamedTuple):
    """A log line and its row: how many lines of its attempt arrived before it. A row never changes."""

    row: int
    line: LogLine


@dataclass(frozen=True, kw_only=True)
class LogSearch:
    """Which lines of a log: those that hold `text`, whatever its case, are of `level` or above, and are told by the
    task `number` (0: the flow itself; None: by any)."""

    text: str = ""
    level: int | None = None
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class ArtifactHead:
    """An artifact, with its data if they are small. size: characters of the data as JSON. (attempt, stream, seq) name
    it within its run."""

    attempt: int
    stream: int
    seq: int
    number: int
    key: str
    kind: str
    at: datetime
    size: int
    data: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class RunCount:
    """state -> number of runs; complete: whether every run was looked at, else there may be more."""

    states: Mapping[str, int]
    complete: bool
