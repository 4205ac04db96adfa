import json
from dataclasses import replace
from textwrap import dedent

from turnout.core.compare import compare
from turnout.core.operations import NextRuns, PendingRun, Plan
from turnout.core.snapshot import Concurrency, DeploymentSpec, ScheduleSpec, Snapshot
from turnout.deploy.render import plan_markdown, plan_text

KEPT = DeploymentSpec(
    name="kept",
    flow_name="kept",
    entrypoint="a.py:f",
    schedules=(ScheduleSpec(slug="default", cron="0 6 * * *", timezone="America/New_York"),),
    parameters={"code": 1},
    parameter_schema={"properties": {"code": {"type": "integer"}, "old": {}}},
)
CHANGED = DeploymentSpec(
    name="kept",
    flow_name="kept",
    entrypoint="a.py:f",
    schedules=(ScheduleSpec(slug="default", cron="0 7 * * *", timezone="America/New_York"),),
    parameters={"code": 2, "extra": "x"},
    parameter_schema={"properties": {"code": {"type": "string"}, "new": {}}},
    timeout_seconds=60.0,
)
GONE = DeploymentSpec(name="gone", flow_name="gone", entrypoint="b.py:f")
NEW = DeploymentSpec(
    name="new", flow_name="new", entrypoint="q.sql", connection="warehouse", after=("kept",), tags=("x",),
    concurrency=Concurrency(limit=1),
)  # fmt: skip


def plan() -> Plan:
    current = Snapshot(project="field", timezone="UTC", deployments={"kept": KEPT, "gone": GONE}, variables={"a": 1})
    wanted = Snapshot(project="field", timezone="UTC", deployments={"kept": CHANGED, "new": NEW}, variables={"a": 2})
    return Plan(
        project="field",
        environment="production",
        release=3,
        operations=compare(current, wanted),
        pending_runs={
            "gone": (
                PendingRun(id="1" * 32, name="brisk-heron", state="scheduled", due_at="2026-11-23T11:00:00+00:00"),
                PendingRun(id="2" * 32, name="calm-ibis", state="running", due_at="2026-11-22T11:00:00+00:00"),
            )
        },
        next_runs={"kept": NextRuns(before=("2026-11-23T11:00:00+00:00",), after=("2026-11-23T12:00:00+00:00",))},
    )


TEXT = """\
project field, environment production, against release 3

~ variable a
    value: 1 -> 2

- deployment gone
    run brisk-heron, scheduled, due Mon 2026-11-23 06:00 EST: will be skipped
    run calm-ibis, running, due Sun 2026-11-22 06:00 EST: goes on to its end

~ deployment kept
    schedules.default.cron: 0 6 * * * -> 0 7 * * *
    parameters.code: 1 -> 2
    parameters.extra: set to x
    parameters of the flow: new added, old removed, code changed
    timeout_seconds: set to 60.0
    next runs before: Mon 2026-11-23 06:00 EST
    next runs after:  Mon 2026-11-23 07:00 EST

+ deployment new
    flow_name: new
    entrypoint: q.sql
    connection: warehouse
    after: ["kept"]
    tags: ["x"]
    concurrency: {"limit": 1, "on_collision": "queue"}

Plan: 1 to create, 2 to change, 1 to remove, 1 waiting run skipped.
"""


def test_a_plan_is_told_field_by_field_with_runs_and_times() -> None:
    assert plan_text(plan(), timezone="America/New_York") == TEXT


def test_a_plan_that_travelled_is_told_the_same() -> None:
    assert plan_text(Plan.from_json(plan().to_json()), timezone="America/New_York") == TEXT


def test_times_are_the_schedules_own_unless_asked() -> None:
    assert "next runs before: Mon 2026-11-23 06:00 EST" in plan_text(plan())


def test_nothing_to_do_says_so() -> None:
    empty = Plan(project="field", environment="production", release=None)
    assert plan_text(empty).endswith("Nothing to do: the server equals this repository.\n")
    assert "against an empty server" in plan_text(empty)


def test_markdown_has_a_sentence_a_table_and_the_details() -> None:
    text = plan_markdown(plan(), timezone="America/New_York")
    assert text.startswith(
        dedent("""\
        ### Turnout plan: project field, environment production

        1 to create, 2 to change, 1 to remove, 1 waiting run skipped, against release 3.

        | | kind | name |
        |---|---|---|
        | ~ change | variable | `a` |
        | - remove | deployment | `gone` |
        """)
    )
    assert "```diff\n~ variable a\n" in text


def test_values_cannot_break_out_of_the_text() -> None:
    current = Snapshot(project="field", variables={"a": "x"})
    wanted = Snapshot(project="field", variables={"a": "```\n</details>\x1b[31m"})
    plan = Plan(project="field", environment="production", release=1, operations=compare(current, wanted))
    assert "value: x -> ```\\x0a</details>\\x1b[31m" in plan_text(plan)
    assert "````diff" in plan_markdown(plan)


def test_many_waiting_runs_are_counted_not_listed() -> None:
    runs = tuple(
        PendingRun(id=f"{n:032}", name=f"run-{n}", state="scheduled", due_at="2026-11-23T11:00:00+00:00")
        for n in range(8)
    )
    plan = Plan(
        project="field",
        environment="production",
        release=1,
        operations=compare(Snapshot(project="field", deployments={"gone": GONE}), Snapshot(project="field")),
        pending_runs={"gone": runs},
    )
    assert "    and 3 more: each will be skipped" in plan_text(plan)
    assert "8 waiting runs skipped" in plan_text(plan)


def test_a_rename_is_told_as_one_and_where_it_could_not_be() -> None:
    current = Snapshot(project="field", deployments={"gone": GONE, "kept": KEPT, "calm": replace(GONE, name="calm")})
    wanted = Snapshot(
        project="field",
        deployments={
            "fetch": replace(GONE, name="fetch", was="gone", retries=2),
            "calm": replace(GONE, name="calm", was="kept"),
        },
    )
    found = Plan(project="field", environment="production", release=3, operations=compare(current, wanted))
    assert plan_text(found).partition("\n\n")[2] == dedent("""\
        > deployment renamed gone -> fetch
            retries: 0 -> 2

        - deployment kept
            not renamed: 'calm' is there already, and keeps its own history

        Plan: 1 to rename, 1 to remove.
        """)
    assert "| > rename | deployment | `gone` -> `fetch` |" in plan_markdown(found)
    assert Plan.from_json(json.loads(json.dumps(found.to_json()))) == found
