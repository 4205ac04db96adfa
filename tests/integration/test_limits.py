"""Limits that the server gives out: to scripts beside it, in processes of their own, one of which is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.limits import most_at_once
from tests.faults.cluster import wait_until
from tests.serving import Served, apply, field_plan, served
from turnout.core.snapshot import LimitSpec

PROGRAM = """
import json, sys, time
from turnout import flow, task
from turnout.concurrency.sync import concurrency

@task(per="van-api", limit=7)
def call(seconds):
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()

@flow
def calls():
    return [future.result() for future in [call.submit(0.02) for _ in range(6)]]

@flow
def hold():
    with concurrency("van-api", occupy=2, strict=True):
        print("held", flush=True)
        sys.stdin.readline()

@flow
def unknown():
    with concurrency("nobody", strict=True):
        pass

print(json.dumps({"calls": calls, "hold": hold, "unknown": unknown}[sys.argv[1]]()), flush=True)
"""


class Scripts:
    """Processes beside a server."""

    def __init__(self, server: Served, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.running: list[subprocess.Popen[str]] = []
        (folder / "turnout.yaml").write_text("project: field-plan\nlimits:\n  van-api: {concurrency: 2}\n")
        (folder / "program.py").write_text(PROGRAM)

    def start(self, flow: str) -> subprocess.Popen[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "PYTEST_"))}
        environ["TURNOUT_DATA"] = str(self.server.folder)
        process = subprocess.Popen(
            [sys.executable, "program.py", flow], cwd=self.folder, env=environ, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.running.append(process)
        return process

    def waiting(self) -> int:
        with self.server.admin() as api:
            (limit,) = [each for each in api.limits() if each.kind == "limit" and each.name == "van-api"]
            return limit.waiting


@contextmanager
def beside(server: Served, folder: Path) -> Iterator[Scripts]:
    folder.mkdir()
    with server.admin() as api:
        apply(api, replace(field_plan(), limits={"van-api": LimitSpec(concurrency=2)}))
    made = Scripts(server, folder)
    try:
        yield made
    finally:
        for process in made.running:
            process.kill()
            process.communicate()


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    with served(tmp_path / "data", services=None) as server, beside(server, tmp_path / "scripts") as made:
        yield made


def answer(process: subprocess.Popen[str]) -> list[tuple[float, float]]:
    said, complaints = process.communicate(timeout=90)
    assert process.returncode == 0, complaints
    return [tuple(span) for span in json.loads(said.splitlines()[-1])]


def test_processes_share_what_the_manifest_says(scripts: Scripts) -> None:
    spans = [span for process in [scripts.start("calls") for _ in range(3)] for span in answer(process)]
    assert len(spans) == 18
    assert most_at_once(spans) <= 2, "the manifest's 2 counts, not the decorator's 7"


def test_what_a_killed_process_held_is_free_and_who_waits_has_it(scripts: Scripts) -> None:
    holder = scripts.start("hold")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiter = scripts.start("calls")
    wait_until(lambda: scripts.waiting() == 1, 60.0, "the second process to wait")
    os.kill(holder.pid, signal.SIGKILL)
    assert len(answer(waiter)) == 6


@pytest.mark.parametrize("end", ["returns", "is killed"])
def test_a_server_that_goes_away_costs_nobody_a_place(tmp_path: Path, end: str) -> None:
    with ExitStack() as all_ends:
        with served(tmp_path / "data", services=None) as server:
            scripts = all_ends.enter_context(beside(server, tmp_path / "scripts"))
            holder = scripts.start("hold")
            assert holder.stdin is not None
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            waiter = scripts.start("calls")
            wait_until(lambda: scripts.waiting() == 1, 60.0, "the second process to wait")
        assert waiter.poll() is None
        if end == "is killed":
            holder.kill()
        else:
            holder.stdin.write("go\n")
            holder.stdin.flush()
            _, complaints = holder.communicate(timeout=90)
            assert holder.returncode == 0, complaints
        assert len(answer(waiter)) == 6


def test_a_limit_that_the_server_does_not_know_is_told(scripts: Scripts) -> None:
    process = scripts.start("unknown")
    _, complaints = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "there is no limit 'nobody'" in complaints
