import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.worker.running import new_job
from turnout.core import errors
from turnout.worker import process_tree
from turnout.worker.jobspec import job_file
from turnout.worker.orphans import attempts_of, drain, give_back, refuse, survey
from turnout.worker.spool_files import AttemptFiles, jobs_in, try_lock, write_private


class Api:
    """The calls of a drain. `error` is raised by every one of them, once set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.shipped: list[bytes] = []
        self.reports: list[tuple[str, str]] = []

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        if self.error:
            raise self.error
        self.shipped.append(lines)
        return first + lines.count(b"\n") - 1

    def report(self, run_id: str, attempt: int, event: str, reason: str) -> None:
        self.reports.append((event, reason))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a drain does not call {name}")


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    job = new_job()
    made = AttemptFiles(tmp_path, job.run.id, 1)
    write_private(made.job, job_file(job, "w1"))
    return made


def test_survey_tells_alive_dead_and_unstarted(files: AttemptFiles) -> None:
    assert survey([files]).unstarted == [files]
    files.stream(0).touch()
    assert survey([files]).dead == [files]
    lock = try_lock(files.supervisor, create=True)
    assert lock is not None
    assert survey([files]).alive == [files]
    os.close(lock)


def test_only_jobs_of_these_workers(files: AttemptFiles) -> None:
    broken = AttemptFiles(files.spool, "0" * 32, 1)
    broken.job.write_text("{")
    (files.spool / "note.job").touch()
    found = jobs_in(files.spool)
    assert [each.name for each in attempts_of(found, {"w1"})] == [files.name]
    assert attempts_of(found, {"w2"}) == []


def test_journal_without_an_outcome_is_shipped_and_reported_lost(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b'{}\n["s",0,"running",1,null]\ntorn')
    api = Api()
    assert drain(files, api, "its supervisor was killed") == "done"
    assert api.shipped == [b'{}\n["s",0,"running",1,null]\n']
    assert api.reports == [("lost", "its supervisor was killed")]
    assert list(files.spool.iterdir()) == []


def test_flow_that_told_its_outcome_is_not_reported(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b'{}\n["s",0,"completed",1,null]\n["e",1]\n')
    api = Api()
    assert drain(files, api, "?") == "done"
    assert api.reports == []


def test_refused_start_is_a_failed_run_in_the_journal(files: AttemptFiles) -> None:
    refuse(files, json.loads(files.job.read_bytes()), "no value for the secret van.api_key")
    api = Api()
    assert drain(files, api, "?") == "done"
    lines = [json.loads(line) for line in b"".join(api.shipped).splitlines()]
    assert lines[0]["flow"] == "hello"
    assert lines[2][:3] == ["s", 0, "failed"]
    assert lines[2][4] == {"reason": "no value for the secret van.api_key"}
    assert lines[3][0] == "e"


def test_server_that_is_away_changes_nothing(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"{}\n")
    with pytest.raises(errors.ServerUnreachable):
        drain(files, Api(errors.ServerUnreachable()), "?")
    assert files.job.exists()
    assert files.stream(0).exists()


@pytest.mark.parametrize("error", [errors.NotFound(), errors.Forbidden()])
def test_what_the_server_does_not_want_is_put_aside(files: AttemptFiles, error: Exception) -> None:
    files.stream(0).write_bytes(b"{}\n")
    assert drain(files, Api(error), "?") == "refused"
    assert sorted(path.name for path in (files.spool / "refused").iterdir()) == [f"{files.name}.0", f"{files.name}.job"]
    assert jobs_in(files.spool) == []


def test_supervised_attempt_is_left_alone(files: AttemptFiles) -> None:
    lock = try_lock(files.supervisor, create=True)
    assert lock is not None
    assert drain(files, Api(), "?") == "alive"
    assert not give_back(files)
    os.close(lock)
    assert files.job.exists()


def test_started_attempt_is_not_given_back(files: AttemptFiles) -> None:
    files.stream(0).touch()
    assert not give_back(files)
    files.stream(0).unlink()
    assert give_back(files)
    assert list(files.spool.iterdir()) == []


def test_processes_of_the_attempt_are_killed_first(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"{}\n")
    environ = {"PATH": os.environ["PATH"], process_tree.MARK: files.name}
    child = subprocess.Popen(["sleep", "600"], env=environ, start_new_session=True)
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        assert drain(files, Api(), "?", sleep=lambda seconds: (child.poll(), time.sleep(seconds))[1]) == "done"
        assert child.wait(10) == -9
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
