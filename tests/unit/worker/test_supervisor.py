"""Supervisors, flows and their processes, for real; only the engine and the server are stand-ins."""

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.disk_full.room import small_disk, why_not
from tests.unit.worker.running import Running, new_job
from tests.unit.worker.stub_server import StubServer
from turnout.worker import clock, process_tree
from turnout.worker.jobspec import build_order
from turnout.worker.room import NO_ROOM
from turnout.worker.spool_files import AttemptFiles, is_locked

can_mount = pytest.mark.skipif(why_not() is not None, reason="no file system can be mounted here")


def test_completed_run_is_shipped_and_its_files_are_deleted(running: Running, stub: StubServer) -> None:
    job = new_job("hello")
    files = running.start(job)
    assert running.ended(files) == ("exit code 0", 0)
    assert stub.outcome(job.run.id) == "completed"
    assert stub.entries(job.run.id)[-1][0] == "e"
    assert stub.reports == []
    assert os.listdir(running.spool) == []


def test_output_is_captured_in_stream_one(running: Running, stub: StubServer) -> None:
    job = new_job("show")
    running.ended(running.start(job))
    entries = [entry for entry in stub.entries(job.run.id, 1, 1)[1:] if entry[0] == "l"]
    by_logger = {name: [entry[5] for entry in entries if entry[4] == name] for name in ("stdout", "stderr")}
    assert by_logger["stderr"] == ["to stderr"]
    assert by_logger["stdout"][:2] == ["to stdout", "bytes \\xff\x00 end"]
    assert by_logger["stdout"][2] == "x" * 63_900 + " ... [cut by turnout: 100,000 bytes in all]"
    assert by_logger["stdout"][3] == "no newline"
    assert stub.entries(job.run.id, 1, 1)[0]["stream"] == 1
    assert stub.entries(job.run.id, 1, 1)[-1][0] == "e"


def test_environment_is_reduced_and_holds_no_token(running: Running, stub: StubServer) -> None:
    job = new_job("environment")
    running.ended(running.start(job, {"VAN_API_KEY": "k-123456"}))
    lines = [entry[5] for entry in stub.entries(job.run.id)[1:] if entry[0] == "l"]
    names = {line.partition("=")[0] for line in lines}
    assert {"PATH", "HOME", "VAN_API_KEY", "TURNOUT_RUN", "TURNOUT_DATA"} <= names
    assert not any(job.token in line for line in lines)
    assert "bytecode=False" in lines


def test_secrets_are_masked_in_output(running: Running, stub: StubServer) -> None:
    job = new_job("secret_out")
    running.ended(running.start(job, {"VAN_API_KEY": "k-123456"}, ["k-123456"]))
    assert stub.output(job.run.id) == ["the key is ********"]


def test_killed_flow_is_reported_lost_with_the_signal(running: Running, stub: StubServer) -> None:
    job = new_job("kill_itself")
    running.ended(running.start(job))
    [(_, _, event, reason)] = stub.reports
    assert event == "lost"
    assert reason.startswith("killed by signal 9 (SIGKILL)")
    assert any(entry[-1] == "ready" for entry in stub.entries(job.run.id)[1:])


def test_exit_code_is_reported_with_the_last_line(running: Running, stub: StubServer) -> None:
    running.ended(running.start(new_job("exit_three")))
    [(_, _, event, reason)] = stub.reports
    assert (event, reason) == ("lost", "exit code 3; the last line on stderr: about to go")


BODIES = ["sleep", "ignore_term", "spin", "native", "threads", "daemon", "tree"]


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_cancel_ends_every_process(running: Running, stub: StubServer, body: str) -> None:
    job = new_job(body)
    files = running.start(job)
    running.ready(job)
    stub.cancel(job.run.id, "enough")
    assert running.ended(files, 15.0)[1] == 0
    if stub.outcome(job.run.id) is None:
        assert [(event, reason) for _, _, event, reason in stub.reports] == [("cancelled", "enough")]
    else:
        assert stub.outcome(job.run.id) == "cancelled"
        assert stub.reports == []
    assert process_tree.marked(files.name) == []


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_timeout_ends_every_process_and_names_the_line(running: Running, stub: StubServer, body: str) -> None:
    job = new_job(body, timeout=0.5)
    files = running.start(job)
    assert running.ended(files, 15.0)[1] == 0
    [(_, _, event, reason)] = stub.reports
    assert event == "failed"
    assert re.fullmatch(rf"timed out after 0.5 s in {body} at bodies\.py:\d+", reason), reason
    assert process_tree.marked(files.name) == []


@pytest.mark.slow
def test_task_deadline_names_the_task(running: Running, stub: StubServer) -> None:
    job = new_job("announce_deadline")
    running.ended(running.start(job), 15.0)
    [(_, _, event, reason)] = stub.reports
    assert event == "failed"
    assert re.fullmatch(r"timed out after 0\.[12]\d* s in load_rows at bodies\.py:\d+", reason), reason


@pytest.mark.slow
def test_cleared_deadline_has_no_effect(running: Running, stub: StubServer) -> None:
    job = new_job("keep_deadline")
    running.ended(running.start(job), 15.0)
    assert stub.outcome(job.run.id) == "completed"
    assert stub.reports == []


@pytest.mark.slow
def test_what_a_finished_flow_left_running_is_killed(running: Running, stub: StubServer) -> None:
    job = new_job("leave_behind")
    files = running.start(job)
    assert running.ended(files, 15.0)[1] == 0
    assert stub.outcome(job.run.id) == "completed"
    assert process_tree.marked(files.name) == []


@pytest.mark.parametrize("body", ["sleep", "native", "daemon", "tree"])
def test_killed_supervisor_takes_everything_with_it(running: Running, stub: StubServer, body: str) -> None:
    job = new_job(body)
    files = running.start(job)
    running.ready(job)
    leader = process_tree.read_leader(files.supervisor)
    assert leader is not None
    os.kill(leader.pid, signal.SIGKILL)
    assert running.ended(files)[1] is None
    stub.until(lambda: not process_tree.marked(files.name) and not running.processes())
    assert files.job.exists()
    assert not is_locked(files.stream(0))


def test_fenced_run_is_killed_and_its_journal_kept(running: Running, stub: StubServer) -> None:
    job = new_job("sleep")
    files = running.start(job)
    running.ready(job)
    with stub.changed:
        stub.fenced.add((job.run.id, job.token))
        stub.changed.notify_all()
    assert running.ended(files)[1] == 3
    assert files.job.exists()
    assert files.stream(0).exists()
    assert stub.reports == []


@pytest.mark.slow
def test_server_that_is_away_is_not_noticed(running: Running, stub: StubServer) -> None:
    job = new_job("steadily")
    files = running.start(job)
    running.ready(job)
    port = stub.port
    stub.close()
    assert not running.exits
    again = StubServer(port)
    try:
        again.lines = stub.lines
        running.stub = again
        assert running.ended(files) == ("exit code 0", 0)
        logged = [entry[5] for entry in again.entries(job.run.id)[1:] if entry[0] == "l"]
        assert logged == ["ready", *(f"line {number}" for number in range(150))]
    finally:
        again.close()


def test_an_answer_that_is_lost_on_the_way_is_missed_while_the_lease_holds(
    running: Running, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a network that swallows one request for a moment is the death of a run."""
    real, came, over = stub.on_heartbeat, [], threading.Event()

    def swallow(run_id: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        came.append(json.loads(body)["wait"])
        if 2 <= len(came) <= 3:
            over.wait(60)
        return real(run_id, query, body)

    monkeypatch.setattr(stub, "on_heartbeat", swallow)
    job = new_job("sleep")
    files = running.start(job)
    stub.until(lambda: len(came) >= 4)  # gives up long before the client's own patience would
    stub.cancel(job.run.id)
    running.ended(files)
    over.set()
    assert came[2:4] == [0, 0]  # those that follow a loss are answered at once


def test_refused_line_is_replaced_and_the_rest_arrives(running: Running, stub: StubServer) -> None:
    stub.too_large = 200_000
    job = new_job("count")
    running.ended(running.start(job))
    logged = [entry[5] for entry in stub.entries(job.run.id)[1:] if entry[0] == "l"]
    assert logged[:2000] == [f"line {number}" for number in range(2000)]
    assert "refused and is not stored" in logged[2000]
    assert logged[2001:] == [f"line {number}" for number in range(2000, 4000)]
    assert stub.outcome(job.run.id) == "completed"


@pytest.fixture
def small(stub: StubServer) -> Iterator[Running]:
    """Everything of the worker on a disk of six megabytes: as much as any of these flows prints."""
    with small_disk(6) as room:
        made = Running(room.folder, stub)
        yield made
        made.close()


@can_mount
def test_output_that_a_full_disk_has_no_room_for_reaches_the_server(small: Running, stub: StubServer) -> None:
    job = new_job("print_on_full_disk")
    small.ended(small.start(job))
    assert sorted(stub.output(job.run.id)) == ["one", "two"]
    assert stub.entries(job.run.id, 1, 1)[0]["run"] == job.run.id
    assert stub.outcome(job.run.id) == "completed"


@can_mount
def test_a_flood_of_output_that_finds_no_room_arrives_whole(small: Running, stub: StubServer) -> None:
    job = new_job("flood_full_disk")
    small.ended(small.start(job))
    assert stub.output(job.run.id) == [str(number) for number in range(50_000)]


@can_mount
def test_a_supervisor_that_finds_no_room_says_that_nothing_was_begun(stub: StubServer) -> None:
    with small_disk(1) as room:
        running = Running(room.folder, stub)
        stub.checkpoints = b"x" * (2 << 20)
        job = new_job("hello", resume=True)
        files = running.start(job)
        assert running.ended(files)[1] == NO_ROOM
        assert not files.stream(0).exists()
        running.close()


def test_resumed_run_gets_its_checkpoints_before_it_starts(running: Running, stub: StubServer) -> None:
    stub.checkpoints = b'{"key": "load#0"}\n'
    job = new_job("read_checkpoints", resume=True)
    running.ended(running.start(job))
    assert stub.entries(job.run.id)[2][5] == '{"key": "load#0"}\n'


def test_second_start_of_an_attempt_does_nothing(running: Running, stub: StubServer) -> None:
    job = new_job("sleep")
    files = running.start(job)
    running.ready(job)
    running.start(job)
    assert running.ended(files)[1] == 4
    running.exits.clear()
    stub.cancel(job.run.id)
    assert running.ended(files)[1] == 0


def test_attempt_that_was_given_back_is_not_started(running: Running, stub: StubServer) -> None:
    job = new_job("hello")
    files = AttemptFiles(running.spool, job.run.id, 1)
    order = build_order(
        job, surroundings=running.surroundings, bundle_dir=None, secrets={}, mask=[], claimed_at=clock.monotonic()
    )
    running.backend.submit(files.name, order)
    assert running.ended(files)[1] == 4
    assert stub.lines == {}


def test_late_attempt_that_lost_its_lease_does_not_start(running: Running, stub: StubServer) -> None:
    job = new_job("hello")
    stub.fenced.add((job.run.id, job.token))
    assert running.ended(running.start(job, late=60.0))[1] == 0
    assert stub.lines == {}
    assert os.listdir(running.spool) == []


def test_late_attempt_that_was_cancelled_does_not_start(running: Running, stub: StubServer) -> None:
    job = new_job("hello")
    stub.cancel(job.run.id, "never mind")
    assert running.ended(running.start(job, late=60.0))[1] == 0
    assert [(event, reason) for _, _, event, reason in stub.reports] == [("cancelled", "never mind")]
    assert stub.lines == {}


def test_late_attempt_that_holds_its_lease_starts(running: Running, stub: StubServer) -> None:
    job = new_job("hello")
    running.ended(running.start(job, late=60.0))
    assert stub.outcome(job.run.id) == "completed"
