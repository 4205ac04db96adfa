"""Limits that the processes of one data folder share: locked files, real processes, and one that is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree

import pytest

from benchmarks.limits import most_at_once
from turnout.engine.limits import declared
from turnout.engine.limits.declared import Bound
from turnout.engine.limits.gate_files import FilePace, FileSlots, place_of
from turnout.engine.limits.gates import Claim, Gate

PROGRAM = """
import json, sys, time
from turnout import flow, task

@task(limit=2, per="van-api")
def call():
    began = time.monotonic()
    time.sleep(0.02)
    return began, time.monotonic()

@flow
def calls():
    return [future.result() for future in [call.submit() for _ in range(10)]]

print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(calls()))
"""
HOLDER = """
import sys
from turnout import flow
from turnout.concurrency.sync import concurrency

@flow
def hold():
    with concurrency("van-api"):
        print("held", flush=True)
        sys.stdin.readline()

hold()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "turnout.yaml").write_text("project: p\nlimits:\n  van-api: {concurrency: 2}\n")
    return tmp_path


@pytest.fixture
def started(project: Path) -> Iterator[list[subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        process.kill()
        process.communicate()


def start(project: Path, program: str, running: list[subprocess.Popen[str]], first: str) -> subprocess.Popen[str]:
    (project / "program.py").write_text(program)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("TURNOUT_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, "program.py"], cwd=project, env=environ, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    running.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == f"{first}\n"
    return process


def slots(project: Path, capacity: int | None = 2, interval: float = 0.0) -> FileSlots:
    place = place_of(str(project / ".turnout"), "van-api")
    return FileSlots(place, capacity, FilePace(place, interval))


def gate(project: Path, capacity: int | None = 2, interval: float = 0.0) -> Gate:
    shared = slots(project, capacity, interval)
    return Gate("van-api", capacity, shared._pace, shared)


def test_processes_share_a_limit(project: Path, started: list[subprocess.Popen[str]]) -> None:
    several = [start(project, PROGRAM, started, "ready") for _ in range(3)]
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    spans = []
    for process in several:
        said, complaints = process.communicate(timeout=60)
        assert process.returncode == 0, complaints
        spans += [tuple(span) for span in json.loads(said.splitlines()[-1])]
    assert len(spans) == 30
    assert most_at_once(spans) <= 2


def test_what_a_killed_process_held_is_free(project: Path, started: list[subprocess.Popen[str]]) -> None:
    holders = [start(project, HOLDER, started, "held") for _ in range(2)]
    claim = gate(project).ask()
    assert not claim.block(0.05)
    os.kill(holders[0].pid, signal.SIGKILL)
    assert claim.block(30)
    assert claim.granted
    claim.release()


def test_a_place_given_back_wakes_another_gate(project: Path) -> None:
    first, second = gate(project, 1), gate(project, 1)
    held, waiting = first.ask(), second.ask()
    assert held.granted
    assert not waiting.done()
    held.release()
    assert waiting.block(30)
    assert waiting.granted
    waiting.release()


def test_weights_never_have_half_each(project: Path) -> None:
    one, two = gate(project, 4), gate(project, 4)
    claims: list[Claim] = [each.ask(3) for _ in range(5) for each in (one, two)]
    granted: SimpleQueue[Claim] = SimpleQueue()
    for claim in claims:
        claim.when_done(lambda claim=claim: granted.put(claim))  # type: ignore[misc]
    for _ in claims:
        first = granted.get(timeout=30)
        assert first.granted
        first.release()


def test_who_leaves_the_line_keeps_nobody_waiting(project: Path) -> None:
    first, second = gate(project, 1), gate(project, 1)
    held, gone, waiting = first.ask(), second.ask(), second.ask()
    gone.release()
    held.release()
    assert waiting.block(30)
    assert waiting.granted
    assert not gone.granted
    waiting.release()


def test_a_rate_holds_for_all_gates(project: Path) -> None:
    gates = [gate(project, None, 0.02) for _ in range(2)]
    claims = [each.ask() for _ in range(5) for each in gates]
    for claim in claims:
        assert claim.block(30)
    moments = sorted(claim.at for claim in claims)
    assert moments[-1] - moments[0] >= 9 * 0.02 - 0.015
    for claim in claims:
        claim.release()


def test_a_folder_that_is_gone_fails_the_claim_and_not_the_caller(project: Path) -> None:
    broken = gate(project)
    rmtree(project / ".turnout")
    claim = broken.ask()
    assert claim.block(30)
    assert isinstance(claim.error, OSError)
    assert not claim.granted


def test_where_nothing_can_be_written_a_process_counts_for_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    made = declared._make("van-api", Bound(1, None, False, "here"), str(tmp_path / "file"), False)
    first, second = made.ask(), made.ask()
    assert first.granted
    assert not second.granted
    assert "limits hold in this process only" in capsys.readouterr().err


def test_folders_of_limits_do_not_meet() -> None:
    places = {place_of("/data", name) for name in ("a/b", "a-b", "a b", "ä", "x" * 100, "x" * 101, "..")}
    assert len(places) == 7
    assert all(Path(place).parent == Path("/data/limits") for place in places)
