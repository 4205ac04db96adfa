from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.core.snapshots import edits, renamings, shuffled, snapshots
from turnout.core.compare import canonical, compare, empty, renames
from turnout.core.operations import Change, Create, Remove, Rename, apply_operations
from turnout.core.plain import same
from turnout.core.snapshot import DeploymentSpec, PoolSpec, ScheduleSpec, Snapshot

LOAD = DeploymentSpec(name="load", flow_name="load", entrypoint="flows/a.py:load", parameters={"size": 1, "who": "x"})
NOW = Snapshot(project="field", variables={"size": 12}, pools={"default": PoolSpec()}, deployments={"load": LOAD})

pytestmark = pytest.mark.timeout(600)  # two thousand cases, on machines under load


ORDERS = st.integers(0, 2**32).map(Random)


@settings(max_examples=1_900, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), snapshots(), ORDERS)
def test_an_edit_is_told_and_done_whole(data: st.DataObject, current: Snapshot, chance: Random) -> None:
    check(current, data.draw(edits(current)), chance)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(snapshots(), snapshots(), ORDERS)
def test_anything_becomes_anything_else(current: Snapshot, wanted: Snapshot, chance: Random) -> None:
    check(current, wanted, chance)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), snapshots(), ORDERS)
def test_a_renaming_is_told_and_done_whole_there_and_back(
    data: st.DataObject, current: Snapshot, chance: Random
) -> None:
    new, renamed = data.draw(renamings(current))
    wanted = replace(current, deployments=new)
    check(current, wanted, chance)
    assert renames(current, wanted) == renamed
    told = compare(current, wanted)
    assert {item.was: item.name for item in told if isinstance(item, Rename)} == renamed
    assert not any(isinstance(item, Create | Remove) for item in told)
    without = replace(
        current, deployments={name: replace(spec, was=None) for name, spec in current.deployments.items()}
    )
    check(wanted, without, chance)
    assert renames(wanted, without) == {after: before for before, after in renamed.items()}


def check(current: Snapshot, wanted: Snapshot, chance: Random) -> None:
    """The plan gives what is wanted, once and in any order, and says what it does."""
    operations = compare(current, wanted)
    applied = apply_operations(operations, canonical(current))
    assert same(applied, canonical(wanted))
    assert compare(applied, wanted) == ()
    in_another_order = chance.sample(operations, len(operations))
    assert same(apply_operations(in_another_order, canonical(current)), applied)
    assert compare(applied, shuffled(wanted, chance)) == ()
    assert all(item.fields or isinstance(item, Rename) for item in operations if isinstance(item, Change))


@settings(max_examples=100, deadline=None)
@given(snapshots())
def test_the_first_apply_creates_everything(wanted: Snapshot) -> None:
    operations = compare(None, wanted)
    assert same(apply_operations(operations, empty(wanted)), canonical(wanted))
    assert not any(isinstance(operation, Remove) for operation in operations)
    assert compare(None, wanted) == compare(empty(wanted), wanted)


def test_the_order_of_a_list_is_no_difference_and_that_of_a_value_is() -> None:
    daily, weekly = ScheduleSpec(slug="daily", cron="0 6 * * *"), ScheduleSpec(slug="weekly", cron="0 6 * * 1")
    two, turned = (replace(LOAD, tags=tags, schedules=them) for tags, them in (
        (("a", "b"), (daily, weekly)), (("b", "a"), (weekly, daily))
    ))  # fmt: skip
    assert compare(replace(NOW, deployments={"load": two}), replace(NOW, deployments={"load": turned})) == ()
    one, other = (replace(LOAD, parameters={"states": states}) for states in (["OH", "MI"], ["MI", "OH"]))
    assert compare(replace(NOW, deployments={"load": one}), replace(NOW, deployments={"load": other})) != ()


def test_a_parameter_that_becomes_null_is_told() -> None:
    [change] = compare(
        NOW, replace(NOW, deployments={"load": replace(LOAD, parameters={**LOAD.parameters, "of": None})})
    )
    assert isinstance(change, Change)
    assert [(field.path, field.before, field.after) for field in change.fields] == [("parameters.of", None, None)]


def test_an_integer_that_becomes_true_is_a_change() -> None:
    [change] = compare(NOW, replace(NOW, variables={"size": True}))
    assert isinstance(change, Change)
    assert (change.kind, change.name, change.before, change.after) == ("variable", "size", 12, True)
    [close] = compare(replace(NOW, variables={"size": 1}), replace(NOW, variables={"size": True}))
    assert isinstance(close, Change)


def test_names_are_in_order_kinds_as_they_depend_on_each_other() -> None:
    wanted = replace(NOW, timezone="UTC", variables={"b": 1, "a": 2}, deployments={"zeta": replace(LOAD, name="zeta")})
    told = [(type(operation), operation.kind, operation.name) for operation in compare(NOW, wanted)]
    assert told == [
        (Change, "project", "field"),
        (Create, "variable", "a"),
        (Create, "variable", "b"),
        (Remove, "variable", "size"),
        (Remove, "deployment", "load"),
        (Create, "deployment", "zeta"),
    ]


def test_a_renamed_one_is_no_removal_and_no_creation() -> None:
    new = replace(LOAD, name="fetch", was="load", retries=2)
    [told] = compare(NOW, replace(NOW, deployments={"fetch": new}))
    assert isinstance(told, Rename)
    assert (told.was, told.name, [field.path for field in told.fields]) == ("load", "fetch", ["retries"])
    assert (
        compare(replace(NOW, deployments={"fetch": new}), replace(NOW, deployments={"fetch": replace(new, was=None)}))
        == ()
    )


def test_what_it_was_says_nothing_of_what_is_still_there_or_never_was() -> None:
    new = replace(LOAD, name="fetch", was="load")
    [created] = compare(NOW, replace(NOW, deployments={"load": LOAD, "fetch": new}))
    assert isinstance(created, Create)
    [removed] = compare(
        replace(NOW, deployments={"load": LOAD, "fetch": new}), replace(NOW, deployments={"fetch": new})
    )
    assert isinstance(removed, Remove)
    assert removed.apart == "fetch"
    [fresh] = compare(replace(NOW, deployments={}), replace(NOW, deployments={"fetch": new}))
    assert isinstance(fresh, Create)


def test_the_history_of_one_goes_on_in_one_only() -> None:
    two = {name: replace(LOAD, name=name, was="load") for name in ("b", "a")}
    told = compare(NOW, replace(NOW, deployments=two))
    assert [(type(item), item.name) for item in told] == [(Rename, "a"), (Create, "b")]
