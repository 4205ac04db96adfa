"""Limits over HTTP: slots that tasks take, runs that race for a limit, pauses."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.test_api_runs import AT, journal
from tests.serving import PROJECT, Served, apply, deployment, register, served, snapshot
from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core import errors
from turnout.core.jobs import Job
from turnout.core.records import Page, RunFilter
from turnout.core.snapshot import LimitSpec, LimitUse, ScheduleSpec
from turnout.core.states import RunState

RACERS = 50
LIMIT = 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[HttpAdminApi]:
    daily = ScheduleSpec(slug="daily", cron="0 6 * * *")
    with server.admin() as admin:
        apply(
            admin,
            snapshot(
                deployment("load", schedules=(daily,)),
                deployment("send", limits=(LimitUse(name="api"),)),
                limits={"api": LimitSpec(concurrency=LIMIT), "one": LimitSpec(concurrency=1)},
            ),
        )
        yield admin


def running(server: Served, api: HttpAdminApi) -> Job:
    api.trigger("load", namespace=PROJECT)
    with server.worker() as worker:
        register(worker)
        (job,) = worker.claim(worker_id="w1", key="k", slots=1, wait=5)
    with server.run(job.token) as mine:
        mine.ship(job.run.id, 1, 0, 0, journal(job, ["s", 0, "running", AT, None]))
    return job


def test_a_task_waits_for_its_slot_and_is_woken(server: Served, api: HttpAdminApi) -> None:
    job = running(server, api)
    with server.run(job.token) as mine, ThreadPoolExecutor(1) as pool:
        assert mine.acquire_slot(job.run.id, 1, "one", "a")
        assert not mine.acquire_slot(job.run.id, 1, "one", "b")
        waiting = pool.submit(mine.acquire_slot, job.run.id, 1, "one", "b", wait=20)
        while api.limits(PROJECT)[-1].waiting != 1:
            assert not waiting.done()
        mine.release_slot(job.run.id, 1, "one", "a")
        assert waiting.result(10)
        (one,) = [it for it in api.limits(PROJECT) if it.name == "one"]
        assert [(it.run_name, it.holder) for it in one.holders] == [(job.run.name, "b")]


def test_a_limit_that_is_not_there_and_a_fenced_token(server: Served, api: HttpAdminApi) -> None:
    job = running(server, api)
    with server.run(job.token) as mine:
        with pytest.raises(errors.NotFound, match="did you mean 'one'"):
            mine.acquire_slot(job.run.id, 1, "on", "a")
        assert mine.acquire_slot(job.run.id, 1, "one", "a")
        mine.report(job.run.id, 1, "lost", "gone")
        assert [it.held for it in api.limits(PROJECT)] == [0, 0]
        with pytest.raises(errors.Fenced):
            mine.acquire_slot(job.run.id, 1, "one", "a")


def test_a_paused_schedule_and_deployment_over_http(server: Served, api: HttpAdminApi) -> None:
    paused = api.pause("load", PROJECT, "daily", "holiday")
    assert (paused.schedule, paused.reason, paused.by) == ("daily", "holiday", "admin:admin")
    api.pause("load", PROJECT, None)
    assert [pause.schedule for pause in api.pauses(PROJECT)] == [None, "daily"]
    run = api.trigger("load", namespace=PROJECT)
    assert "is paused by admin:admin" in (run.wait_reason or "")
    with server.worker() as worker:
        register(worker)
        assert worker.claim(worker_id="w1", key="k1", slots=1, wait=0) == []
        assert api.resume("load", PROJECT, None)
        assert [job.run.id for job in worker.claim(worker_id="w1", key="k2", slots=1, wait=5)] == [run.id]
    with pytest.raises(errors.NotFound, match="it has: daily"):
        api.pause("load", PROJECT, "nightly")
    assert api.resume("load", PROJECT, "daily")
    assert not api.resume("load", PROJECT, "daily")


def test_the_priority_of_a_trigger(api: HttpAdminApi) -> None:
    assert api.trigger("load", namespace=PROJECT, priority=9).priority == 9
    with pytest.raises(errors.ParameterError):
        api.trigger("load", namespace=PROJECT, priority=1001)


class Overlaps:
    """How many hold at once, counted where they hold, beside the server and its database."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._now = 0
        self.most = self.entered = 0

    def enter(self) -> None:
        with self._gate:
            self._now += 1
            self.entered += 1
            self.most = max(self.most, self._now)

    def leave(self) -> None:
        with self._gate:
            self._now -= 1


def test_fifty_workers_never_hold_more_than_the_limit(server: Served, api: HttpAdminApi) -> None:
    """Every run enters the count once it is claimed and leaves before its end is told, so a slot that is given twice
    shows, however the server counts."""
    runs = [api.trigger("send", namespace=PROJECT, idempotency_key=f"k{n}") for n in range(RACERS + 10)]
    overlaps = Overlaps()
    go = threading.Barrier(RACERS)

    def race(number: int) -> None:
        name = f"racer-{number}"
        with server.worker() as worker:
            register(worker, name, capacity=2)
            go.wait(30)
            claim = 0
            while overlaps.entered < len(runs):
                claim += 1
                for job in worker.claim(worker_id=name, key=f"{name}-{claim}", slots=2, wait=0.5):
                    overlaps.enter()
                    execute(server, job, overlaps)

    def execute(server: Served, job: Job, overlaps: Overlaps) -> None:
        with server.run(job.token) as mine:
            mine.ship(job.run.id, 1, 0, 0, journal(job, ["s", 0, "running", AT, None]))
            overlaps.leave()
            mine.ship(job.run.id, 1, 0, 2, b'["s",0,"completed",%f,null]\n["e",%f]\n' % (AT, AT))

    with ThreadPoolExecutor(RACERS) as pool:
        for raced in [pool.submit(race, number) for number in range(RACERS)]:
            raced.result(120)
    assert overlaps.entered == len(runs), "each run is executed once"
    assert 1 < overlaps.most <= LIMIT
    done = api.runs(RunFilter(deployment="send", states=(RunState.COMPLETED,)), Page(limit=200))
    assert {run.id for run in done} == {run.id for run in runs}
    assert [(it.name, it.held, it.waiting) for it in api.limits(PROJECT)] == [("api", 0, 0), ("one", 0, 0)]


def test_fifty_tasks_never_hold_more_than_the_limit(server: Served, api: HttpAdminApi) -> None:
    job, overlaps = running(server, api), Overlaps()

    def work(mine: HttpWorkApi, number: int) -> None:
        holder = f"task-{number}"
        while not mine.acquire_slot(job.run.id, 1, "api", holder, wait=20):
            pass
        overlaps.enter()
        overlaps.leave()
        mine.release_slot(job.run.id, 1, "api", holder)

    with server.run(job.token) as mine, ThreadPoolExecutor(RACERS) as pool:
        for done in [pool.submit(work, mine, number) for number in range(RACERS)]:
            done.result(120)
    assert overlaps.entered == RACERS
    assert overlaps.most <= LIMIT
    assert [(it.held, it.waiting) for it in api.limits(PROJECT)] == [(0, 0), (0, 0)]
