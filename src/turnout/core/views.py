"""What pages look at of runs: small values, read in bounded portions, never stored. Times are aware UTC unless said."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from turnout.core.records import FlowRun, HistoryEntry, LogLine, Question, Release, TaskRun
from turnout.core.states import RunState

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


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A view of the list of runs that everybody of a project sees. query: that of the list's address, from its question
    mark on. author: who saved it first."""

    id: str
    name: str
    query: str
    author: str
    created_at: datetime
    changed_at: datetime
    changed_by: str


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


@dataclass(frozen=True, kw_only=True)
class Usual:
    """How long the latest completed runs of a deployment took, in seconds: the middle one, and those between which nine
    of ten lie. count: how many were looked at."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt as its run's history tells it. opened: why it was made."""

    number: int
    state: RunState
    state_name: str
    opened: str | None
    reason: str | None
    began_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RunOverview:
    """All that the page of a run shows at once; of `attempt` are the counts, the failed tasks, the log's end.

    sentence: why the run is in its state. worker: its name. release: what was deployed when the run was made.
    tasks: state -> number. failed: those tasks that failed first. log_lines: how many there are; log_end: the last,
    as rows; first_error: the first row of level ERROR or above. last_good: id of the newest earlier run of the
    deployment that completed. large: whether the parameters were left out of `run` because of their size.
    """

    run: FlowRun
    sentence: str
    worker: str | None
    release: Release | None
    deployed: bool
    question: Question | None
    usual: Usual | None
    attempt: int
    attempts: tuple[Attempt, ...]
    history: tuple[HistoryEntry, ...]
    tasks: Mapping[str, int]
    failed: tuple[TaskRun, ...]
    log_lines: int
    log_end: tuple[LogRow, ...]
    first_error: int | None
    artifacts: tuple[ArtifactHead, ...]
    last_good: str | None
    large: bool


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run as a row of a list. parameters: their JSON, cut."""

    id: str
    project: str
    environment: str
    deployment: str | None
    flow_name: str
    name: str
    state: RunState
    state_name: str
    why: str | None
    attempt: int
    trigger: str
    created_by: str
    commit: str | None
    tags: tuple[str, ...]
    parameters: str
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


BulkAction = Literal["cancel", "retry", "delete"]
"""What can be done with all runs that match."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A run that an action on many was refused for, and why."""

    id: str
    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class BulkOutcome:
    """What came of an action on a portion of many runs. next: where to go on, None at the end."""

    done: int
    refused: tuple[Refusal, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class RerunPreview:
    """What running again from the failure would do. reused: steps whose result is kept, by name; a changed parameter
    has those run again whose inputs it changes. again: steps of the latest attempt that did not complete, by name.
    complete: whether all were counted. own, newest: the commits to choose from; newest None where there is no other.
    """

    possible: bool
    why_not: str | None
    reused: Mapping[str, int]
    again: Mapping[str, int]
    complete: bool
    own: str | None
    newest: str | None
    own_schema: Mapping[str, Any]
    newest_schema: Mapping[str, Any]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file that differs between two bundles. kind: added | removed | changed | moved mode. diff: unified, None for
    what is no text or too large, which `note` says. cut: whether the diff goes on."""

    path: str
    kind: str
    diff: str | None
    note: str | None
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class CodeChanges:
    """What changed since another run. same: the code is the same. unknown: why nothing can be told of the code."""

    base: FlowRun | None
    base_release: Release | None
    release: Release | None
    same: bool
    unknown: str | None
    files: tuple[FileChange, ...]
    more: int
