"""`DaskTaskRunner` on a real LocalCluster and `RayTaskRunner` on a real `ray.init`: one script each, seen whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.repository import log, python, show, write

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
MANIFEST = "project: crews\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"
HEAD = {
    "dask": """\
from turnout.dask import DaskTaskRunner as Runner
MADE = {"cluster_kwargs": {"n_workers": 2, "threads_per_worker": 2}}
BAD = {"address": "tcp://127.0.0.1:9", "client_kwargs": {"timeout": "1s"}}
""",
    "ray": """\
from turnout.ray import RayTaskRunner as Runner
MADE = {"init_kwargs": {"num_cpus": 2}}
BAD = {"address": "127.0.0.1:9"}
""",
}
SCRIPT = """\
import json, os, signal, sys, threading, time
from turnout import flow, get_run_logger, runtime, tags, task
from turnout.artifacts import create_markdown_artifact
from turnout.core.errors import ConfigurationError
from turnout.engine.runners import sending


class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


@task
def inner(number):
    return number + 1


@task(log_prints=True, tags=["own"])
def work(number):
    print("working on", number)
    create_markdown_artifact(f"# {number}", key=f"work-{number}")
    return inner(number), os.getpid(), runtime.flow_run.flow_name, runtime.task_run.tags


@task
async def later(number):
    return number * 10


@task
def nested(numbers):
    return inner.map(numbers).result()


@task(retries=1)
def unlucky():
    get_run_logger().info("try %s", runtime.task_run.run_count)
    if runtime.task_run.run_count == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@task
def lost():
    os.kill(os.getpid(), signal.SIGKILL)


@task(timeout_seconds=0.3)
def sleepy():
    while True:
        time.sleep(0.05)


@task(isolation="process", timeout_seconds=0.3)
def hog():
    sum(range(1 << 60))


@task(isolation="process")
def alone():
    get_run_logger().info("alone")
    return os.getpid(), inner(1)


@task(isolation="process")
def lost_alone():
    os.kill(os.getpid(), signal.SIGSEGV)


@task
def bad():
    raise Odd("one", "two")


@task
def lock():
    return threading.Lock()


@task
def size(data):
    return len(data)


@task
def endless(folder):
    open(os.path.join(folder, f"began-{os.getpid()}"), "w").close()
    try:
        while True:
            time.sleep(0.05)
    finally:
        open(os.path.join(folder, f"ended-{os.getpid()}"), "w").close()


def told(future):
    state = future.wait().state
    return [state.type, state.name, str(state.reason)]


@flow
def crew():
    with tags("around"):
        worked = work.map(range(4)).result()
    found = {
        "worked": [value[0] for value in worked],
        "here": os.getpid() in {value[1] for value in worked},
        "flow": worked[0][2],
        "tags": worked[0][3],
        "later": later.submit(4).result(),
        "chain": inner.submit(inner.submit(inner.submit(0))).result(),
        "nested": nested.submit([1, 2]).result(),
        "unlucky": unlucky.submit().result(),
        "lost": told(lost.submit()),
        "sleepy": told(sleepy.submit()),
        "hog": told(hog.submit()),
        "alone": alone.submit().result()[1],
        "lost_alone": told(lost_alone.submit()),
        "bad": told(bad.submit()),
        "lock": told(lock.submit()),
        "size": size.submit(bytes(20_000_000)).result(),
    }
    try:
        size.submit(threading.Lock())
    except TypeError as error:
        found["refused"] = str(error)
    return found


@flow
def far():
    return [value[0] for value in work.map([7]).result()]


@flow(timeout_seconds=3)
def stopped(folder):
    endless.submit(folder).result()


def main():
    runner = Runner(**MADE)
    found = {}
    try:
        crew.with_options(task_runner=Runner(**BAD))()
    except ConfigurationError as error:
        found["unreachable"] = str(error)
    with runner:
        found |= crew.with_options(task_runner=runner)()
        state = stopped.with_options(task_runner=runner)(os.getcwd(), return_state=True)
        found["stopped"] = [state.type, state.name]
        deadline = time.monotonic() + 20
        while not [name for name in os.listdir() if name.startswith("ended-")] and time.monotonic() < deadline:
            time.sleep(0.05)
        found["ended"] = len([name for name in os.listdir() if name.startswith("ended-")])
        sending.boot_id = lambda: "another machine"
        found["far"] = far.with_options(task_runner=runner)()
    print("FOUND", json.dumps(found))


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("kind", ["dask", "ray"])
def test_a_cluster(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "crews", {"turnout.yaml": MANIFEST, "crew.py": HEAD[kind] + SCRIPT})
    done = python(folder, "crew.py", seconds=200, RAY_AUTH_MODE="disabled")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.partition("FOUND")[2])
    assert found["worked"] == [1, 2, 3, 4]
    assert found["here"] is False
    assert (found["flow"], found["tags"]) == ("crew", ["around", "own"])
    assert (found["later"], found["chain"], found["nested"], found["unlucky"]) == (40, 3, [2, 3], "alive")
    assert found["lost"][:2] == ["crashed", "Crashed"]
    assert "was lost" in found["lost"][2]
    assert found["sleepy"][:2] == ["failed", "TimedOut"]
    assert found["hog"][:2] == ["failed", "TimedOut"]
    assert found["alone"] == 2
    assert found["lost_alone"][0] == "crashed"
    assert "was killed by SIGSEGV" in found["lost_alone"][2]
    assert found["bad"] == ["failed", "Failed", "Odd: one and two"]
    assert "cannot go back to the flow's process" in found["lock"][2]
    assert found["size"] == 20_000_000
    assert "argument 'data' of task 'size' cannot go to another process" in found["refused"]
    assert f"there is no {kind.capitalize()}" in found["unreachable"]
    assert "fix:" in found["unreachable"]
    assert found["stopped"] == ["failed", "TimedOut"]
    assert found["far"] == [8]
    assert found["ended"] == 1, "the task's code was stopped, too"
    _check_the_record(folder)


def _check_the_record(folder: Path) -> None:
    runs = [show(folder, run["id"]) for run in _listed(folder)]
    crew = next(run for run in runs if run["run"]["flow_name"] == "crew" and run["run"]["state"] == "completed")
    states = {step["name"]: step["state"] for step in crew["tasks"]}
    assert len(crew["tasks"]) == 4 + 4 + 1 + 3 + 3 + 6 + 4
    assert {name for name, state in states.items() if state != "completed"} == {
        "lost",
        "sleepy",
        "hog",
        "lost_alone",
        "bad",
        "lock",
    }
    said = [line["message"] for line in log(folder, crew["run"]["id"])]
    assert {"working on 0", "working on 1", "working on 2", "working on 3", "try 1", "try 2", "alone"} <= set(said)
    far = next(run for run in runs if run["run"]["flow_name"] == "far")
    assert [(step["name"], step["state"]) for step in far["tasks"]] == [("work", "completed"), ("inner", "completed")]
    assert "working on 7" in [line["message"] for line in log(folder, far["run"]["id"])]
    assert list((folder / ".turnout" / "spool").iterdir()) == []


def _listed(folder: Path) -> list[dict[str, Any]]:
    done = python(folder, "-m", "turnout", "runs", "ls", "--json")
    assert done.returncode == 0, done.stderr
    listed: Any = json.loads(done.stdout)
    return listed if isinstance(listed, list) else listed["items"]
