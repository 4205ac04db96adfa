"""Overrides hold beside what the repository says: shown in every plan, never lost unsaid, over when they expire."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.orchestration.test_scheduling import follow
from tests.unit.orchestration.world import ANN, FIELD, NOON, World, deployment, project
from turnout.core.errors import Conflict, NotFound, ParameterError
from turnout.core.operations import Plan
from turnout.core.overrides import Override, OverrideOutcome
from turnout.core.plain import to_plain
from turnout.core.snapshot import DeploymentSpec, ScheduleSpec, Snapshot
from turnout.orchestration import overrides, pausing, releases, values
from turnout.services.scheduler import Scheduler

SCHEMA = {"properties": {"size": {"type": "integer"}, "who": {"type": "string"}}, "required": ["who"]}
HOURLY = ScheduleSpec(slug="hourly", cron="0 * * * *", parameters={"size": 2})
LOAD = deployment("load", schedules=(HOURLY,), parameters={"size": 1, "who": "${var:who}"}, parameter_schema=SCHEMA)
FIELD_PLAN = project(LOAD, variables={"who": "ohio"})


def put(world: World, kind: Any, name: str, key: str | None, value: Any, **options: Any) -> Override:
    return world.write(lambda tx: overrides.put(tx, FIELD, kind, name, key, value, ANN, **options))


def drift(world: World) -> list[OverrideOutcome]:
    return list(world.read(lambda tx: overrides.drift(tx, FIELD)))


def planned(world: World, wanted: Snapshot) -> dict[str, str | None]:
    """What is overridden -> why it would be dropped."""
    found = world.read(lambda tx: releases.plan(tx, wanted))
    assert Plan.from_json(found.to_json()) == found
    return {f"{one.override.name} {one.override.key}": one.why for one in found.overrides}


@pytest.fixture
def field(world: World) -> World:
    world.apply(FIELD_PLAN)
    return world


class TestHolding:
    def test_a_parameter_goes_before_the_repository_and_after_the_one_who_triggers(self, field: World) -> None:
        put(field, "parameter", "load", "size", 7, reason="a small night")
        field.clock.advance(hours=1)
        [scheduled] = follow(field)
        assert scheduled.parameters["size"] == 7
        assert field.trigger("load").parameters["size"] == 7
        assert field.trigger("load", parameters={"size": 9}).parameters["size"] == 9

    def test_a_variable_is_what_runs_and_readers_get(self, field: World) -> None:
        put(field, "variable", "who", None, "michigan")
        field.trigger("load")
        job = field.claim_one()
        assert (job.parameters["who"], job.variables["who"]) == ("michigan", "michigan")
        found = field.read(lambda tx: values.get(tx, FIELD, "variable", "who"))
        assert found is not None
        assert (found.content, found.changed_by) == ("michigan", "admin:ann")

    def test_setting_a_declared_variable_overrides_it_and_forgetting_it_ends_that(self, field: World) -> None:
        with pytest.raises(Conflict):
            field.write(lambda tx: values.put(tx, FIELD, "variable", "who", "iowa", ANN))
        field.write(lambda tx: values.put(tx, FIELD, "variable", "who", "iowa", ANN, replace=True))
        [one] = drift(field)
        assert (one.override.kind, one.override.value, one.declared, one.kept) == ("variable", "iowa", "ohio", True)
        assert field.write(lambda tx: values.remove(tx, FIELD, "variable", "who", ANN))
        assert drift(field) == []

    def test_what_cannot_be_is_refused(self, field: World) -> None:
        for kind, name, key, value, error in (
            ("parameter", "load", "size", "many", ParameterError),
            ("parameter", "load", "sice", 1, ParameterError),
            ("parameter", "lod", "size", 1, NotFound),
            ("variable", "what", None, 1, NotFound),
        ):
            with pytest.raises(error):
                put(field, kind, name, key, value)
        with pytest.raises(ParameterError, match="is over"):
            put(field, "parameter", "load", "size", 7, until=NOON)
        assert drift(field) == []

    def test_dropped_the_repository_holds_again(self, field: World) -> None:
        put(field, "parameter", "load", "size", 7)
        assert field.write(lambda tx: overrides.remove(tx, FIELD, "parameter", "load", "size"))
        assert not field.write(lambda tx: overrides.remove(tx, FIELD, "parameter", "load", "size"))
        assert field.trigger("load").parameters["size"] == 1


class TestExpiry:
    def test_a_parameter_ends_at_its_time(self, field: World) -> None:
        put(field, "parameter", "load", "size", 7, until=NOON + timedelta(hours=2))
        field.clock.advance(hours=2, seconds=-1)
        assert field.trigger("load").parameters["size"] == 7
        field.clock.advance(seconds=1)
        assert field.trigger("load").parameters["size"] == 1
        assert drift(field) == []
        assert planned(field, FIELD_PLAN) == {}

    def test_a_pause_ends_by_itself_and_what_it_held_back_goes_on(self, field: World) -> None:
        waiting = field.trigger("load")
        until = NOON + timedelta(minutes=30)
        field.write(lambda tx: pausing.pause(tx, FIELD, "load", None, ANN, "the file is late", until))
        field.register()
        assert field.claim() == []
        assert Scheduler().tick(field.store, field.clock.now()) == until
        field.clock.advance(minutes=30)
        Scheduler().tick(field.store, field.clock.now())
        assert drift(field) == []
        assert [job.run.id for job in field.claim()] == [waiting.id]

    def test_a_pause_that_was_lengthened_meanwhile_goes_on(self, field: World) -> None:
        soon, late = NOON + timedelta(minutes=5), NOON + timedelta(hours=5)
        pause = field.write(lambda tx: pausing.pause(tx, FIELD, "load", "hourly", ANN, None, soon))
        field.clock.advance(minutes=6)
        field.write(lambda tx: pausing.pause(tx, FIELD, "load", "hourly", ANN, None, late))
        field.write(lambda tx: pausing.end_pause(tx, FIELD, pause, "system:scheduler"))
        assert [one.override.until for one in drift(field)] == [late]


class TestApplying:
    def test_another_release_keeps_it_and_says_so(self, field: World) -> None:
        put(field, "parameter", "load", "size", 7, reason="a small night")
        put(field, "variable", "who", None, "iowa")
        wanted = project(replace(LOAD, parameters={"size": 3, "who": "x"}), variables={"who": "utah"})
        assert planned(field, wanted) == {"load size": None, "who None": None}
        answer = field.apply(wanted)
        assert [(one["declared"], one["kept"]) for one in answer["overrides"]] == [(3, True), ("utah", True)]
        assert field.trigger("load").parameters["size"] == 7

    @pytest.mark.parametrize(
        ("after", "why"),
        [
            (project(variables={"who": "ohio"}), "the deployment left the repository"),
            (project(replace(LOAD, parameter_schema={"properties": {"who": {}}}, schedules=())), "takes no such"),
            (project(replace(LOAD, parameters={"size": 7}, schedules=()), variables={"who": "o"}), "says the same"),
        ],
    )
    def test_what_ends_it_is_told_before_and_after(self, field: World, after: Snapshot, why: str) -> None:
        put(field, "parameter", "load", "size", 7)
        assert why in (planned(field, after)["load size"] or "")
        [told] = field.apply(after)["overrides"]
        assert (told["kept"], why in told["why"]) == (False, True)
        field.apply(FIELD_PLAN)
        assert drift(field) == []

    def test_a_schedule_that_says_otherwise_is_still_overridden(self, field: World) -> None:
        put(field, "parameter", "load", "size", 1)
        assert planned(field, FIELD_PLAN) == {"load size": None}

    def test_a_pause_that_the_repository_takes_over_is_no_override_any_more(self, field: World) -> None:
        field.write(lambda tx: pausing.pause(tx, FIELD, "load", "hourly", ANN))
        held = project(replace(LOAD, schedules=(replace(HOURLY, paused=True),)), variables={"who": "ohio"})
        assert planned(field, held) == {"load hourly": "the repository says the same"}
        field.apply(held)
        assert drift(field) == []
        assert follow_later(field) == []
        field.apply(FIELD_PLAN)
        assert follow_later(field) != []

    def test_a_plan_made_before_somebody_overrode_something_is_refused(self, field: World) -> None:
        before = [to_plain(one.override) for one in drift(field)]
        put(field, "parameter", "load", "size", 7, reason="a small night")
        with pytest.raises(Conflict, match=r"admin:ann overrode deployment load, parameter size \(a small night\)"):
            field.apply(project(), expected_overrides=before)
        now = [to_plain(one.override) for one in drift(field)]
        field.write(lambda tx: overrides.remove(tx, FIELD, "parameter", "load", "size"))
        with pytest.raises(Conflict, match="the override of parameter load, size ended"):
            field.apply(project(), expected_overrides=now)
        assert field.apply(project(), expected_overrides=[])["changed"]

    def test_the_slower_of_two_is_told_what_the_other_did(self, field: World) -> None:
        other: DeploymentSpec = deployment("other")
        field.apply(project(LOAD, other, variables={"who": "ohio"}), commit="c" * 40, author="Bea")
        with pytest.raises(Conflict, match="release 2 by Bea, commit cccccccccc") as caught:
            field.apply(project(), expected_release=1)
        assert "+ deployment other" in caught.value.what


def follow_later(world: World) -> list[Any]:
    world.clock.advance(hours=1)
    return follow(world)
