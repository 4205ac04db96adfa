"""Several servers on one PostgreSQL database and nothing else: any of them answers for all."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.postgres import Cluster, start_cluster
from tests.serving import PROJECT, Served, apply, deployment, field_plan, register, served, snapshot
from turnout.core.errors import StoreLocked, StoreUnavailable
from turnout.core.jobs import Job
from turnout.core.records import Page, RunFilter
from turnout.core.snapshot import ScheduleSpec
from turnout.core.states import RunState


@pytest.fixture(params=[True, False], ids=["notify", "polling"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> Iterator[tuple[Served, Served]]:
    """Two servers with the standard services, each with a data folder of its own."""
    common = {"services": None, "database_url": postgres_url, "database_notify": request.param}
    with served(tmp_path / "one", **common) as one, served(tmp_path / "two", **common) as two:
        with one.admin() as api:
            apply(api, field_plan())
        yield one, two


def claimed(server: Served, key: str = "k") -> Job:
    with server.worker() as worker:
        register(worker)
        [job] = worker.claim(worker_id="w1", key=key, slots=1, wait=20)
    return job


def trigger(server: Served, name: str = "turf") -> str:
    with server.admin() as api:
        return api.trigger(name, namespace=PROJECT).id


def test_what_one_server_was_told_the_other_answers(pair: tuple[Served, Served]) -> None:
    one, two = pair
    run_id = trigger(one)
    with two.admin() as api:
        assert api.run(run_id).state == RunState.SCHEDULED
        assert api.snapshot(PROJECT) is not None


def test_tokens_and_logins_of_one_are_good_for_the_other(pair: tuple[Served, Served]) -> None:
    one, two = pair
    with two.http(one.token()) as client:
        assert client.get("/api/v1/runs").status_code == 200
    with two.http("tn_admin_" + "A" * 43) as client:
        assert client.get("/api/v1/runs").status_code == 401
    with one.admin() as api, two.http() as browser:
        link = api.login_link()
        assert browser.get(link.replace(one.url, two.url)).status_code == 303
        assert browser.get("/api/v1/runs").status_code == 200
    with Served(two.ready, one.folder).worker() as worker:
        register(worker)


def test_a_claim_is_repeated_at_another_server_and_executed_through_it(pair: tuple[Served, Served]) -> None:
    one, two = pair
    run_id = trigger(one)
    job = claimed(one)
    again = claimed(two)
    assert (again.run.id, again.run.attempt) == (job.run.id, job.run.attempt) == (run_id, 1)
    with two.run(again.token) as mine:
        assert mine.heartbeat(run_id, 1, wait=0).command is None


def test_a_worker_that_waits_at_one_gets_what_the_other_was_told(pair: tuple[Served, Served]) -> None:
    one, two = pair
    jobs: list[Job] = []
    waiter = threading.Thread(target=lambda: jobs.append(claimed(two)))
    waiter.start()
    run_id = trigger(one)
    waiter.join(60)
    assert [job.run.id for job in jobs] == [run_id]


def test_cancelling_through_one_reaches_the_heartbeat_at_the_other(pair: tuple[Served, Served]) -> None:
    one, two = pair
    run_id = trigger(one)
    job = claimed(one)
    commands: list[object] = []

    def wait_for_command() -> None:
        with two.run(job.token) as mine:
            while not commands or commands[-1] is None:
                commands.append(mine.heartbeat(run_id, 1, wait=14).command)

    waiter = threading.Thread(target=wait_for_command)
    waiter.start()
    with one.admin() as api:
        api.cancel(run_id, "enough")
    waiter.join(60)
    assert commands[-1] is not None


def test_each_occurrence_of_a_schedule_becomes_one_run(tmp_path: Path, postgres_url: str) -> None:
    common = {"services": None, "database_url": postgres_url}
    ticking = deployment("load", schedules=(ScheduleSpec(slug="tick", every=1.0),))
    with (
        served(tmp_path / "one", **common) as one,
        served(tmp_path / "two", **common) as two,
        one.admin() as api,
        two.admin() as other,
    ):
        apply(api, snapshot(ticking))
        found: list[object] = []
        while len(found) < 4:
            runs = other.runs(RunFilter(project=PROJECT.project), Page(limit=100))
            found = sorted(run.occurrence for run in runs if run.occurrence)
        assert len(set(found)) == len(found)
        gaps = {later - earlier for earlier, later in pairwise(found)}  # type: ignore[operator]
        assert gaps == {timedelta(seconds=1)}


def test_a_folder_serves_one_server(tmp_path: Path, postgres_url: str) -> None:
    again = served(tmp_path, database_url=postgres_url)
    with served(tmp_path, database_url=postgres_url), pytest.raises(StoreLocked), again:
        pass


def test_a_token_that_was_replaced_is_refused_everywhere(tmp_path: Path, postgres_url: str) -> None:
    with served(tmp_path / "two", database_url=postgres_url) as two:
        with served(tmp_path / "one", database_url=postgres_url) as one:
            old = one.token()
        with two.http(old) as client:
            assert client.get("/api/v1/runs").status_code == 200
        (tmp_path / "one" / "admin.token").unlink()
        with served(tmp_path / "one", database_url=postgres_url) as one, two.http(old) as client:
            assert one.token() != old
            assert client.get("/api/v1/runs").status_code == 401


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with start_cluster() as cluster:
        yield cluster


def test_while_the_database_is_away_requests_are_told_to_come_again(tmp_path: Path, own_cluster: Cluster) -> None:
    with served(tmp_path, database_url=own_cluster.create()) as server, server.http(server.token()) as client:
        assert client.get("/api/v1/runs").status_code == 200
        own_cluster.stop()
        for _ in range(2):
            answer = client.get("/api/v1/runs")
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
            assert answer.headers["retry-after"]
        own_cluster.start()
        assert client.get("/api/v1/runs").status_code == 200


def test_a_server_does_not_start_without_its_database(tmp_path: Path) -> None:
    url = f"postgresql://ann:s3cret@/turnout?host={tmp_path}"
    with pytest.raises(StoreUnavailable) as caught, served(tmp_path, database_url=url):
        pass
    assert "s3cret" not in str(caught.value)
