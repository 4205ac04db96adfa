"""What every `core.ports.AdminApi` promises, over HTTP and in process alike."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.serving import PROJECT, deployment, field_plan, packed, served, snapshot
from turnout.core import errors
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace, Page, RunFilter
from turnout.core.snapshot import ConnectionSpec, Snapshot
from turnout.core.states import RunState
from turnout.local import open_local
from turnout.orchestration.bulk import PORTION
from turnout.settings import Settings

NO_RUN = "0" * 32


@pytest.fixture(params=["http", "local"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AdminApi]:
    if request.param == "http":
        with served(tmp_path) as server, server.admin() as admin:
            yield admin
    else:
        with open_local(Settings(data_dir=tmp_path)) as admin:
            yield admin


@pytest.fixture
def plan(api: AdminApi) -> Snapshot:
    apply(api, field_plan())
    return field_plan()


def apply(api: AdminApi, wanted: Snapshot, **given: object) -> int:
    sent = {"bundle": None, "commit": "8970c6b", "author": "Ada", "message": "m", "allow_removals": True, **given}
    return int(api.apply(wanted, **sent)["release"])  # type: ignore[arg-type]


def test_before_the_first_release_everything_is_empty(api: AdminApi) -> None:
    assert api.snapshot(PROJECT) is None
    assert api.deployments() == []
    assert api.workers() == []
    assert api.runs(RunFilter(), Page()) == []
    assert api.releases(PROJECT, Page()) == []


def test_a_release_is_planned_applied_and_read(api: AdminApi) -> None:
    names = {item["name"] for item in api.plan(field_plan())["operations"] if item["kind"] == "deployment"}
    assert names == set(field_plan().deployments)
    assert apply(api, field_plan()) == 1
    assert api.snapshot(PROJECT) == (1, field_plan())
    assert api.plan(field_plan())["operations"] == []
    assert apply(api, field_plan()) == 1, "nothing to change makes no release"
    assert apply(api, snapshot(deployment("load"))) == 2
    assert [release.number for release in api.releases(PROJECT, Page())] == [2, 1]
    assert [item.name for item in api.deployments(PROJECT)] == ["load"]
    assert api.deployments(Namespace(project="other")) == []


def test_a_release_that_moved_meanwhile_is_a_conflict(api: AdminApi, plan: Snapshot) -> None:
    with pytest.raises(errors.Conflict):
        apply(api, snapshot(deployment("load")), expected_release=7)
    assert api.snapshot(PROJECT) == (1, plan)


def test_an_earlier_release_is_looked_at_and_gone_back_to(api: AdminApi, plan: Snapshot) -> None:
    apply(api, snapshot(deployment("load")))
    offered = api.plan_rollback(PROJECT, None)
    assert (offered["release"]["number"], offered["plan"]["release"]) == (1, 2)
    assert {item["op"] for item in offered["plan"]["operations"]} >= {"create"}
    with pytest.raises(errors.Conflict):
        api.rollback(PROJECT, 1, expected_release=1)
    assert api.rollback(PROJECT, None, expected_release=2)["release"] == 3
    assert api.snapshot(PROJECT) == (3, plan)
    with pytest.raises(errors.NotFound):
        api.rollback(PROJECT, 99)
    with pytest.raises(errors.NotFound):
        api.plan_rollback(Namespace(project="other"), None)


def test_a_bundle_has_to_be_there_and_to_be_what_it_says(api: AdminApi) -> None:
    digest, content = packed({"flows/load.py": b"code"})
    with pytest.raises(errors.Conflict):
        apply(api, field_plan(), bundle=digest)
    with pytest.raises(errors.Conflict):
        api.put_bundle(digest, b"other")
    api.put_bundle(digest, content)
    apply(api, field_plan(), bundle=digest)
    assert api.trigger("load", namespace=PROJECT).spec.bundle == digest


def test_a_run_is_made_read_cancelled_and_retried(api: AdminApi, plan: Snapshot) -> None:
    made = api.trigger("load", namespace=PROJECT, parameters={"states": 3}, tags=["t"])
    assert (made.state, made.parameters, made.tags) == (RunState.SCHEDULED, {"states": 3}, ("nightly", "t"))
    assert made.wait_reason
    assert api.run(made.id) == made
    assert api.deployment("load", PROJECT).last_run == made
    assert (api.tasks(made.id, Page()), api.artifacts(made.id)) == ([], [])
    lines, cursor = api.logs(made.id)
    assert lines == []
    assert cursor is not None, "the run is not over: there may be more"
    assert api.cancel(made.id, "enough").state == RunState.CANCELLED
    assert api.logs(made.id, cursor=cursor) == ([], None)
    again = api.retry(made.id)
    assert (again.attempt, again.state) == (2, RunState.SCHEDULED)
    assert [(step.version, step.state) for step in api.history(made.id)] == [
        (1, "scheduled"), (2, "cancelled"), (3, "scheduled")
    ]  # fmt: skip


def test_what_is_not_there_is_not_found(api: AdminApi, plan: Snapshot) -> None:
    for call in (
        lambda: api.run(NO_RUN),
        lambda: api.history(NO_RUN),
        lambda: api.tasks(NO_RUN, Page()),
        lambda: api.logs(NO_RUN),
        lambda: api.artifacts(NO_RUN),
        lambda: api.cancel(NO_RUN),
        lambda: api.retry(NO_RUN),
        lambda: api.deployment("nothing", PROJECT),
        lambda: api.trigger("nothing", namespace=PROJECT),
        lambda: api.trigger("load", namespace=Namespace(project="other")),
    ):
        with pytest.raises(errors.NotFound):
            call()


def test_parameters_that_do_not_fit_make_no_run(api: AdminApi, plan: Snapshot) -> None:
    for parameters in ({"states": "three"}, {"unknown": 1}):
        with pytest.raises(errors.ParameterError):
            api.trigger("load", namespace=PROJECT, parameters=parameters)
    assert api.runs(RunFilter(), Page()) == []


def test_a_repeated_key_repeats_the_answer(api: AdminApi, plan: Snapshot) -> None:
    keys = ["a", "a", "b"]
    ids = [api.trigger("load", namespace=PROJECT, idempotency_key=key).id for key in keys]
    assert ids[0] == ids[1] != ids[2]


def test_runs_are_filtered_and_paged_newest_first(api: AdminApi, plan: Snapshot) -> None:
    ids = [api.trigger("load", namespace=PROJECT).id for _ in range(5)][::-1]
    api.cancel(ids[0])
    other = api.trigger("export", namespace=PROJECT, due_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert [run.id for run in api.runs(RunFilter(), Page())] == [other.id, *ids]
    assert [run.id for run in api.runs(RunFilter(deployment="load"), Page(limit=2, after=ids[1]))] == ids[2:4]
    assert [run.id for run in api.runs(RunFilter(states=(RunState.CANCELLED,)), Page())] == [ids[0]]
    assert [run.id for run in api.runs(RunFilter(text="expo"), Page())] == [other.id]


def test_a_live_run_cannot_be_retried_nor_a_dead_one_cancelled(api: AdminApi, plan: Snapshot) -> None:
    made = api.trigger("load", namespace=PROJECT)
    with pytest.raises(errors.IllegalTransition):
        api.retry(made.id)
    api.cancel(made.id)
    with pytest.raises(errors.IllegalTransition):
        api.cancel(made.id)


def test_a_cursor_that_nobody_gave_is_refused(api: AdminApi, plan: Snapshot) -> None:
    made = api.trigger("load", namespace=PROJECT)
    with pytest.raises(errors.ParameterError):
        api.logs(made.id, cursor="1; DROP TABLE")


def test_a_connection_is_listed_and_tried(api: AdminApi, tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    broken = tmp_path / "broken.duckdb"
    broken.write_text("county,votes\n" * 1000)
    declared = {
        "broken": ConnectionSpec(type="duckdb", options={"database": str(broken)}),
        "warehouse": ConnectionSpec(type="duckdb", options={"database": "warehouse.duckdb"}),
    }
    apply(api, snapshot(deployment("load", connection="warehouse"), connections=declared))
    assert [(one.name, one.used_by) for one in api.connections(PROJECT)] == [("broken", ()), ("warehouse", ("load",))]
    trial = api.test_connection(PROJECT, "warehouse")
    assert (trial.ok, trial.fix) == (True, None)
    assert trial.where.startswith(f"{tmp_path}/warehouse.duckdb on ")
    trial = api.test_connection(PROJECT, "broken")
    assert not trial.ok
    assert "not a valid DuckDB database" in trial.what
    with pytest.raises(errors.NotFound) as caught:
        api.test_connection(PROJECT, "warehose")
    assert caught.value.fix == "did you mean 'warehouse'?"


@pytest.mark.usefixtures("plan")
def test_runs_that_are_over_are_counted_and_deleted_a_portion_at_a_time(api: AdminApi) -> None:
    made = [
        api.trigger("load", namespace=PROJECT, tags=("keep",) if not number else ()) for number in range(PORTION + 3)
    ]
    waits = api.trigger("load", namespace=PROJECT)
    for run in made:
        api.cancel(run.id)
    where = RunFilter(project=PROJECT.project, environment=PROJECT.environment, not_tags=("keep",))
    counted = api.count_runs(where, "delete")
    assert (counted.states, counted.complete) == ({RunState.CANCELLED: PORTION + 2}, True)
    assert sum(api.count_runs(where).states.values()) == PORTION + 3
    first = api.act_on_runs(where, "delete")
    assert (first.done, first.refused) == (PORTION, ())
    done, after = first.done, first.next
    while after is not None:
        outcome = api.act_on_runs(where, "delete", after)
        done, after = done + outcome.done, outcome.next
    assert done == PORTION + 2
    assert {run.id for run in api.runs(RunFilter(), Page())} == {waits.id, made[0].id}
    with pytest.raises(errors.NotFound):
        api.history(made[1].id)


@pytest.mark.usefixtures("plan")
def test_the_last_run_of_a_deployment_is_not_deleted(api: AdminApi) -> None:
    run = api.trigger("load", namespace=PROJECT)
    api.cancel(run.id)
    outcome = api.act_on_runs(RunFilter(deployment="load"), "delete")
    assert (outcome.done, outcome.next) == (0, None)
    [refusal] = outcome.refused
    assert (refusal.id, refusal.why) == (
        run.id,
        "it is the last run of load, or the last that completed: that one is kept",
    )
    assert api.run(run.id).state == RunState.CANCELLED
