"""What a plan says beside its operations: overrides that are kept or dropped, secrets that lack, code that changed."""

from collections.abc import Iterator
from datetime import datetime

from turnout.core.operations import CodeChanges, Plan
from turnout.core.overrides import Override, OverrideOutcome, subject
from turnout.deploy import words

KEPT, DROPPED = "kept", "dropped"


def surroundings(plan: Plan, timezone: str | None) -> Iterator[str]:
    """A line each."""
    for outcome in plan.overrides:
        yield words.plainly(override_line(outcome, plan.made_at, timezone))
    for secret in plan.missing_secrets or ():
        yield words.plainly(f"secret {secret} has no value where runs execute: `turnout secret set {secret}`")
    if plan.missing_secrets is None and _new_secrets(plan):
        yield "secrets: whether the workers have them is not known here"
    if plan.code is not None and plan.code.changed:
        yield words.plainly(f"code: {code_line(plan.code)}")


def override_line(outcome: OverrideOutcome, now: datetime | None, timezone: str | None) -> str:
    """`override kept: deployment load, parameter size is 7 (turnout.yaml: 1), since ... by ...`."""
    override = outcome.override
    fate = KEPT if outcome.kept else DROPPED
    told = f"override {fate}: {subject(override)} {_holds(outcome)}, {_since(override, now, timezone)}"
    return f"{told}; {DROPPED}: {outcome.why}" if outcome.why else told


def code_line(code: CodeChanges) -> str:
    """What git says, or that it cannot."""
    since = f"since {code.since[:10]}" if code.since else "since what is deployed"
    if code.files is None:
        return f"it differs from what is deployed; {code.note or 'how is not known here'}"
    lines = f"+{code.added or 0:,} -{code.removed or 0:,} lines"
    commits = f", {words.counted(code.commits, 'commit')}" if code.commits is not None else ""
    note = f"; {code.note}" if code.note else ""
    return f"{words.counted(code.files, 'file')} changed, {lines}{commits} {since}{note}"


def _holds(outcome: OverrideOutcome) -> str:
    override = outcome.override
    if override.kind == "pause":
        return "is paused on the server"
    declared = "nothing" if outcome.declared is None else words.value(outcome.declared)
    return f"is {words.value(override.value)}, turnout.yaml says {declared}"


def _since(override: Override, now: datetime | None, timezone: str | None) -> str:
    old = f" ({words.age(now - override.at)})" if now else ""
    why = f": {override.reason}" if override.reason else ", no reason given"
    until = f", until {words.moment(override.until, timezone)}" if override.until else ""
    return f"since {words.moment(override.at, timezone)}{old} by {override.by}{why}{until}"


def _new_secrets(plan: Plan) -> bool:
    return any(operation.kind == "secret" and hasattr(operation, "value") for operation in plan.operations)
