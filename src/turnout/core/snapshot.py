"""What a repository declares at one commit, resolved and complete: the thing that plan compares and apply stores.

Every map is keyed by name. Values are plain and JSON-able, so that a snapshot compares, hashes, travels and is stored
as it is. `deploy/manifest.py` makes it from `turnout.yaml`; `compare.py` and `operations.py` work on nothing else.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from turnout.core.records import OnCollision, OnCrash, Policy

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from turnout.core.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class CalendarSpec:
    """Days and times of day by name, as `schedules.calendars` reads them. dates: `2026-11-03` or
    `2026-12-24..2027-01-01`, none for every day. windows: name -> `18:00-21:00`, none for the whole day."""

    name: str
    timezone: str
    dates: tuple[str, ...] = ()
    windows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CalendarUse:
    """A schedule starts nothing where one of `skip` holds, nor where none of `only` does, if there are any."""

    skip: tuple[CalendarSpec, ...] = ()
    only: tuple[CalendarSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """One schedule. Exactly one of cron, every (seconds), rrule. `slug` is its identity across edits."""

    slug: str
    cron: str | None = None
    every: float | None = None
    rrule: str | None = None
    anchor: str | None = None
    timezone: str = "UTC"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    catch_up: str | None = None
    """all | latest | none | within:<seconds>; None inherits the deployment's."""
    paused: bool = False
    calendar: CalendarUse | None = None


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """At most `limit` live runs of the deployment."""

    limit: int
    on_collision: OnCollision = "queue"


@dataclass(frozen=True, kw_only=True)
class LimitUse:
    """A named limit that every run of a deployment needs, and how much of it."""

    name: str
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class DeploymentSpec:
    """One entry under `deployments:`, every default filled in."""

    name: str
    flow_name: str
    entrypoint: str
    title: str | None = None
    """What it is called where people look; names stay as they are."""
    description: str | None = None
    pool: str = "default"
    connection: str | None = None
    schedules: tuple[ScheduleSpec, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """As written: `${var:name}` stays a reference and is resolved when a run starts."""
    parameter_schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the flow's signature, or of the SQL file's declared parameters."""
    after: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    retries: int = 0
    retry_delay_seconds: float = 0.0
    own_retries: bool = True
    timeout_seconds: float | None = None
    on_crash: OnCrash = "stop"
    catch_up: str = "latest"
    concurrency: Concurrency | None = None
    limits: tuple[LimitUse, ...] = ()
    priority: int = 0
    """Of waiting runs the highest starts first."""
    was: str | None = None
    """What it was called before. It says how to get here and not what is to be, so that it is no difference."""

    @property
    def policy(self) -> Policy:
        """The policy that its runs are made with."""
        return Policy(
            retries=self.retries,
            retry_delay_seconds=self.retry_delay_seconds,
            own_retries=self.own_retries,
            timeout_seconds=self.timeout_seconds,
            on_crash=self.on_crash,
        )


@dataclass(frozen=True, kw_only=True)
class SecretSpec:
    """A secret's name and fields; never a value. `source`: builtin (environment, then the 0600 file)."""

    fields: tuple[str, ...]
    source: Literal["builtin"] = "builtin"


@dataclass(frozen=True, kw_only=True)
class ConnectionSpec:
    """A database connection. `options` by type; duckdb: {"database": path relative to the data folder, or
    ":memory:"}."""

    type: Literal["duckdb"]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """Where runs execute."""

    type: Literal["process"] = "process"
    concurrency: int | None = None


@dataclass(frozen=True, kw_only=True)
class LimitSpec:
    """At most `concurrency` at once, `rate` (as in `10/s`) starts, or both, over all runs that list it or carry one of
    `tags`, and over the tasks that ask for it."""

    concurrency: int | None = None
    rate: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GithubDeploy:
    """The GitHub repository whose workflows deploy this project without a stored key.

    repository_id: the number that stays when a repository is renamed, and that no other one gets. branch: pushes to it
    apply; everything else of the repository plans. workflow: the only file (`.github/workflows/turnout.yml`) that may.
    environment: the GitHub environment that a job which applies must run in.
    """

    repository_id: int
    branch: str = "main"
    workflow: str | None = None
    environment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything one project declares for one environment."""

    project: str
    environment: str = "production"
    timezone: str | None = None
    deploy_github: GithubDeploy | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, SecretSpec] = field(default_factory=dict)
    connections: Mapping[str, ConnectionSpec] = field(default_factory=dict)
    pools: Mapping[str, PoolSpec] = field(default_factory=dict)
    limits: Mapping[str, LimitSpec] = field(default_factory=dict)
    deployments: Mapping[str, DeploymentSpec] = field(default_factory=dict)
