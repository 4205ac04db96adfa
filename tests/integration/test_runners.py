"""Tasks in other processes, of scripts and of runs under a worker: recorded whole, stopped whole."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.repository import environment, log, python, show, turnout, write
from tests.faults.cluster import alive, wait_until
from tests.integration.worker_project import Project, is_over
from turnout.core.records import Page
from turnout.core.states import RunState

pytestmark = pytest.mark.slow
MANIFEST = "project: crews\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"
TASKS = """\
import multiprocessing, os, signal, subprocess, sys, time  # multiprocessing names the script, too
from turnout import flow, get_run_logger, task
from turnout.task_runners import ProcessPoolTaskRunner


@task
def inner(number):
    return number + 1


@task(log_prints=True)
def work(number):
    print("working on", number)
    return inner(number)


@task(retries=1)
def unlucky():
    from turnout import runtime
    get_run_logger().info("try %s", runtime.task_run.run_count)
    if runtime.task_run.run_count == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@task(isolation="process")
def alone():
    get_run_logger().info("alone")
    return os.getpid()


@task
def wait_for_ever():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    get_run_logger().info("pids %s %s", os.getpid(), child.pid)
    print("pids", os.getpid(), child.pid, flush=True)
    while True:
        try:
            time.sleep(300)
        except BaseException:
            pass


@flow(task_runner=ProcessPoolTaskRunner(max_workers=2))
def crew():
    alone()
    return [*work.map(range(3)).result(), unlucky.submit().result()]


@flow(task_runner=ProcessPoolTaskRunner(max_workers=1))
def endless():
    wait_for_ever.submit().result()
"""
MAIN = '\n\nif __name__ == "__main__":\n    print({})\n'


def test_a_scripts_processes_are_recorded_whole(tmp_path: Path) -> None:
    folder = write(tmp_path / "crews", {"turnout.yaml": MANIFEST, "crew.py": TASKS + MAIN.format("crew()")})
    done = python(folder, "crew.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[1, 2, 3, 'alive']")
    assert list((folder / ".turnout" / "spool").iterdir()) == []
    run = show(folder)
    steps = run["tasks"]
    assert sorted(step["name"] for step in steps) == ["alone", "inner", "inner", "inner", "unlucky", *["work"] * 3]
    assert {step["state"] for step in steps} == {"completed"}
    inner = next(step for step in steps if step["name"] == "inner")
    assert inner["parent"] in [step["number"] for step in steps if step["name"] == "work"]
    said = [line["message"] for line in log(folder)]
    assert {"alone", "working on 0", "working on 1", "working on 2", "try 1", "try 2"} <= set(said)


def test_a_script_without_a_guard_is_told_what_to_write(tmp_path: Path) -> None:
    folder = write(tmp_path / "crews", {"turnout.yaml": MANIFEST, "crew.py": TASKS + "\nprint(crew())\n"})
    done = python(folder, "crew.py")
    assert done.returncode == 1
    assert "calls flow 'crew' when it is imported" in done.stderr
    assert 'if __name__ == "__main__":' in done.stderr


def test_a_killed_script_leaves_no_process_and_no_lost_word(tmp_path: Path) -> None:
    folder = write(tmp_path / "crews", {"turnout.yaml": MANIFEST, "crew.py": TASKS + MAIN.format("endless()")})
    with subprocess.Popen(
        [sys.executable, "crew.py"], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as script:
        assert script.stdout is not None
        pids = [int(word) for word in script.stdout.readline().split()[1:]]
        assert all(map(alive, pids))
        script.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), 10.0, "the processes to die")
    assert show(folder)["run"]["state"] == "crashed"
    assert f"pids {pids[0]} {pids[1]}" in [line["message"] for line in log(folder)]
    assert "crashed" in turnout(folder, "runs", "ls").stdout.lower()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    deployments = {name: f"flow: 'flows.py:{name}'" for name in ("crew", "endless")}
    made = Project(tmp_path_factory.mktemp("runners") / "project", flows=TASKS, deployments=deployments)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_under_a_worker_every_stream_arrives(project: Project) -> None:
    run_id = project.trigger("crew")
    wait_until(lambda: is_over(project.run(run_id)), 30.0, "the run to end")
    assert project.run(run_id).state == RunState.COMPLETED
    with project.cluster.api() as api:
        steps = api.tasks(run_id, Page(limit=100))
    assert len(steps) == 8
    assert {str(step.state) for step in steps} == {"completed"}
    assert {"alone", "working on 0", "try 1", "try 2"} <= set(project.messages(run_id))


def test_a_cancelled_run_takes_its_processes_along(project: Project) -> None:
    run_id = project.trigger("endless")
    wait_until(lambda: any(line.startswith("pids") for line in project.messages(run_id)), 20.0, "the task to begin")
    line = next(line for line in project.messages(run_id) if line.startswith("pids"))
    pids = [int(word) for word in line.split()[1:]]
    project.ask(lambda api: api.cancel(run_id))
    wait_until(lambda: is_over(project.run(run_id)), 30.0, "the run to end")
    assert project.run(run_id).state == RunState.CANCELLED
    assert not any(map(alive, pids))


def test_what_was_typed_into_a_shell_goes_by_value(tmp_path: Path) -> None:
    typed = (
        "from turnout import flow, task\nfrom turnout.task_runners import ProcessPoolTaskRunner\n"
        "class Thing:\n    def __init__(self, value): self.value = value\n"
        "@task\ndef more(thing): return Thing(thing.value + 1)\n"
        "@flow(task_runner=ProcessPoolTaskRunner(1))\ndef typed(): return more.submit(Thing(3)).result()\n"
        "made = typed()\nprint(type(made) is Thing, made.value)\n"
    )
    done = python(tmp_path, "-c", typed, TURNOUT_DATA=str(tmp_path / "data"))
    assert (done.stdout, done.returncode) == ("True 4\n", 0), done.stderr
