from datetime import UTC, datetime, timedelta
from typing import Any

from turnout.core.operations import CodeChanges, Create, Plan
from turnout.core.overrides import Override, OverrideOutcome
from turnout.core.snapshot import SecretSpec
from turnout.deploy.render import plan_markdown, plan_text
from turnout.deploy.surroundings import surroundings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = "since Fri 2026-11-20 12:00 UTC (3 days) by admin:ann"
UNTIL = "until Mon 2026-11-23 14:00 UTC"
GONE = "the deployment left"


def plan(**fields: Any) -> Plan:
    return Plan(project="field", environment="production", release=3, made_at=NOW, **fields)


def held(kind: Any, name: str, key: str | None, value: Any, **more: Any) -> Override:
    return Override(kind=kind, name=name, key=key, value=value, at=NOW - timedelta(days=3), by="admin:ann", **more)


def test_overrides_are_told_with_author_reason_age_end_and_fate() -> None:
    size = held("parameter", "load", "size", 7, reason="a small night", until=NOW + timedelta(hours=2))
    found = plan(
        overrides=(
            OverrideOutcome(override=size, declared=1, why=None),
            OverrideOutcome(override=held("pause", "turf", None, True), declared=None, why="the deployment left"),
        )
    )
    assert list(surroundings(found, None)) == [
        f"override kept: deployment load, parameter size is 7, turnout.yaml says 1, {SINCE}: a small night, {UNTIL}",
        f"override dropped: deployment turf is paused on the server, {SINCE}, no reason given; dropped: {GONE}",
    ]
    assert "override kept: deployment load" in plan_text(found)
    assert "\n- override kept: deployment load" in plan_markdown(found)


def test_code_and_secrets_are_told() -> None:
    known = CodeChanges(changed=True, since="abcdef1234567", commits=2, files=3, added=10, removed=1)
    text = plan_text(plan(code=known, missing_secrets=("van.api_key",)))
    assert "code: 3 files changed, +10 -1 lines, 2 commits since abcdef1234" in text
    assert "secret van.api_key has no value where runs execute: `turnout secret set van.api_key`" in text
    assert text.endswith("Plan: only the code changes.\n")
    assert plan_markdown(plan(code=known)).startswith("### Turnout plan: project field, environment production\n\nOnly")
    unknown = CodeChanges(changed=True, since="abc", note="the deployed commit abc is not known in this repository")
    assert "code: it differs from what is deployed; the deployed commit abc is not known" in plan_text(
        plan(code=unknown)
    )
    same = plan_text(plan(code=CodeChanges(changed=False, since="abc")))
    assert same.endswith("Nothing to do: the server equals this repository.\n")


def test_new_secrets_of_another_machine_are_not_known() -> None:
    create = Create(kind="secret", name="van", value=SecretSpec(fields=("api_key",)))
    assert "whether the workers have them is not known" in plan_text(plan(operations=(create,)))
    assert "not known" not in plan_text(plan(operations=(create,), missing_secrets=()))


def test_nothing_of_it_moves_the_cursor() -> None:
    evil = held("variable", "who", None, "\x1b[2J", reason="a\nb")
    text = plan_text(plan(overrides=(OverrideOutcome(override=evil, declared="x", why=None),)))
    assert "\x1b" not in text
    assert "a\\x0ab" in text
