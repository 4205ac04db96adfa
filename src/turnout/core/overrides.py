"""What people changed on the server and not in the repository, and what becomes of it when a release is applied. Pure.

The repository owns definitions. An override stands beside one, with its author, time and reason, until it expires,
somebody drops it, what it speaks of leaves the repository, or the repository says the same itself. A release that
declares something else does not end it: the plan shows what goes on being overridden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from turnout.core.plain import same, to_plain
from turnout.core.records import Pause

if TYPE_CHECKING:
    from dataclasses import dataclass

    from turnout.core.snapshot import DeploymentSpec, Snapshot
else:
    from turnout.core.values import dataclass

OverrideKind = Literal["pause", "parameter", "variable"]


@dataclass(frozen=True, kw_only=True)
class Override:
    """name: of the deployment, or of the variable. key: the schedule (None: the whole deployment) that is paused, or
    the parameter. value: what holds instead of the repository's; True for a pause. until: when it ends by itself."""

    kind: OverrideKind
    name: str
    key: str | None
    value: Any
    at: datetime
    by: str
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OverrideOutcome:
    """What applying does to an override. declared: what the repository says, None for nothing. why: it is dropped, None
    while it is kept."""

    override: Override
    declared: Any
    why: str | None

    @property
    def kept(self) -> bool:
        """Whether it still holds afterwards."""
        return self.why is None


def of_pause(pause: Pause) -> Override:
    """A pause as the override that it is."""
    return Override(
        kind="pause",
        name=pause.deployment,
        key=pause.schedule,
        value=True,
        at=pause.at,
        by=pause.by,
        reason=pause.reason,
        until=pause.until,
    )


def subject(override: Override) -> str:
    """What it overrides, in words: `deployment load, parameter size`."""
    if override.kind == "variable":
        return f"variable {override.name}"
    more = {"pause": "schedule", "parameter": "parameter"}[override.kind]
    return f"deployment {override.name}" + (f", {more} {override.key}" if override.key else "")


def outcomes(
    overrides: Iterable[Override], wanted: Snapshot, renamed: Mapping[str, str] | None = None
) -> tuple[OverrideOutcome, ...]:
    """What becomes of each once `wanted` is applied. renamed: old name -> new name of deployments that it renames."""
    return tuple(_outcome(override, wanted, renamed or {}) for override in overrides)


def _outcome(override: Override, wanted: Snapshot, renamed: Mapping[str, str]) -> OverrideOutcome:
    if override.kind == "variable":
        declared = wanted.variables.get(override.name)
        return _told(override, override.name in wanted.variables, declared, "the variable left the repository")
    spec = wanted.deployments.get(renamed.get(override.name, override.name))
    if spec is None:
        return OverrideOutcome(override=override, declared=None, why="the deployment left the repository")
    return _of_pause(override, spec) if override.kind == "pause" else _of_parameter(override, spec)


def _of_pause(override: Override, spec: DeploymentSpec) -> OverrideOutcome:
    if override.key is None:
        return OverrideOutcome(override=override, declared=False, why=None)
    schedule = next((one for one in spec.schedules if one.slug == override.key), None)
    declared = schedule.paused if schedule else None
    return _told(override, schedule is not None, declared, "the schedule left the repository")


def _of_parameter(override: Override, spec: DeploymentSpec) -> OverrideOutcome:
    key = override.key or ""
    known = spec.parameter_schema.get("properties")
    taken = known is None or key in known or bool(spec.parameter_schema.get("additionalProperties"))
    differs = any(key in one.parameters and not same(one.parameters[key], override.value) for one in spec.schedules)
    told = _told(override, taken, spec.parameters.get(key), "the flow takes no such parameter any more")
    absorbed = told.why == _THE_SAME and differs  # a schedule that says otherwise is still overridden
    return OverrideOutcome(override=override, declared=told.declared, why=None if absorbed else told.why)


_THE_SAME = "the repository says the same"


def _told(override: Override, there: bool, declared: Any, gone: str) -> OverrideOutcome:
    if not there:
        return OverrideOutcome(override=override, declared=None, why=gone)
    same_now = declared is not None and same(declared, override.value)
    return OverrideOutcome(override=override, declared=declared, why=_THE_SAME if same_now else None)


def outcome_to_json(outcome: OverrideOutcome) -> dict[str, Any]:
    """{"override", "declared", "kept", "why"}."""
    return {**to_plain(outcome), "kept": outcome.kept}


def outcome_from_json(plain: Mapping[str, Any]) -> OverrideOutcome:
    """What `outcome_to_json` wrote."""
    override = dict(plain["override"])
    for name in ("at", "until"):
        override[name] = datetime.fromisoformat(override[name]) if override[name] else None
    return OverrideOutcome(override=Override(**override), declared=plain["declared"], why=plain["why"])
