import json
from dataclasses import replace

from hypothesis import given, settings

from tests.unit.core.snapshots import snapshots
from turnout.core.compare import canonical, compare, empty
from turnout.core.operations import Change, FieldChange, NextRuns, PendingRun, Plan, apply_operations
from turnout.core.plain import same
from turnout.core.snapshot import Concurrency, DeploymentSpec, ScheduleSpec, Snapshot

NIGHTLY = ScheduleSpec(slug="nightly", cron="0 6 * * *")
LOAD = DeploymentSpec(
    name="load", flow_name="load", entrypoint="a.py:load", parameters={"size": 1, "who": "x"}, schedules=(NIGHTLY,)
)


def fields(before: DeploymentSpec, after: DeploymentSpec) -> list[tuple[str, object, object]]:
    change = Change(kind="deployment", name="load", before=before, after=after)
    return [(field.path, field.before, field.after) for field in change.fields]


@settings(max_examples=30, deadline=None)
@given(snapshots(), snapshots())
def test_a_plan_survives_json(current: Snapshot, wanted: Snapshot) -> None:
    plan = Plan(
        project="field",
        environment="production",
        release=3,
        operations=compare(current, wanted),
        pending_runs={"load": (PendingRun(id="0" * 32, name="calm-fox", state="scheduled", due_at="2026-11-03"),)},
        next_runs={"load": NextRuns(before=("2026-11-03T06:00:00+00:00",))},
    )
    travelled = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert same(travelled.to_json(), plan.to_json())
    assert travelled.pending_runs == plan.pending_runs
    assert same(apply_operations(travelled.operations, canonical(current)), canonical(wanted))


@settings(max_examples=30, deadline=None)
@given(snapshots())
def test_operations_read_from_json_have_their_types_back(wanted: Snapshot) -> None:
    plan = Plan(project="field", environment="production", release=None, operations=compare(None, wanted))
    travelled = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    applied = apply_operations(travelled.operations, empty(wanted))
    assert applied.deployments == canonical(wanted).deployments
    assert applied.secrets == canonical(wanted).secrets


class TestFields:
    def test_single_parameters_are_told(self) -> None:
        after = replace(LOAD, parameters={"size": 2, "how": "y"})
        assert fields(LOAD, after) == [
            ("parameters.size", 1, 2),
            ("parameters.who", "x", None),
            ("parameters.how", None, "y"),
        ]

    def test_a_schedule_is_known_by_its_slug(self) -> None:
        after = replace(LOAD, schedules=(replace(NIGHTLY, cron="0 7 * * *"),))
        assert fields(LOAD, after) == [("schedules.nightly.cron", "0 6 * * *", "0 7 * * *")]

    def test_a_schema_is_told_as_a_whole(self) -> None:
        after = replace(LOAD, parameter_schema={"properties": {"size": {"type": "integer"}}})
        [(path, before, _)] = fields(LOAD, after)
        assert (path, before) == ("parameter_schema", {})

    def test_what_was_not_there_is_none(self) -> None:
        [(path, before, after)] = fields(LOAD, replace(LOAD, concurrency=Concurrency(limit=1)))
        assert (path, before, after) == ("concurrency", None, {"limit": 1, "on_collision": "queue"})

    def test_a_plain_value_has_one_field(self) -> None:
        change = Change(kind="variable", name="size", before=1, after=1.0)
        assert change.fields == (FieldChange(path="value", before=1, after=1.0),)
