"""Bodies, queries and answers of plans, releases and the follower; see `bodies`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from turnout.core.snapshot import Snapshot
from turnout.core.source import SourceState
from turnout.server.bodies import (
    Digest,
    Limit,
    Name,
    NamespaceQuery,
    Number,
    Query,
    Seconds,
    Text,
)


class SourceQuery(Query, frozen=True, kw_only=True):
    """`wait` is for how many seconds the answer may be held while the count of news is still `asked`."""

    asked: int | None = None
    wait: Seconds = 0


class FollowerBody(Query, frozen=True, kw_only=True):
    """Who would follow."""

    holder: Name


class SourceBody(Query, frozen=True, kw_only=True):
    """What a follower tells: `core.source.SourceReport`."""

    state: SourceState
    repository: str
    branch: str
    commit: str | None = None
    author: str | None = None
    message: str | None = None
    release: int | None = None
    project: str | None = None
    problems: tuple[str, ...] = ()


class ReleasesQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which releases, newest first; `after` is the number of the last one seen."""

    limit: Limit = 50
    after: Number | None = None


class CheckBody(Query, frozen=True, kw_only=True):
    """Parameters that a run might be started with."""

    parameters: dict[str, Any] = {}


class PlanBody(Query, frozen=True, kw_only=True):
    """What should be deployed."""

    snapshot: Snapshot


class ApplyBody(Query, frozen=True, kw_only=True):
    """What should be deployed, with its code and where it comes from. Refused with `conflict`, which tells what
    changed, when the release deployed now is not `expected_release`, or other overrides hold than
    `expected_overrides`."""

    snapshot: Snapshot
    bundle: Digest | None = None
    commit: Text | None = None
    author: Text | None = None
    message: Annotated[str, Meta(max_length=10_000)] | None = None
    expected_release: Number | None = None
    expected_overrides: list[dict[str, Any]] | None = None
    allow_removals: bool = False


class IdentityBody(Query, frozen=True, kw_only=True):
    """The identity token of a GitHub workflow, and what it wants to deploy."""

    token: Annotated[str, Meta(max_length=16_384)] = ""
    project: Name = ""
    environment: Name = "production"


class DeployTokenAnswer(Struct, frozen=True, kw_only=True):
    """A bearer token. may: `apply`, or only `plan`."""

    token: str
    may: Literal["apply", "plan"]
    seconds: float


class RollbackQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which release to look back at; the one before the newest if left out."""

    number: Number | None = None


class RollbackBody(Query, frozen=True, kw_only=True):
    """Which release to go back to; the one before the newest if left out. Refused with `conflict` when the release
    deployed now is not `expected_release`."""

    number: Number | None = None
    expected_release: Number | None = None


class SnapshotAnswer(Struct, frozen=True, kw_only=True):
    """What is deployed; both null before the first apply."""

    release: int | None
    snapshot: Snapshot | None


Plan = Mapping[str, Any]
"""The difference between what is wanted and what is deployed."""
