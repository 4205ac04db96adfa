"""A deployment that gets another name: `Projects.rename_deployment`, `Values.rename`."""

from datetime import timedelta

import pytest

from tests.contract.factories import NAMESPACE, START, ManualClock, deploy, deployment, insert, new_run, start
from tests.contract.test_projects import OTHER, schedule
from turnout.core.ports import Store, Tx
from turnout.core.records import OVERRIDE, FlowRun, Page, Pause, RunFilter
from turnout.core.states import RunState


def renamed(store: Store, name: str = "load", new: str = "fetch") -> None:
    store.write(lambda tx: tx.projects.rename_deployment(NAMESPACE, name, new))


def run_of(store: Store, run: FlowRun) -> FlowRun:
    found = store.read(lambda tx: tx.runs.get(run.id))
    assert found is not None
    return found


def test_the_deployment_its_schedules_and_its_last_start_move(store: Store) -> None:
    spec, other = deployment("load"), deployment("export")
    applied = store.write(lambda tx: deploy(tx, spec, other))
    store.write(lambda tx: tx.projects.set_last_automatic_start(NAMESPACE, "load", START))
    store.write(lambda tx: [tx.projects.put_schedule(schedule(deployment=name)) for name in ("load", "export")])
    renamed(store)
    assert store.read(lambda tx: tx.projects.deployment(NAMESPACE, "load")) is None
    assert store.read(lambda tx: tx.projects.deployment(NAMESPACE, "fetch")) == (spec, applied)
    assert store.read(lambda tx: tx.projects.since(NAMESPACE)) == {"export": applied, "fetch": applied}
    assert store.read(lambda tx: tx.projects.last_automatic_start(NAMESPACE, "fetch")) == START
    assert store.read(lambda tx: tx.projects.last_automatic_start(NAMESPACE, "load")) is None
    assert store.read(lambda tx: tx.projects.schedules(NAMESPACE, "load")) == []
    assert store.read(lambda tx: tx.projects.all_schedules(NAMESPACE)) == [
        schedule(deployment="export"),
        schedule(deployment="fetch"),
    ]


def test_a_write_that_follows_sees_the_new_name(store: Store) -> None:
    def look(tx: Tx) -> list[bool]:
        return [tx.projects.deployment(NAMESPACE, name) is not None for name in ("load", "fetch")]

    store.write(lambda tx: deploy(tx, deployment("load")))
    assert store.write(look) == [True, False]
    renamed(store)
    assert store.write(look) == [False, True]


def test_pauses_move_as_they_are(store: Store) -> None:
    pauses = [
        Pause(deployment=name, schedule=slug, at=START, by="ann", reason="why", until=START + timedelta(hours=1))
        for name, slug in (("export", None), ("load", None), ("load", "nightly"))
    ]
    store.write(lambda tx: [tx.projects.pause(NAMESPACE, pause) for pause in pauses])
    renamed(store)
    found = store.read(lambda tx: tx.projects.pauses(NAMESPACE))
    assert [(pause.deployment, pause.schedule) for pause in found] == [
        ("export", None), ("fetch", None), ("fetch", "nightly")
    ]  # fmt: skip
    assert {(pause.at, pause.by, pause.reason, pause.until) for pause in found} == {
        (START, "ann", "why", START + timedelta(hours=1))
    }


def test_runs_move_whatever_their_state_and_change_in_nothing_else(store: Store) -> None:
    def fill(tx: Tx) -> list[FlowRun]:
        waiting = insert(tx, deployment="load")
        live = start(tx, insert(tx, deployment="load"))
        over = start(tx, insert(tx, deployment="load"), RunState.COMPLETED)
        return [waiting, live, over, insert(tx, deployment="export"), insert(tx, environment="staging")]

    store.write(lambda tx: deploy(tx, deployment("load"), deployment("export")))
    before = store.write(fill)
    stored = [run_of(store, run) for run in before]
    history = store.read(lambda tx: tx.runs.history(before[1].id))
    renamed(store)
    after = [run_of(store, run) for run in before]
    assert [run.deployment for run in after] == ["fetch", "fetch", "fetch", "export", "load"]
    assert [vars(run) | {"deployment": ""} for run in after] == [vars(run) | {"deployment": ""} for run in stored]
    assert store.read(lambda tx: tx.runs.history(before[1].id)) == history
    where = RunFilter(project="field", environment="production", deployment="fetch")
    assert len(store.read(lambda tx: tx.runs.find(where, Page()))) == 3
    assert store.read(lambda tx: tx.runs.latest(NAMESPACE, "load")) is None
    assert store.read(lambda tx: list(tx.runs.recent(NAMESPACE, 5))) == ["export", "fetch"]
    assert [run.id for run in store.read(lambda tx: tx.runs.live(NAMESPACE, "fetch"))] == [before[1].id]
    assert store.read(lambda tx: tx.runs.latest(OTHER, "load")) is not None


def test_waiting_runs_stand_in_the_lane_of_the_new_name_unless_they_are_held_back(store: Store) -> None:
    def fill(tx: Tx) -> list[str]:
        plain = insert(tx, deployment="load").id
        marked = insert(tx, ("van",), deployment="load", tags=("van", "x")).id
        alike = insert(tx, ("van",), deployment="fetch", tags=("van", "x"), environment="staging").id
        tx.runs.hold(NAMESPACE, "load", None)
        held = insert(tx, deployment="load", pool=None).id
        tx.runs.set_lanes({"default/production/load": [plain], _mark(tx, alike, "load"): [marked]})
        return [plain, marked, held]

    def _mark(tx: Tx, run_id: str, name: str) -> str:
        lane = next(head.lane for head in tx.runs.heads("field") if head.id == run_id)
        return f"default/production/{name}{lane.removeprefix('default/staging/fetch')}"

    plain, marked, held = store.write(fill)
    renamed(store)
    lanes = {run.id: run.lane for run in store.read(lambda tx: tx.runs.waiting(NAMESPACE, "fetch"))}
    assert lanes[plain] == "default/production/fetch"
    assert (lanes[marked] or "").startswith("default/production/fetch#")
    assert lanes[held] is None
    heads = {head.id: (head.lane, head.deployment) for head in store.read(lambda tx: tx.runs.heads("field", "default"))}
    assert heads[plain] == ("default/production/fetch", "fetch")


def test_an_occurrence_has_its_run_under_the_new_name(store: Store) -> None:
    run = store.write(lambda tx: insert(tx, schedule="nightly", occurrence=START))
    renamed(store)
    again = new_run(deployment="fetch", schedule="nightly", occurrence=START)
    assert not store.write(lambda tx: tx.runs.insert(again, "system:scheduler"))
    fresh = new_run(deployment="load", schedule="nightly", occurrence=START)
    assert store.write(lambda tx: tx.runs.insert(fresh, "system:scheduler"))
    assert run_of(store, run).occurrence == START


def test_what_an_earlier_one_of_that_name_ran_is_in_nobodys_way(store: Store) -> None:
    earlier = store.write(lambda tx: insert(tx, deployment="fetch", schedule="nightly", occurrence=START))
    run = store.write(lambda tx: insert(tx, deployment="load", schedule="nightly", occurrence=START))
    renamed(store)
    assert (run_of(store, run).deployment, run_of(store, run).occurrence) == ("fetch", START)
    assert (run_of(store, earlier).deployment, run_of(store, earlier).occurrence) == ("fetch", None)
    assert run_of(store, earlier).schedule == "nightly"


def test_there_and_back_is_where_it_began(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load")))
    store.write(lambda tx: tx.projects.put_schedule(schedule()))
    run = store.write(lambda tx: insert(tx, schedule="nightly", occurrence=START))
    stored = run_of(store, run)
    lanes = store.read(lambda tx: tx.runs.waiting(NAMESPACE))
    renamed(store)
    renamed(store, "fetch", "load")
    assert run_of(store, run) == stored
    assert store.read(lambda tx: tx.runs.waiting(NAMESPACE)) == lanes
    assert store.read(lambda tx: tx.projects.schedules(NAMESPACE, "load")) == [schedule()]


def test_a_value_is_renamed_with_its_author_and_time(store: Store, clock: ManualClock) -> None:
    put = store.write(lambda tx: tx.values.put(NAMESPACE, OVERRIDE, "a", {"value": 1}, ("t",), "ann"))
    store.write(lambda tx: tx.values.put(NAMESPACE, OVERRIDE, "b", {"value": 2}, (), "bob"))
    clock.advance(60)
    assert store.write(lambda tx: len(tx.values.all(NAMESPACE, OVERRIDE))) == 2
    store.write(lambda tx: tx.values.rename(NAMESPACE, OVERRIDE, "a", "b"))
    for ask in (store.read, store.write):
        [found] = ask(lambda tx: tx.values.all(NAMESPACE, OVERRIDE))
        assert (found.name, found.content, found.changed_by) == ("b", {"value": 1}, "ann")
        assert found.changed_at == put.changed_at
    store.write(lambda tx: tx.values.rename(NAMESPACE, OVERRIDE, "gone", "c"))
    assert len(store.read(lambda tx: tx.values.all(NAMESPACE, OVERRIDE))) == 1


def test_any_number_of_runs_move(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.store.projects.PORTION", 2)
    made = store.write(lambda tx: [insert(tx).id for _ in range(5)])
    renamed(store)
    where = RunFilter(project="field", deployment="fetch")
    assert [run.id for run in store.read(lambda tx: tx.runs.find(where, Page()))] == made[::-1]
