"""What flows log, print and return, and what they are given: nothing of it stops a run or is lost without a word."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.repository import cluster, log, show, told, turnout, write
from tests.faults.cluster import Cluster, wait_until
from turnout.core.limits import LOG_LINE_BYTES
from turnout.core.records import FlowRun, Page, RunFilter

pytestmark = pytest.mark.slow

FLOWS = """\
import sqlite3
import subprocess
import sys

from turnout import flow, get_run_logger, task

TEN_MB = 10_000_000


@flow(log_prints=True)
def noisy():
    logger = get_run_logger()
    logger.info("x" * TEN_MB)
    print("y" * TEN_MB)
    sys.stdout.write("z" * TEN_MB + "\\n")
    sys.stdout.flush()
    logger.info("nul \\0 in a log")
    print("nul \\0 in a print")
    logger.info("surrogate \\udcff in a log")
    print("surrogate \\udcff in a print")
    logger.info("%d apples", "no")
    for byte in ("0", "255"):
        wide = "import os; os.write(1, b'wide ' + bytes([%s]) * 10_000_000 + b'\\\\n')" % byte
        subprocess.run([sys.executable, "-c", wide], check=True)
    logger.info("\\0" * TEN_MB)
    subprocess.run([sys.executable, "-c", "import os; os.write(1, b'sub \\\\xff\\\\xfe\\\\x00 out\\\\n')"], check=True)
    subprocess.run(["sh", "-c", "echo to stderr >&2; printf 'no newline'"], check=True)
    logger.info("the last line")


class Table:
    def __repr__(self):
        raise RuntimeError("no repr")


@task
def session():
    return sqlite3.connect(":memory:", check_same_thread=False)


@task
def table():
    return Table()


@task
def generator():
    return (number for number in range(3))


@task
def loop():
    found = []
    found.append(found)
    return found


@task
def plain():
    return {"rows": 3}


@flow
def unstorable():
    database, _, numbers = session(), table(), generator()
    loop()
    plain()
    return database.execute("select 1").fetchone()[0] + sum(numbers)


@flow
def returns_session():
    return sqlite3.connect(":memory:")


@flow
def sized(size: int, names: list[str] | None = None):
    return size


def parse(row):
    return row["name"]


@task
def fails(row):
    return parse(row)


@flow
def failing():
    return fails({})


class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text")


@flow
def odd():
    raise Odd()


@flow
def leaves():
    import os
    os._exit(3)


@flow
def exits():
    sys.exit("out of coffee")
"""
NAMES = ("noisy", "unstorable", "returns_session", "sized", "failing", "odd", "leaves", "exits")
MANIFEST = "project: values\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments:\n" + "".join(
    f"  {name.replace('_', '-')}: {{flow: 'flows.py:{name}'}}\n" for name in NAMES
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = cluster(write(tmp_path_factory.mktemp("values") / "values", {"turnout.yaml": MANIFEST, "flows.py": FLOWS}))
    try:
        made.apply()
        made.start_worker()
        yield made
    finally:
        made.stop()


def run(running: Cluster, deployment: str) -> Any:
    """A run of the deployment to its end, as `turnout runs show --json` has it."""
    done = turnout(running.project, "trigger", deployment, "--wait", "--json")
    return show(running.project, json.loads(done.stdout)["id"])


def test_noise_is_kept_and_cut_with_a_marker(running: Cluster) -> None:
    shown = run(running, "noisy")
    assert shown["run"]["state"] == "completed", shown["run"]
    run_id = shown["run"]["id"]

    def said() -> list[str]:
        return [line["message"] for line in log(running.project, run_id)]

    wait_until(lambda: "no newline" in said(), 10.0, "the output of subprocesses")
    messages = said()
    for sign in "xyz":
        [long] = [message for message in messages if message.startswith(sign * 100)]
        assert len(long.encode()) <= LOG_LINE_BYTES
        assert "cut by turnout" in long[-100:], long[-200:]
        assert "10,000,000 bytes" in long[-100:]
    wide = [message for message in messages if message.startswith("wide ")]
    assert [message[5:9] for message in wide] == ["\0" * 4, "\\xff"]
    for message in [*wide, *(message for message in messages if message.startswith("\0"))]:
        assert len(message.encode()) <= LOG_LINE_BYTES
        assert "cut by turnout" in message[-100:]
    assert [message for message in messages if message.startswith("nul")] == ["nul \0 in a log", "nul \0 in a print"]
    assert [message for message in messages if message.startswith("surrogate")] == [
        "surrogate \\xff in a log",
        "surrogate \\xff in a print",
    ]
    [sub] = [message for message in messages if message.startswith("sub ")]
    assert sub == "sub \\xff\\xfe\0 out"
    assert {"to stderr", "the last line", "'%d apples' % ('no',)"} <= set(messages)
    shown_text = turnout(running.project, "runs", "logs", run_id)
    assert shown_text.returncode == 0
    assert "the last line" in shown_text.stdout


def test_results_that_cannot_be_stored_are_marked_with_the_reason(running: Cluster) -> None:
    shown = run(running, "unstorable")
    assert shown["run"]["state"] == "completed", shown["run"]
    results = {task["name"]: task["result"] for task in shown["tasks"]}
    assert {task["state"] for task in shown["tasks"]} == {"completed"}
    assert results.pop("plain") == {"inline": {"rows": 3}}
    assert results.pop("generator") == {"inline": [0, 1, 2]}, "what a returned generator gives is the result"
    assert all(set(result) == {"unstored"} for result in results.values()), results
    assert "sqlite3.Connection" in results["session"]["unstored"]
    assert "Table" in results["table"]["unstored"]
    assert "contains itself" in results["loop"]["unstored"]
    text = turnout(running.project, "runs", "show", shown["run"]["id"]).stdout
    assert text.count("not resumable: ") == 3
    assert run(running, "returns-session")["run"]["state"] == "completed"


def test_users_frame_first_in_the_recorded_error(running: Cluster) -> None:
    shown = run(running, "failing")
    assert (shown["run"]["state"], shown["run"]["reason"]) == ("failed", "KeyError: 'name'")
    assert [task["reason"] for task in shown["tasks"]] == ["KeyError: 'name'"]
    [trace] = [line["message"] for line in log(running.project, shown["run"]["id"]) if "Traceback" in line["message"]]
    frames = [line.strip() for line in trace.splitlines() if line.strip().startswith("File ")]
    assert [frame.rpartition(" in ")[2] for frame in frames] == ["failing", "fails", "parse"]
    assert trace.startswith("Flow 'failing' failed:\nTraceback")
    assert trace.rstrip().endswith("KeyError: 'name'")


@pytest.mark.parametrize(
    ("deployment", "state", "reason"),
    [
        ("odd", "failed", "Odd: <its message cannot be shown: RuntimeError>"),
        ("leaves", "crashed", "exit code 3"),
        ("exits", "failed", "out of coffee"),
    ],
)
def test_no_end_leaves_a_run_stuck(running: Cluster, deployment: str, state: str, reason: str) -> None:
    shown = run(running, deployment)["run"]
    assert shown["state"] == state
    assert reason in shown["reason"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["size"]),
        (["-p", "size=big"], ["size", "big"]),
        (["-p", "sise=1"], ["sise", "size"]),
        (["-p", "size=1", "-p", "names=3"], ["names"]),
        (["-p", "size"], ["size", "name=value"]),
    ],
)
def test_parameter_that_does_not_fit_is_refused_before_a_run_is_made(
    running: Cluster, arguments: list[str], words: list[str]
) -> None:
    done = turnout(running.project, "trigger", "sized", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert all(word in done.stderr for word in (*words, "error:", "fix:")), done.stderr
    assert "Traceback" not in done.stderr
    assert made(running) == []


@pytest.mark.parametrize(
    "parameters", [{}, {"size": "big"}, {"size": None}, {"size": 1.5}, {"size": 1, "more": 2}, {"size": [1]}, [1], "x"]
)
def test_parameter_that_does_not_fit_is_refused_over_http(running: Cluster, parameters: object) -> None:
    token = (running.data / "admin.token").read_text().strip()
    answer = httpx.post(
        f"http://127.0.0.1:{running.port}/api/v1/deployments/sized/runs?project=values",
        headers={"Authorization": f"Bearer {token}"},
        json={"parameters": parameters},
        trust_env=False,
    )
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    assert problem.get("fix") or not isinstance(parameters, dict)
    assert made(running) == []


def made(running: Cluster) -> list[FlowRun]:
    with running.api() as api:
        return list(api.runs(RunFilter(deployment="sized"), Page()))


def test_script_refuses_a_parameter_with_its_name(running: Cluster, tmp_path: Path) -> None:
    done = turnout(running.project, "run", "flows.py:sized", "-p", "size=big")
    assert done.returncode == 1
    assert "size" in done.stderr
    assert "Traceback" not in done.stderr
    failed = turnout(running.project, "run", "flows.py:failing")
    assert failed.returncode == 1
    assert failed.stderr.rstrip().endswith("KeyError: 'name'")


def test_nothing_is_left_over(running: Cluster) -> None:
    """Last in the file: after all of the above no run is unfinished and no spool is kept."""
    runs = told(turnout(running.project, "runs", "ls", "--json", "--limit", "200"))
    wait_until(lambda: not list((running.data / "spool").glob("*")), 10.0, "the spools to be cleared")
    assert {found["state"] for found in runs} <= {"completed", "failed", "crashed"}
