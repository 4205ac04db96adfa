"""What has to be done so that a server equals a repository: values that a plan shows and `apply` executes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from turnout.core.overrides import OverrideOutcome, outcome_from_json, outcome_to_json
from turnout.core.plain import same, to_plain
from turnout.core.records import Pause
from turnout.core.snapshot import (
    CalendarSpec,
    CalendarUse,
    Concurrency,
    ConnectionSpec,
    DeploymentSpec,
    GithubDeploy,
    LimitSpec,
    LimitUse,
    PoolSpec,
    ScheduleSpec,
    SecretSpec,
    Snapshot,
)

Kind = Literal["project", "variable", "secret", "connection", "pool", "limit", "deployment"]
COLLECTIONS: dict[Kind, str] = {
    "variable": "variables",
    "secret": "secrets",
    "connection": "connections",
    "pool": "pools",
    "limit": "limits",
    "deployment": "deployments",
}
"""Kind -> the field of a Snapshot that holds its objects. `project` is the snapshot's own settings."""
SETTINGS = ("timezone", "deploy_github")
"""The fields of a Snapshot that are the project's own settings."""
LEAVES = frozenset({"parameter_schema"})
"""Fields that are shown as a whole when they differ."""
_ABSENT: Any = object()


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One difference within an object; `path` is dotted, e.g. `parameters.source_code`. None: not there."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Create:
    """The repository declares what the server does not have."""

    kind: Kind
    name: str
    value: Any


@dataclass(frozen=True, kw_only=True)
class Change:
    """Both have it, and it differs."""

    kind: Kind
    name: str
    before: Any
    after: Any

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The difference field by field, down to single parameters and schedules."""
        return tuple(_differences("", _shown(self.before), _shown(self.after)))


@dataclass(frozen=True, kw_only=True)
class Rename(Change):
    """The server has it under the name `was`: with its history it becomes `name`."""

    was: str

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What else differs."""
        return tuple(change for change in super().fields if change.path != "name")


@dataclass(frozen=True, kw_only=True)
class Remove:
    """The server has what the repository no longer declares. apart: the entry that says it was this one, and that
    cannot take its history over because it is there already, with one of its own."""

    kind: Kind
    name: str
    value: Any
    apart: str | None = None


Operation = Create | Change | Remove


@dataclass(frozen=True, kw_only=True)
class PendingRun:
    """A run that a plan touches because its deployment is removed: a waiting one is skipped, a live one goes on."""

    id: str
    name: str
    state: str
    due_at: str


@dataclass(frozen=True, kw_only=True)
class NextRuns:
    """When a deployment's schedules fire next, as things are and as they would be; RFC 3339, UTC."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CodeChanges:
    """Whether the code differs from what is deployed, and what git says of the commits since, where it knows that one.
    note: what it could not say, or what its answer leaves out."""

    changed: bool
    since: str | None
    commits: int | None = None
    files: int | None = None
    added: int | None = None
    removed: int | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What `apply` would do now. release: the one that is deployed, None before the first; apply is refused when the
    server has moved on from it."""

    project: str
    environment: str
    release: int | None
    operations: tuple[Operation, ...] = ()
    pending_runs: Mapping[str, tuple[PendingRun, ...]] = field(default_factory=dict)
    """Removed deployment -> its runs that are not over; changed one -> those that its changed schedules made and that
    are skipped."""
    next_runs: Mapping[str, NextRuns] = field(default_factory=dict)
    """Created, changed or removed deployment with schedules -> its next runs."""
    pauses: tuple[Pause, ...] = ()
    """What people paused on the server: applying leaves it paused."""
    overrides: tuple[OverrideOutcome, ...] = ()
    """What people changed on the server, and whether it still holds after applying; pauses are among them."""
    commit: str | None = None
    """The commit that is deployed."""
    bundle: str | None = None
    """The digest of its code."""
    made_at: datetime | None = None
    missing_secrets: tuple[str, ...] | None = None
    """`secret.field` that has no value where runs execute; None where only the workers know."""
    code: CodeChanges | None = None
    """None: not looked at."""

    @property
    def changes(self) -> bool:
        """Whether applying makes a release, as far as is known: of the code, where it was looked at."""
        return bool(self.operations) or (self.code is not None and self.code.changed)

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON; `from_json` reads it back."""
        return {
            "project": self.project,
            "environment": self.environment,
            "release": self.release,
            "operations": [operation_to_json(operation) for operation in self.operations],
            "pending_runs": to_plain(self.pending_runs),
            "next_runs": to_plain(self.next_runs),
            "pauses": to_plain(self.pauses),
            "overrides": [outcome_to_json(outcome) for outcome in self.overrides],
            "commit": self.commit,
            "bundle": self.bundle,
            "made_at": to_plain(self.made_at),
            "missing_secrets": to_plain(self.missing_secrets),
            "code": to_plain(self.code),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Plan":
        """The plan that `to_json` wrote."""
        return cls(
            project=plain["project"],
            environment=plain["environment"],
            release=plain["release"],
            operations=tuple(_operation_from_json(item) for item in plain["operations"]),
            pending_runs={
                name: tuple(PendingRun(**run) for run in runs) for name, runs in plain["pending_runs"].items()
            },
            next_runs={
                name: NextRuns(before=tuple(times["before"]), after=tuple(times["after"]))
                for name, times in plain["next_runs"].items()
            },
            pauses=tuple(_pause(pause) for pause in plain.get("pauses", ())),
            overrides=tuple(outcome_from_json(outcome) for outcome in plain.get("overrides", ())),
            commit=plain.get("commit"),
            bundle=plain.get("bundle"),
            made_at=datetime.fromisoformat(plain["made_at"]) if plain.get("made_at") else None,
            missing_secrets=None if plain.get("missing_secrets") is None else tuple(plain["missing_secrets"]),
            code=CodeChanges(**plain["code"]) if plain.get("code") else None,
        )


def apply_operations(operations: Iterable[Operation], current: Snapshot) -> Snapshot:
    """The snapshot after `operations`; each name it does not mention stays as it is."""
    changed: dict[str, Any] = {name: dict(getattr(current, name)) for name in COLLECTIONS.values()}
    for operation in operations:
        if operation.kind == "project":
            changed |= operation.after if isinstance(operation, Change) else {}
            continue
        objects = changed[COLLECTIONS[operation.kind]]
        match operation:
            case Create():
                objects[operation.name] = operation.value
            case Rename():
                del objects[operation.was]
                objects[operation.name] = operation.after
            case Change():
                objects[operation.name] = operation.after
            case Remove():
                del objects[operation.name]
    return replace(current, **changed)


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """{"op", "kind", "name"} with {"value"}, or {"before", "after", "fields"} for a change; {"was"} for one that is a
    rename, {"apart"} for a removal that could have been one."""
    plain: dict[str, Any] = {"op": type(operation).__name__.lower(), "kind": operation.kind, "name": operation.name}
    if isinstance(operation, Rename):
        plain["was"] = operation.was
    if isinstance(operation, Change):
        fields = [to_plain(change) for change in operation.fields]
        return {**plain, "before": to_plain(operation.before), "after": to_plain(operation.after), "fields": fields}
    if isinstance(operation, Remove) and operation.apart is not None:
        plain["apart"] = operation.apart
    return {**plain, "value": to_plain(operation.value)}


def _pause(plain: Mapping[str, Any]) -> Pause:
    times = {name: datetime.fromisoformat(plain[name]) for name in ("at", "until") if plain.get(name)}
    return Pause(**{**plain, **times})


def _shown(value: Any) -> Any:
    plain = to_plain(value)
    if isinstance(value, DeploymentSpec):
        plain["schedules"] = {schedule["slug"]: _named(schedule) for schedule in plain["schedules"]}
        plain["limits"] = {use["name"]: use["weight"] for use in plain["limits"]}
    return plain


def _named(schedule: dict[str, Any]) -> dict[str, Any]:
    """With its calendars by name."""
    uses = schedule["calendar"] or {}
    by_name = {key: {each["name"]: each for each in listed} for key, listed in uses.items()}
    return {**schedule, "calendar": by_name or None}


def _differences(path: str, before: Any, after: Any) -> Iterable[FieldChange]:
    if not (before is _ABSENT or after is _ABSENT) and same(before, after):
        return
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)) or path in LEAVES:
        before, after = (None if value is _ABSENT else value for value in (before, after))
        yield FieldChange(path=path or "value", before=before, after=after)
        return
    for key in dict.fromkeys([*before, *after]):
        # A key without a value is not one that is absent.
        found = before.get(key, _ABSENT), after.get(key, _ABSENT)
        yield from _differences(f"{path}.{key}" if path else key, *found)


def _operation_from_json(plain: Mapping[str, Any]) -> Operation:
    kind: Kind = plain["kind"]
    read = READERS.get(kind, _as_it_is)
    match plain["op"]:
        case "create":
            return Create(kind=kind, name=plain["name"], value=read(plain["value"]))
        case "remove":
            return Remove(kind=kind, name=plain["name"], value=read(plain["value"]), apart=plain.get("apart"))
        case op:
            both = {"before": read(plain["before"]), "after": read(plain["after"])}
            if op == "rename":
                return Rename(kind=kind, name=plain["name"], was=plain["was"], **both)
            return Change(kind=kind, name=plain["name"], **both)


def _as_it_is(plain: Any) -> Any:
    return plain


def _settings(plain: Mapping[str, Any]) -> dict[str, Any]:
    github = plain.get("deploy_github")
    return {**plain, **({"deploy_github": GithubDeploy(**github)} if github else {})}


def _schedule(plain: Mapping[str, Any]) -> ScheduleSpec:
    uses = plain.get("calendar")
    return ScheduleSpec(**{**plain, "calendar": CalendarUse(**_calendars(uses)) if uses else None})


def _calendars(uses: Mapping[str, Any]) -> dict[str, tuple[CalendarSpec, ...]]:
    return {
        key: tuple(CalendarSpec(**{**each, "dates": tuple(each["dates"])}) for each in listed)
        for key, listed in uses.items()
    }


def _deployment(plain: Mapping[str, Any]) -> DeploymentSpec:
    concurrency = plain["concurrency"]
    return DeploymentSpec(
        **{
            **plain,
            "schedules": tuple(_schedule(schedule) for schedule in plain["schedules"]),
            "after": tuple(plain["after"]),
            "tags": tuple(plain["tags"]),
            "secrets": tuple(plain["secrets"]),
            "concurrency": Concurrency(**concurrency) if concurrency else None,
            "limits": tuple(LimitUse(**use) for use in plain.get("limits", ())),
        }
    )


READERS: dict[Kind, Callable[[Any], Any]] = {
    "project": _settings,
    "secret": lambda plain: SecretSpec(**{**plain, "fields": tuple(plain["fields"])}),
    "connection": lambda plain: ConnectionSpec(**plain),
    "pool": lambda plain: PoolSpec(**plain),
    "limit": lambda plain: LimitSpec(**{**plain, "tags": tuple(plain["tags"])}),
    "deployment": _deployment,
}
"""Kind -> how its object is read from plain JSON; what is not named is plain itself."""
