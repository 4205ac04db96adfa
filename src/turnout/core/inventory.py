"""What is shown of what is deployed: read together, for people, and never stored. Times are aware UTC."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from turnout.core.records import Pause, Release
from turnout.core.states import RunState

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass

CREDENTIAL_ID = 16
"""Characters of a credential's id."""


@dataclass(frozen=True, kw_only=True)
class RunBar:
    """A run as a bar of a strip: how it stands and how long it took."""

    id: str
    name: str
    state: RunState
    state_name: str
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ScheduleStatus:
    """A schedule as the server follows it. sentence: what it says, for people.

    paused: nothing of it starts, whoever says so. declared_paused: turnout.yaml says so. pause: what a person said.
    next_run: None while it is paused, and once it never fires again.
    """

    slug: str
    sentence: str
    timezone: str
    parameters: Mapping[str, Any]
    paused: bool
    declared_paused: bool
    pause: Pause | None
    next_run: datetime | None


@dataclass(frozen=True, kw_only=True)
class DeployedThing:
    """A deployment in the inventory: what runs, from which file, since when, how it went.

    runs: its newest runs, the newest first. since: the release from which on it was declared as it is; None where
    retention removed that. release, commit: those whose code its next run executes. limits: names, with its own
    `concurrency` beside them. pause: of the deployment as a whole.
    """

    project: str
    environment: str
    name: str
    flow_name: str
    entrypoint: str
    description: str | None
    tags: tuple[str, ...]
    pool: str
    connection: str | None
    secrets: tuple[str, ...]
    limits: tuple[str, ...]
    concurrency: int | None
    after: tuple[str, ...]
    schedules: tuple[ScheduleStatus, ...]
    pause: Pause | None
    next_run: datetime | None
    runs: tuple[RunBar, ...]
    last_success: RunBar | None
    release: int
    commit: str | None
    since: Release | None
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class NextRun:
    """A run that a schedule will make."""

    at: datetime
    schedule: str


@dataclass(frozen=True, kw_only=True)
class DeploymentDetail:
    """One deployment with all that its page shows.

    parameters: as turnout.yaml and the overrides give them; `${var:name}` stays a reference. usual_seconds: the median
    of its latest completed runs. deployed: the release whose code runs. waiting: why an `after` deployment has not
    started.
    """

    thing: DeployedThing
    parameter_schema: Mapping[str, Any]
    parameters: Mapping[str, Any]
    retries: int
    timeout_seconds: float | None
    on_crash: str
    catch_up: str
    priority: int
    next_runs: tuple[NextRun, ...]
    usual_seconds: float | None
    deployed: Release
    followers: tuple[str, ...]
    waiting: str | None


@dataclass(frozen=True, kw_only=True)
class PoolStatus:
    """A pool and what uses it. deployments: names. online, places: workers that are heard of, and their capacity."""

    name: str
    type: str
    concurrency: int | None
    declared: bool
    deployments: tuple[str, ...]
    online: int
    offline: int
    places: int
    taken: int


@dataclass(frozen=True, kw_only=True)
class SecretStatus:
    """A secret's name; its values are never on the server. used_by: deployments."""

    name: str
    fields: tuple[str, ...]
    source: str
    used_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConnectionStatus:
    """A connection and who uses it. options hold no secret."""

    name: str
    type: str
    options: Mapping[str, Any]
    used_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConnectionTrial:
    """What came of trying a connection. seconds: how long opening it took. version: of the database that answered.
    what: a sentence; fix: what helps, if it is not ok. where: the database and the machine that tried it: one with
    workers on other machines may be another there."""

    name: str
    type: str
    ok: bool
    seconds: float
    version: str | None
    what: str
    where: str
    fix: str | None


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A credential that the database knows. id: the first digits of its hash, by which it is revoked and which open
    nothing. scope: of a deploy token what it may and where, of a session its end in Unix seconds."""

    id: str
    kind: str
    name: str
    scope: str | None
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CodeFile:
    """A file of the deployed code at `commit`. files: the paths of all of them, the first 5,000. binary: `text` is no
    use."""

    path: str
    text: str
    binary: bool
    commit: str | None
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """A parameter that a flow cannot use. path: the parameter's name, then keys and positions within it."""

    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, kw_only=True)
class ReleaseDetail:
    """A release and what it changed of the one before; previous: that one's number, None for the first and where it is
    not kept, and then nothing is known. newest: whether it is deployed. code_kept: whether going back is possible."""

    release: Release
    previous: int | None
    previous_commit: str | None
    newest: int
    code_kept: bool
    deployments: int
    operations: tuple[Mapping[str, Any], ...]
