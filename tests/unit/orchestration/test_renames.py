"""A renamed deployment keeps its history: `was:` from plan to rollback."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.world import ANN, FIELD, World, deployment, project
from turnout.core.errors import Conflict, ManifestError, NotFound
from turnout.core.operations import Change, Create, Plan, Remove, Rename
from turnout.core.records import FlowRun, RunFilter
from turnout.core.snapshot import Concurrency, LimitSpec, LimitUse, ScheduleSpec, Snapshot
from turnout.core.states import RunState
from turnout.orchestration import after, attention, overrides, pausing, releases
from turnout.orchestration.overridden import in_force
from turnout.orchestration.rollback import rollback

HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *")
OLD = project(deployment("load", schedules=(HOURLY,)), deployment("send"))
NEW = project(deployment("fetch", schedules=(HOURLY,), was="load"), deployment("send"))


def planned(world: World, wanted: Snapshot) -> Plan:
    return world.read(lambda tx: releases.plan(tx, wanted))


def names(world: World) -> list[str]:
    return [spec.name for spec, _ in world.read(lambda tx: tx.projects.deployments(FIELD))]


def told(plan: Plan) -> list[tuple[type, str]]:
    return [(type(operation), operation.name) for operation in plan.operations]


def test_the_plan_says_so_and_applying_does_it_once(world: World) -> None:
    world.apply(OLD)
    [rename] = planned(world, NEW).operations
    assert isinstance(rename, Rename)
    assert (rename.was, rename.name) == ("load", "fetch")
    assert [field.path for field in rename.fields] == ["flow_name", "entrypoint"]
    answer = world.apply(NEW)
    assert (answer["release"], answer["changes"][0]["op"], answer["changes"][0]["was"]) == (2, "rename", "load")
    assert names(world) == ["fetch", "send"]
    assert planned(world, NEW).operations == ()
    assert world.apply(NEW)["changed"] is False
    without = project(deployment("fetch", schedules=(HOURLY,)), deployment("send"))
    assert world.apply(without)["changed"] is False
    detail = world.read(lambda tx: releases.release_detail(tx, FIELD, 2))
    assert [(one["op"], one["was"], one["name"]) for one in detail.operations] == [("rename", "load", "fetch")]
    assert detail.release.summary == {"create": 0, "change": 0, "rename": 1, "remove": 0}


def test_next_runs_are_those_of_before_and_no_run_is_skipped(world: World) -> None:
    world.apply(OLD)
    found = planned(world, NEW)
    assert found.next_runs["fetch"].before == found.next_runs["fetch"].after != ()
    assert found.pending_runs == {}
    later = project(deployment("fetch", schedules=(ScheduleSpec(slug="hourly", cron="5 * * * *"),), was="load"))
    world.clock.advance(hours=1)
    world.write(lambda tx: pausing.pause(tx, FIELD, "load", None, ANN))
    paused = planned(world, later)
    assert (paused.next_runs.get("fetch"), [one.why for one in paused.overrides]) == (None, [None])


def test_runs_history_schedules_and_anchors_go_on(world: World) -> None:
    first = project(
        deployment("load", schedules=(HOURLY,)), deployment("send"), deployment("chart", after=("load", "send"))
    )
    world.apply(first)
    done = world.execute("load")
    waiting = world.trigger("load")
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "load"))
    second = project(
        deployment("fetch", schedules=(HOURLY,), was="load"),
        deployment("send"),
        deployment("plot", after=("fetch", "send"), was="chart"),
    )
    world.clock.advance(minutes=7)
    world.apply(second)
    assert {run.id for run in world.runs_of("fetch")} == {done.id, waiting.id}
    assert world.run(waiting).state == RunState.SCHEDULED
    [moved] = world.read(lambda tx: tx.projects.schedules(FIELD, "fetch"))
    assert (moved.watermark, moved.next_due) == (row.watermark, row.next_due)
    assert "send" in (world.read(lambda tx: after.waiting(tx, FIELD, "plot")) or "")
    assert "fetch" not in (world.read(lambda tx: after.waiting(tx, FIELD, "plot")) or "")
    [job] = world.claim()
    assert (job.run.id, job.run.deployment) == (waiting.id, "fetch")
    world.start(job)
    world.complete(job)
    world.execute("send")
    assert [run.trigger for run in world.runs_of("plot")] == ["after"]


def test_pauses_and_parameters_are_overridden_as_before(world: World) -> None:
    schema = {"properties": {"size": {"type": "integer"}}}
    world.apply(project(deployment("load", schedules=(HOURLY,), parameter_schema=schema)))
    world.write(lambda tx: overrides.put(tx, FIELD, "parameter", "load", "size", 7, ANN, reason="a sale"))
    world.write(lambda tx: pausing.pause(tx, FIELD, "load", "hourly", ANN, reason="why"))
    before = world.read(lambda tx: in_force(tx, FIELD))
    wanted = project(deployment("fetch", schedules=(HOURLY,), parameter_schema=schema, was="load"))
    plan = planned(world, wanted)
    assert [(one.override, one.why) for one in plan.overrides] == [(one, None) for one in before]
    world.clock.advance(minutes=5)
    answer = world.apply(
        wanted, expected_release=1, expected_overrides=[one["override"] for one in plan.to_json()["overrides"]]
    )
    assert [(one["override"]["name"], one["kept"]) for one in answer["overrides"]] == [("fetch", True)] * 2
    after_it = world.read(lambda tx: in_force(tx, FIELD))
    assert [vars(one) | {"name": ""} for one in after_it] == [vars(one) | {"name": ""} for one in before]
    assert world.trigger("fetch").parameters == {"size": 7}
    [row] = world.read(lambda tx: tx.projects.schedules(FIELD, "fetch"))
    assert row.paused


def test_limits_hold_across_it(world: World) -> None:
    limited = {"concurrency": Concurrency(limit=1), "limits": (LimitUse(name="van"),)}
    van = {"van": LimitSpec(concurrency=1)}
    world.apply(project(deployment("load", **limited), deployment("send", limits=(LimitUse(name="van"),)), limits=van))
    world.trigger("load")
    job = world.claim_one()
    world.start(job)
    waiting = world.trigger("load")
    world.apply(
        project(
            deployment("fetch", was="load", **limited), deployment("send", limits=(LimitUse(name="van"),)), limits=van
        )
    )
    world.trigger("send")
    assert world.claim() == []
    held = world.read(lambda tx: sorted((key[1:], taken) for key, _, _, taken in tx.limits.of_run(job.run.id)))
    assert held == [(("deployment", "fetch"), True), (("limit", "van"), True)]
    world.complete(job)
    assert [one.run.id for one in world.claim()] == [waiting.id]


def test_what_was_acknowledged_stays_so(world: World) -> None:
    world.apply(OLD)
    world.trigger("load")
    job = world.claim_one()
    world.start(job)
    world.fail(job)
    [cause] = world.read(lambda tx: [one for one in attention.causes(tx, FIELD) if one.kind == "failed"])
    world.write(lambda tx: attention.set_mark(tx, FIELD, cause.id, None, ANN))
    world.clock.advance(minutes=1)
    world.apply(NEW)
    [same] = world.read(lambda tx: [one for one in attention.causes(tx, FIELD) if one.kind == "failed"])
    assert (same.id, same.deployments) == (cause.id, ("fetch",))
    assert attention.is_quiet(same, world.clock.time)


def test_what_it_was_need_not_be_there(world: World) -> None:
    assert told(planned(world, NEW)) == [(Create, "fetch"), (Create, "send")]
    world.apply(NEW)
    assert planned(world, NEW).operations == ()


def test_a_new_name_that_is_there_already_keeps_its_own_history(world: World) -> None:
    world.apply(project(deployment("load"), deployment("fetch")))
    run = world.trigger("load")
    wanted = project(deployment("fetch", was="load"))
    [remove] = planned(world, wanted).operations
    assert isinstance(remove, Remove)
    assert (remove.name, remove.apart) == ("load", "fetch")
    assert [one.id for one in planned(world, wanted).pending_runs["load"]] == [run.id]
    world.apply(wanted, allow_removals=True)
    assert (world.run(run).deployment, world.run(run).state) == ("load", RunState.SKIPPED)


def test_going_back_renames_it_back(world: World) -> None:
    world.apply(OLD)
    run = world.execute("load")
    world.apply(NEW)
    later = world.execute("fetch")
    answer = world.write(lambda tx: rollback(tx, FIELD, None, by="ann"))
    assert [(one["op"], one["was"], one["name"]) for one in answer["changes"]] == [("rename", "fetch", "load")]
    assert [one.id for one in world.runs_of("load")] == [run.id, later.id]
    assert names(world) == ["load", "send"]
    world.write(lambda tx: rollback(tx, FIELD, 2, by="ann"))
    assert [one.id for one in world.runs_of("fetch")] == [run.id, later.id]


def test_a_commit_that_takes_it_back_renames_it_back(world: World) -> None:
    world.apply(OLD)
    run = world.execute("load")
    world.apply(NEW)
    assert told(planned(world, OLD)) == [(Rename, "load")]
    world.apply(OLD)
    assert [one.id for one in world.runs_of("load")] == [run.id]


def test_going_back_over_several_names_of_which_the_repository_says_nothing_any_more(world: World) -> None:
    world.apply(OLD)
    run = world.execute("load")
    world.apply(NEW)
    world.apply(project(deployment("get", schedules=(HOURLY,), was="fetch"), deployment("send")))
    world.apply(project(deployment("get", schedules=(HOURLY,)), deployment("send", retries=1)))
    world.write(lambda tx: rollback(tx, FIELD, 1, by="ann"))
    assert [one.id for one in world.runs_of("load")] == [run.id]
    assert names(world) == ["load", "send"]


def test_going_back_to_where_the_new_name_was_anothers_takes_nothing(world: World) -> None:
    world.apply(project(deployment("load"), deployment("send")))
    world.apply(project(deployment("load")))
    world.apply(project(deployment("send", was="load")))
    answer = world.write(lambda tx: rollback(tx, FIELD, 1, by="ann"))
    assert [(one["op"], one["name"]) for one in answer["changes"]] == [("create", "load")]


def test_who_asks_for_the_old_name_is_told_the_new_one(world: World) -> None:
    world.apply(OLD)
    world.apply(NEW)
    with pytest.raises(NotFound, match="no deployment 'load': it is 'fetch' now") as refused:
        world.trigger("load")
    assert refused.value.fix == "name 'fetch'"


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (project(deployment("fetch", was="load"), deployment("load")), "it was 'load', which is declared as well"),
        (project(deployment("load", was="load")), "it was 'load', which is declared as well"),
        (project(deployment("a", was="load"), deployment("b", was="load")), "more than one deployment was 'load'"),
    ],
)
def test_what_cannot_be_is_refused(world: World, wanted: Snapshot, what: str) -> None:
    world.apply(OLD)
    for act in (planned, World.apply):
        with pytest.raises(ManifestError, match=what):
            act(world, wanted)
    assert names(world) == ["load", "send"]


def test_who_planned_before_is_told_of_the_rename(world: World) -> None:
    world.apply(OLD)
    world.apply(NEW)
    with pytest.raises(Conflict, match="> deployment fetch"):
        world.apply(OLD, expected_release=1)


def test_a_rename_of_all_is_no_removal(world: World) -> None:
    old, new = [f"a-{number}" for number in range(6)], [f"b-{number}" for number in range(6)]
    world.apply(project(*map(deployment, old)))
    world.apply(project(*(deployment(name, was=was) for name, was in zip(new, old, strict=True))))
    assert names(world) == new


def test_occurrences_are_made_once_across_it(world: World) -> None:
    from tests.unit.orchestration.test_scheduling import follow

    world.apply(OLD)
    world.clock.advance(hours=1, minutes=1)
    follow(world)
    world.apply(NEW)
    follow(world, "fetch")
    world.clock.advance(hours=1)
    follow(world, "fetch")
    found: list[FlowRun] = world.runs_of("fetch")
    assert len({run.occurrence for run in found}) == len(found) == 2
    assert found[1].occurrence is not None
    assert found[0].occurrence is not None
    assert found[1].occurrence - found[0].occurrence == timedelta(hours=1)
    assert world.read(lambda tx: tx.runs.count(RunFilter(deployment="load"))) == {}


def test_a_rename_and_a_change_are_one_operation(world: World) -> None:
    world.apply(OLD)
    wanted = project(deployment("fetch", schedules=(HOURLY,), was="load", retries=2), deployment("send"))
    [operation] = planned(world, wanted).operations
    assert isinstance(operation, Change)
    assert "retries" in [field.path for field in operation.fields]
    assert Plan.from_json(planned(world, wanted).to_json()).operations == (operation,)
