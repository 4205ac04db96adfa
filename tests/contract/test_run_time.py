"""What flows leave with the store: questions and inputs, values, events."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.factories import NAMESPACE, START, ManualClock, new_run
from turnout.core.records import EmittedEvent, Namespace, Question
from turnout.store import Store

OTHER = Namespace(project="other")


@pytest.fixture
def run_id(store: Store) -> str:
    run = new_run()
    store.write(lambda tx: tx.runs.insert(run, "test"))
    return run.id


def question(**changes: Any) -> Question:
    facts = {"key": "pause#0", "form": {"type": "object"}, "description": None, "asked_at": START, "until": None}
    return Question(**{**facts, **changes})


def event(number: int, name: str = "van.loaded", **changes: Any) -> EmittedEvent:
    return EmittedEvent(id=f"{number:032x}", event=name, resource={"id": "van"}, occurred=START, **changes)


def test_a_run_asks_one_question_at_a_time(store: Store, run_id: str) -> None:
    assert store.read(lambda tx: tx.inputs.question(run_id)) is None
    store.write(lambda tx: tx.inputs.ask(run_id, question()))
    later = question(key="pause#1", form=None, description="Ready?", until=START + timedelta(hours=1))
    store.write(lambda tx: tx.inputs.ask(run_id, later))
    assert store.read(lambda tx: tx.inputs.question(run_id)) == later
    store.write(lambda tx: tx.inputs.settle(run_id))
    assert store.read(lambda tx: tx.inputs.question(run_id)) is None


def test_only_suspended_runs_are_overdue(store: Store, clock: ManualClock, run_id: str) -> None:
    store.write(lambda tx: tx.inputs.ask(run_id, question(until=START + timedelta(seconds=1))))
    clock.advance(2)
    assert store.read(lambda tx: tx.inputs.overdue(10)) == [], "the run is scheduled"


def test_a_run_is_told_each_key_once_in_order(store: Store, run_id: str) -> None:
    assert store.write(lambda tx: tx.inputs.put(run_id, "int-b", {"value": [1, None, "é"]}, "flow:x"))
    assert store.write(lambda tx: tx.inputs.put(run_id, "int-a", 2, None))
    assert not store.write(lambda tx: tx.inputs.put(run_id, "int-a", 3, None))
    assert store.write(lambda tx: tx.inputs.put(run_id, "str-a", "x", None))
    told = store.read(lambda tx: tx.inputs.told(run_id, "int-", 0, 10))
    assert [(each.number, each.key, each.value, each.sender) for each in told] == [
        (1, "int-b", {"value": [1, None, "é"]}, "flow:x"),
        (2, "int-a", 2, None),
    ]
    assert [each.number for each in store.read(lambda tx: tx.inputs.told(run_id, "", 1, 1))] == [2]
    assert store.read(lambda tx: tx.inputs.told("0" * 32, "", 0, 10)) == []


def test_values_are_set_read_and_forgotten_by_namespace_and_kind(store: Store) -> None:
    for content in ({"rows": 1}, [1, 2], None, "x"):
        store.write(lambda tx, content=content: tx.values.put(NAMESPACE, "variable", "b", content, ["t"], "me"))  # type: ignore[misc]
    store.write(lambda tx: tx.values.put(NAMESPACE, "variable", "a", 1, (), "me"))
    found = store.read(lambda tx: tx.values.get(NAMESPACE, "variable", "b"))
    assert found is not None
    assert (found.content, found.tags, found.changed_at, found.changed_by) == ("x", ("t",), START, "me")
    assert [value.name for value in store.read(lambda tx: tx.values.all(NAMESPACE, "variable"))] == ["a", "b"]
    assert store.read(lambda tx: tx.values.get(OTHER, "variable", "b")) is None
    assert store.read(lambda tx: tx.values.all(NAMESPACE, "block.x")) == []
    assert not store.write(lambda tx: tx.values.remove(OTHER, "variable", "b"))
    assert store.write(lambda tx: tx.values.remove(NAMESPACE, "variable", "b"))
    assert not store.write(lambda tx: tx.values.remove(NAMESPACE, "variable", "b"))


def test_events_are_told_once_and_read_in_the_order_of_their_coming(store: Store) -> None:
    assert store.write(lambda tx: tx.events.add(NAMESPACE, event(2, payload={"n": 1}, follows="f", run_id="r")))
    assert store.write(lambda tx: tx.events.add(NAMESPACE, event(1, related=({"id": "x"},))))
    assert store.write(lambda tx: tx.events.add(OTHER, event(3)))
    assert store.write(lambda tx: tx.events.add(NAMESPACE, event(4, "export.done")))
    assert not store.write(lambda tx: tx.events.add(NAMESPACE, event(2, "again")))
    found = store.read(lambda tx: tx.events.after(NAMESPACE, 0, "", 10))
    assert [(each.seq, each.id[-1], each.event) for each in found] == [
        (1, "2", "van.loaded"), (2, "1", "van.loaded"), (4, "4", "export.done"),
    ]  # fmt: skip
    assert (found[0].payload, found[0].follows, found[0].run_id, found[0].received) == ({"n": 1}, "f", "r", START)
    assert [dict(each) for each in found[1].related] == [{"id": "x"}]
    assert [each.seq for each in store.read(lambda tx: tx.events.after(NAMESPACE, 1, "van.", 10))] == [2]


def test_old_events_are_removed(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: tx.events.add(NAMESPACE, event(1)))
    clock.advance(10)
    store.write(lambda tx: tx.events.add(NAMESPACE, event(2)))
    assert store.write(lambda tx: tx.retention.remove_emitted(START + timedelta(seconds=5), 10)) == 1
    assert store.write(lambda tx: tx.retention.remove_emitted(START + timedelta(seconds=5), 10)) == 0
    assert [each.seq for each in store.read(lambda tx: tx.events.after(NAMESPACE, 0, "", 10))] == [2]
