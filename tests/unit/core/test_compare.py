from dataclasses import replace

from hypothesis import given, settings

from tests.unit.core.snapshots import snapshots
from turnout.core.compare import compare, empty
from turnout.core.operations import Change, Create, Remove, apply_operations
from turnout.core.plain import same
from turnout.core.snapshot import DeploymentSpec, PoolSpec, Snapshot

LOAD = DeploymentSpec(name="load", flow_name="load", entrypoint="flows/a.py:load", parameters={"size": 1, "who": "x"})
NOW = Snapshot(project="field", variables={"size": 12}, pools={"default": PoolSpec()}, deployments={"load": LOAD})


@settings(max_examples=30, deadline=None)
@given(snapshots(), snapshots())
def test_applied_to_the_one_the_operations_give_the_other(current: Snapshot, wanted: Snapshot) -> None:
    assert same(apply_operations(compare(current, wanted), current), wanted)


@settings(max_examples=30, deadline=None)
@given(snapshots())
def test_the_first_apply_creates_everything(wanted: Snapshot) -> None:
    operations = compare(None, wanted)
    assert same(apply_operations(operations, empty(wanted)), wanted)
    assert not any(isinstance(operation, Remove) for operation in operations)


@settings(max_examples=30, deadline=None)
@given(snapshots())
def test_nothing_is_done_where_nothing_differs(snapshot: Snapshot) -> None:
    assert compare(snapshot, snapshot) == ()


@settings(max_examples=30, deadline=None)
@given(snapshots(), snapshots())
def test_what_was_applied_needs_nothing_more(current: Snapshot, wanted: Snapshot) -> None:
    applied = apply_operations(compare(current, wanted), current)
    assert compare(applied, wanted) == ()


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
