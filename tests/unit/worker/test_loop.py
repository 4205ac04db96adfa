"""The loop with real processes: what it claims runs, what is left over is accounted for."""

import errno
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.looping import LoopProcess, LoopThread, build, bundled_job
from tests.unit.worker.running import as_json, new_job
from tests.unit.worker.stub_server import StubServer
from turnout.core.jobs import Job
from turnout.worker import bundles, loop, orphans, process_tree, room
from turnout.worker.spool_files import AttemptFiles, is_locked, jobs_in


@pytest.fixture
def worker(tmp_path: Path, stub: StubServer) -> Iterator[LoopThread]:
    running = LoopThread(build(tmp_path, stub.url))
    yield running
    if running.thread.is_alive():
        running.stop("stop")
    assert jobs_in(tmp_path / "spool") == []


def give(stub: StubServer, body: str, **options: object) -> Job:
    job = bundled_job(stub, body, **options)
    stub.give(as_json(job))
    return job


def ready(stub: StubServer, job: Job) -> None:
    stub.until(lambda: any(entry[-1] == "ready" for entry in stub.entries(job.run.id)[1:]))


def files_of(tmp_path: Path, job: Job) -> AttemptFiles:
    return AttemptFiles(tmp_path / "spool", job.run.id, job.run.attempt)


def leader_of(stub: StubServer, files: AttemptFiles) -> int:
    leader = stub.until(lambda: process_tree.read_leader(files.supervisor))
    return int(leader.pid)


def test_claimed_runs_are_executed_with_their_bundle(worker: LoopThread, stub: StubServer) -> None:
    jobs = [give(stub, "hello") for _ in range(6)]
    stub.until(lambda: all(stub.outcome(job.run.id) == "completed" for job in jobs))
    assert [body["worker_id"] for body in stub.registered] == ["w1"]
    assert stub.reports == []


def test_a_registration_that_an_older_one_overtook_is_made_anew(
    tmp_path: Path, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = stub.on_register, []

    def on_register(body: dict[str, Any]) -> tuple[int, Any]:
        if not refused or body["session"] in refused:
            refused.append(body["session"])
            return 409, {"code": "conflict", "detail": "this registration is older than what the worker asked since"}
        return real(body)

    monkeypatch.setattr(stub, "on_register", on_register)
    worker = LoopThread(build(tmp_path, stub.url))
    job = give(stub, "hello")
    stub.until(lambda: stub.outcome(job.run.id) == "completed")
    worker.stop()
    assert len(refused) == 1


def test_no_more_runs_than_capacity(tmp_path: Path, stub: StubServer) -> None:
    worker = LoopThread(build(tmp_path, stub.url, capacity=2))
    jobs = [give(stub, "sleep") for _ in range(3)]
    ready(stub, jobs[0])
    ready(stub, jobs[1])
    assert len(stub.jobs) == 1
    stub.cancel(jobs[0].run.id)
    ready(stub, jobs[2])
    worker.stop("stop")


def test_full_worker_lets_the_server_hear_of_it(
    tmp_path: Path, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PRESENCE_SECONDS", 0.05)
    worker = LoopThread(build(tmp_path, stub.url, capacity=1))
    job = give(stub, "sleep")
    ready(stub, job)
    stub.until(lambda: stub.asked_for[-3:] == [0, 0, 0])
    stub.cancel(job.run.id)
    after = give(stub, "hello")
    stub.until(lambda: stub.outcome(after.run.id) == "completed")
    worker.stop("stop")


def test_missing_secret_fails_the_run_in_words(worker: LoopThread, stub: StubServer) -> None:
    job = replace(bundled_job(stub, "hello"), secrets={"gone": ("key",)})
    stub.give(as_json(job))
    stub.until(lambda: stub.outcome(job.run.id) == "failed")
    [state] = [entry for entry in stub.entries(job.run.id)[1:] if entry[0] == "s"]
    assert "no value for the secret gone.key" in state[4]["reason"]
    assert "turnout secret set" in state[4]["reason"]


def test_a_database_that_is_away_is_waited_for(worker: LoopThread, stub: StubServer) -> None:
    stub.without_database = {"/claim": 2, "/bundles/": 3}
    job = give(stub, "hello")
    stub.until(lambda: stub.outcome(job.run.id))
    assert stub.outcome(job.run.id) == "completed"
    assert not any(stub.without_database.values())


def test_missing_bundle_fails_the_run_and_the_worker_goes_on(worker: LoopThread, stub: StubServer) -> None:
    job = new_job("hello")
    job = replace(job, run=replace(job.run, spec=replace(job.run.spec, bundle="a" * 64)))
    stub.give(as_json(job))
    stub.until(lambda: stub.outcome(job.run.id) == "failed")
    after = give(stub, "hello")
    stub.until(lambda: stub.outcome(after.run.id) == "completed")


FULL = OSError(errno.ENOSPC, "no space left on device")


class FullDisk:
    """What the worker is told of its disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self._write = loop.write_private
        monkeypatch.setattr(loop, "write_private", self.write)
        monkeypatch.setattr(room, "has_room", lambda folder: not self.full)
        monkeypatch.setattr(room, "LOOK_SECONDS", 0.05)

    def write(self, path: Path, content: bytes) -> None:
        if self.full:
            raise FULL
        self._write(path, content)


def test_a_run_that_a_full_disk_has_no_room_for_is_given_back(
    worker: LoopThread, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PRESENCE_SECONDS", 0.05)
    disk = FullDisk(monkeypatch)
    before = give(stub, "sleep")
    ready(stub, before)
    disk.full = True
    after = give(stub, "hello")
    stub.until(lambda: len(stub.registered) == 2)
    assert stub.registered[1]["holding"] == [[before.run.id, 1]]
    stub.until(lambda: stub.asked_for[-3:] == [0, 0, 0])  # it is there, and takes nothing
    disk.full = False
    stub.give(as_json(after))
    stub.until(lambda: stub.outcome(after.run.id) == "completed")
    assert stub.reports == []
    stub.cancel(before.run.id)
    stub.until(lambda: stub.outcome(before.run.id) == "cancelled")


def test_a_server_that_is_away_hears_later_what_was_given_back(
    worker: LoopThread, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "REFUSED_SECONDS", 0.05)
    disk = FullDisk(monkeypatch)
    disk.full = True
    stub.until(lambda: stub.registered)
    stub.without_database = {"/register": 3}
    job = give(stub, "hello")
    stub.until(lambda: len(stub.registered) == 2)
    disk.full = False
    stub.give(as_json(job))
    stub.until(lambda: stub.outcome(job.run.id) == "completed")


def test_a_run_whose_code_finds_no_room_is_given_back(
    worker: LoopThread, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes, folder: Path) -> None:
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(bundles, "unpack", full)
        patched.setattr(room, "has_room", lambda folder: False)
        patched.setattr(room, "LOOK_SECONDS", 0.05)
        job = give(stub, "hello")
        stub.until(lambda: len(stub.registered) == 2)
        assert stub.registered[1]["holding"] == []
    stub.give(as_json(job))
    stub.until(lambda: stub.outcome(job.run.id) == "completed")
    assert stub.reports == []


def test_a_run_that_cannot_be_refused_on_a_full_disk_is_given_back(
    worker: LoopThread, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FULL

    job = replace(bundled_job(stub, "hello"), secrets={"gone": ("key",)})
    with monkeypatch.context() as patched:
        patched.setattr(orphans, "refuse", full)
        patched.setattr(room, "LOOK_SECONDS", 0.05)
        stub.give(as_json(job))
        stub.until(lambda: len(stub.registered) == 2)
    stub.give(as_json(job))
    stub.until(lambda: stub.outcome(job.run.id) == "failed")


def test_killed_supervisor_is_accounted_for(worker: LoopThread, stub: StubServer, tmp_path: Path) -> None:
    job = give(stub, "daemon")
    ready(stub, job)
    os.kill(leader_of(stub, files_of(tmp_path, job)), signal.SIGKILL)
    stub.until(lambda: stub.reports)
    [(_, _, event, reason)] = stub.reports
    assert event == "lost"
    assert "killed by signal 9" in reason
    stub.until(lambda: not process_tree.marked(f"{job.run.id}.1"))


def test_killed_zygote_is_replaced_and_its_runs_go_on(worker: LoopThread, stub: StubServer) -> None:
    job = give(stub, "sleep")
    ready(stub, job)
    zygote = worker.loop._backend._zygote
    assert zygote is not None
    os.kill(zygote.pid, signal.SIGKILL)
    after = give(stub, "hello")
    stub.until(lambda: stub.outcome(after.run.id) == "completed")
    assert stub.outcome(job.run.id) is None
    stub.cancel(job.run.id)
    stub.until(lambda: stub.outcome(job.run.id) == "cancelled")
    stub.until(lambda: not worker.loop._state.attempts)


def test_worker_started_before_its_server_waits(tmp_path: Path, stub: StubServer) -> None:
    port = stub.port
    stub.close()
    worker = LoopThread(build(tmp_path, f"http://127.0.0.1:{port}"))
    late = StubServer(port)
    try:
        job = give(late, "hello")
        late.until(lambda: late.outcome(job.run.id) == "completed")
    finally:
        worker.stop("stop")
        late.close()


@pytest.mark.slow
def test_restarted_worker_adopts_what_goes_on(tmp_path: Path, stub: StubServer) -> None:
    first = LoopProcess(tmp_path, stub.url)
    job = give(stub, "sleep")
    ready(stub, job)
    supervisor = leader_of(stub, files_of(tmp_path, job))
    first.kill()
    second = LoopThread(build(tmp_path, stub.url))
    stub.until(lambda: len(stub.registered) == 2)
    assert stub.registered[1]["holding"] == [[job.run.id, 1]]
    assert leader_of(stub, files_of(tmp_path, job)) == supervisor
    assert is_locked(files_of(tmp_path, job).supervisor)
    stub.cancel(job.run.id)
    stub.until(lambda: stub.outcome(job.run.id) == "cancelled")
    stub.until(lambda: not second.loop._state.attempts)
    second.stop()
    assert jobs_in(tmp_path / "spool") == []


@pytest.mark.slow
def test_everything_killed_is_drained_by_the_next_worker(tmp_path: Path, stub: StubServer) -> None:
    first = LoopProcess(tmp_path, stub.url)
    jobs = [give(stub, body) for body in ("daemon", "tree", "count")]
    ready(stub, jobs[0])
    ready(stub, jobs[1])
    supervisors = [leader_of(stub, files_of(tmp_path, job)) for job in jobs[:2]]
    first.kill()
    for supervisor in supervisors:
        os.kill(supervisor, signal.SIGKILL)
    stub.until(lambda: stub.outcome(jobs[2].run.id) == "completed")
    second = LoopThread(build(tmp_path, stub.url))
    stub.until(lambda: len(stub.reports) == 2)
    assert {event for _, _, event, _ in stub.reports} == {"lost"}
    stub.until(lambda: not any(process_tree.marked(f"{job.run.id}.1") for job in jobs))
    second.stop()
    assert jobs_in(tmp_path / "spool") == []


def test_attempt_that_never_started_is_given_back(tmp_path: Path, stub: StubServer) -> None:
    from turnout.worker.jobspec import job_file
    from turnout.worker.spool_files import write_private

    (tmp_path / "spool").mkdir()
    job = new_job("hello")
    files = files_of(tmp_path, job)
    write_private(files.job, job_file(job, "w1"))
    other = files_of(tmp_path, new_job("hello"))
    write_private(other.job, job_file(new_job("hello"), "another worker"))
    worker = LoopThread(build(tmp_path, stub.url))
    stub.until(lambda: stub.registered)
    assert stub.registered[0]["holding"] == []
    assert not files.job.exists()
    assert other.job.exists()
    worker.stop()


def test_term_leaves_runs_alone(tmp_path: Path, stub: StubServer) -> None:
    first = LoopProcess(tmp_path, stub.url)
    job = give(stub, "sleep")
    ready(stub, job)
    first.kill(signal.SIGTERM)
    assert first.process.returncode == 0
    assert is_locked(files_of(tmp_path, job).supervisor)
    stub.cancel(job.run.id)
    stub.until(lambda: stub.outcome(job.run.id) == "cancelled")
    stub.until(lambda: jobs_in(tmp_path / "spool") == [])


def test_drain_waits_for_runs(tmp_path: Path, stub: StubServer) -> None:
    worker = LoopThread(build(tmp_path, stub.url))
    job = give(stub, "steadily")
    ready(stub, job)
    worker.stop("drain")
    assert stub.outcome(job.run.id) == "completed"


def test_stop_ends_runs_as_lost(tmp_path: Path, stub: StubServer) -> None:
    worker = LoopThread(build(tmp_path, stub.url))
    job = give(stub, "sleep")
    ready(stub, job)
    worker.stop("stop")
    assert [event for _, _, event, _ in stub.reports] == ["lost"]
    assert jobs_in(tmp_path / "spool") == []


@pytest.mark.slow
def test_fenced_attempts_lines_are_drained_with_the_workers_token(worker: LoopThread, stub: StubServer) -> None:
    job = give(stub, "steadily")
    ready(stub, job)
    with stub.changed:
        stub.fenced.add((job.run.id, job.token))
        stub.changed.notify_all()
    stub.until(lambda: not worker.loop._state.attempts)
    logged = [entry[5] for entry in stub.entries(job.run.id)[1:] if entry[0] == "l"]
    assert logged[1:] == [f"line {number}" for number in range(len(logged) - 1)]
    stub.until(lambda: stub.reports)
