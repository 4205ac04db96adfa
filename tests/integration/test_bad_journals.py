"""Batches of a journal that are malformed, cut, out of order, sent twice, interleaved or fenced, over HTTP."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import PROJECT, Served, apply, deployment, register, served, snapshot
from turnout.client import HttpAdminApi
from turnout.core.jobs import Job
from turnout.core.journal import PROTOCOL
from turnout.core.limits import JOURNAL_BATCH_BYTES
from turnout.worker.run_client import RunClient
from turnout.worker.shipping import Shipper
from turnout.worker.spool_files import AttemptFiles


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A claimed run, its people and its executor."""

    server: Served
    api: HttpAdminApi
    job: Job
    http: httpx.Client

    def send(self, first: int, *lines: bytes, stream: int = 2) -> httpx.Response:
        path = f"/api/v1/work/runs/{self.job.run.id}/journal"
        where = {"attempt": self.job.run.attempt, "stream": stream, "first": first}
        return self.http.post(path, params=where, content=b"".join(line + b"\n" for line in lines))

    def said(self) -> list[str]:
        """The messages of the log, in order."""
        lines, _ = self.api.logs(self.job.run.id)
        return [line.message for line in lines]

    def acked(self, first: int, *lines: bytes, stream: int = 2) -> int:
        answer = self.send(first, *lines, stream=stream)
        assert answer.status_code == 200, answer.text
        found: int = answer.json()["acked"]
        return found


@pytest.fixture
def attempt(tmp_path: Path) -> Iterator[Attempt]:
    with served(tmp_path / "data") as server, server.admin() as api, server.worker() as worker:
        apply(api, snapshot(deployment("load")))
        register(worker)
        made = api.trigger("load", namespace=PROJECT)
        [job] = worker.claim(worker_id="w1", key="k", slots=1, wait=5)
        assert job.run.id == made.id
        with server.http(job.token) as http:
            yield Attempt(server=server, api=api, job=job, http=http)


def header(stream: int = 2) -> bytes:
    return json.dumps({"protocol": PROTOCOL, "stream": stream, "at": 1.5}).encode()


def log(message: str) -> bytes:
    return json.dumps(["l", 0, 1.5, 20, "x", message]).encode()


def refusal(answer: httpx.Response, status: int) -> dict[str, Any]:
    """A refusal that says where and what to do."""
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    assert problem["fix"]
    return problem


def test_a_malformed_line_stores_nothing_of_its_batch_and_the_stream_goes_on(attempt: Attempt) -> None:
    assert attempt.acked(0, header(), log("a")) == 1
    problem = refusal(attempt.send(2, log("b"), b'["l", 0', log("c")), 422)
    assert "line 3" in problem["detail"]
    assert problem["where"]
    assert attempt.said() == ["a"]
    assert attempt.acked(2, log("b"), log("c")) == 3
    assert attempt.said() == ["a", "b", "c"]


def test_a_gap_is_told_with_the_line_that_is_missing(attempt: Attempt) -> None:
    attempt.acked(0, header(), log("a"))
    problem = refusal(attempt.send(5, log("z")), 409)
    assert "2 to 4" in problem["detail"]
    assert "from 2" in problem["fix"]
    assert attempt.acked(2, log("b")) == 2
    assert attempt.said() == ["a", "b"]


def test_a_batch_that_comes_again_late_or_overlapping_is_stored_once(attempt: Attempt) -> None:
    attempt.acked(0, header(), log("a"), log("b"))
    assert attempt.acked(0, header(), log("a"), log("b")) == 2
    assert attempt.acked(1, log("a")) == 2
    assert attempt.acked(2, log("b"), log("c")) == 3
    assert attempt.said() == ["a", "b", "c"]


def test_streams_do_not_wait_for_each_other(attempt: Attempt) -> None:
    attempt.acked(0, header(2), stream=2)
    attempt.acked(0, header(3), log("three"), stream=3)
    refusal(attempt.send(1, b"{", stream=2), 422)
    assert attempt.acked(2, log("three again"), stream=3) == 2
    assert attempt.acked(1, log("two"), stream=2) == 1
    assert sorted(attempt.said()) == ["three", "three again", "two"]


def test_a_batch_that_was_cut_or_is_too_large_is_refused_whole(attempt: Attempt) -> None:
    attempt.acked(0, header())
    path = f"/api/v1/work/runs/{attempt.job.run.id}/journal?attempt=1&stream=2&first=1"
    refusal(attempt.http.post(path, content=log("a") + b"\n" + log("b")[:-3]), 422)
    refusal(attempt.http.post(path, content=b"x" * (JOURNAL_BATCH_BYTES + 1)), 413)
    assert attempt.said() == []
    assert attempt.acked(1, log("a")) == 1


def test_a_fenced_attempt_is_told_to_stop_and_changes_nothing(attempt: Attempt) -> None:
    attempt.acked(0, header(0), b'["s", 0, "running", 1.5, null]', stream=0)
    with attempt.server.worker() as worker:
        worker.report(attempt.job.run.id, 1, "lost", "it was gone")
    attempt.api.retry(attempt.job.run.id)
    problem = refusal(attempt.send(2, b'["s", 0, "completed", 1.5, null]', stream=0), 409)
    assert problem["code"] == "fenced"
    assert attempt.api.run(attempt.job.run.id).state == "scheduled"


def test_a_shipper_gets_everything_but_the_bad_line_across(attempt: Attempt, tmp_path: Path) -> None:
    files = AttemptFiles(tmp_path, attempt.job.run.id, 1)
    lines = [header(), *(b"\0\0\0" if number == 700 else log(str(number)) for number in range(1500))]
    files.stream(2).write_bytes(b"".join(line + b"\n" for line in lines))
    client = RunClient(attempt.server.url, attempt.job.token)
    assert Shipper(files, client).ship_all() == 1501
    client.close()
    said = attempt.said()
    expected = [str(number) for number in range(1500) if number != 700]
    assert said[:700] + said[701:] == expected[: len(said) - 1]
    assert "refused" in said[700]
