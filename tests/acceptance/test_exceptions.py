"""A user's exception, debugger, post-mortem and coverage: the machinery is never in the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.repository import environment, log, python, show, write

pytestmark = pytest.mark.slow

MANIFEST = "project: people\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"
BROKEN = """\
from turnout import flow, task


def parse(row):
    return row["name"]


@task
def load(row):
    return parse(row)


@flow
def people():
    return load({})


if __name__ == "__main__":
    people()
"""

ASYNC = """\
import asyncio

from turnout import flow, task


@task
async def load(row):
    await asyncio.sleep(0)
    return row["name"]


@flow
async def people():
    return await asyncio.gather(load({"name": "Ada"}), load({"name": "Bo"}))


if __name__ == "__main__":
    asyncio.run(people())
"""
ASYNC_BROKEN = ASYNC.replace('{"name": "Ada"}', "{}")


def frames(traceback: str) -> list[str]:
    return [line.strip() for line in traceback.splitlines() if line.strip().startswith("File ")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "people", {"turnout.yaml": MANIFEST, "people.py": BROKEN})


def test_users_frames_alone_in_a_scripts_stderr(folder: Path) -> None:
    done = python(folder, "people.py")
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1, done.stderr
    [module, call, *own] = frames(done.stderr)  # Python itself puts in the frame that raises to the script
    assert module.endswith("in <module>")
    assert call.endswith("in __call__")
    assert [frame.rpartition(" in ")[2] for frame in own] == ["people", "load", "parse"]
    assert all("people.py" in frame for frame in (module, *own))
    assert done.stderr.rstrip().endswith("KeyError: 'name'")


def test_users_frames_alone_in_the_recorded_error(folder: Path) -> None:
    python(folder, "people.py")
    shown = show(folder)
    assert (shown["run"]["state"], shown["run"]["reason"]) == ("failed", "KeyError: 'name'")
    traces = [line["message"] for line in log(folder) if "Traceback" in line["message"]]
    errors = [task.get("error", {}).get("traceback") for task in shown["tasks"] if task.get("error")]
    recorded = [trace for trace in (*traces, *errors) if trace]
    assert recorded, shown
    for trace in recorded:
        assert all("people.py" in frame for frame in frames(trace)), trace


def test_full_traceback_on_request(folder: Path) -> None:
    done = python(folder, "people.py", TURNOUT_FULL_TRACEBACK="1")
    assert any("turnout/engine" in frame for frame in frames(done.stderr))


def test_breakpoint_in_a_task(folder: Path) -> None:
    (folder / "people.py").write_text(BROKEN.replace("    return parse(row)", "    breakpoint()\n    return 'fine'"))
    done = subprocess.run(
        [sys.executable, "people.py"],
        cwd=folder,
        env=environment(),
        input="p row\nw\nc\n",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "(Pdb) {}" in done.stdout
    assert "return 'fine'" in done.stdout


def test_pytest_post_mortem_stops_in_the_task(folder: Path) -> None:
    (folder / "test_people.py").write_text("from people import people\n\n\ndef test_it():\n    people()\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--pdb", "test_people.py"],
        cwd=folder,
        env=environment(),
        input="p sorted(locals())\nw\nq\n",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "(Pdb) ['row']" in done.stdout, done.stdout
    assert "people.py:5: KeyError" in done.stdout


@pytest.mark.parametrize(
    ("text", "call"),
    [(BROKEN.replace("load({})", "load.submit({}).result()"), "people()"), (ASYNC_BROKEN, "asyncio.run(people())")],
)
def test_pytest_post_mortem_on_threads_and_in_async_tasks(folder: Path, text: str, call: str) -> None:
    (folder / "test_people.py").write_text(f"{text}\n\n\ndef test_it():\n    {call}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--pdb", "test_people.py"],
        cwd=folder,
        env=environment(),
        input="p sorted(locals())\nq\n",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "(Pdb) ['row']" in done.stdout, done.stdout


def test_coverage_sees_tasks_on_threads(folder: Path) -> None:
    (folder / "people.py").write_text(
        BROKEN.replace("load({})", 'load.submit({"name": "Ada"}).result()').replace(
            "return parse", "row = dict(row)\n    return parse"
        )
    )
    assert python(folder, "-m", "coverage", "run", "people.py").returncode == 0
    report = python(folder, "-m", "coverage", "report", "-m", "--include", "people.py").stdout
    assert "100%" in report, report


def test_breakpoint_in_an_async_task(folder: Path) -> None:
    (folder / "people.py").write_text(ASYNC.replace("    await asyncio.sleep(0)\n", "    breakpoint()\n"))
    done = subprocess.run(
        [sys.executable, "people.py"], cwd=folder, env=environment(), input="p row\nc\np row\nc\n", capture_output=True,
        text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "(Pdb) {'name': 'Ada'}" in done.stdout
    assert "(Pdb) {'name': 'Bo'}" in done.stdout


def test_coverage_sees_async_tasks(folder: Path) -> None:
    (folder / "people.py").write_text(ASYNC)
    assert python(folder, "-m", "coverage", "run", "people.py").returncode == 0
    report = python(folder, "-m", "coverage", "report", "-m", "--include", "people.py").stdout
    assert "100%" in report, report


@pytest.mark.parametrize("text", [BROKEN.replace("load({})", 'load({"name": "Ada"})'), ASYNC])
def test_profiles_show_the_users_functions(folder: Path, text: str) -> None:
    (folder / "people.py").write_text(text)
    done = python(folder, "-m", "cProfile", "-s", "name", "people.py")
    assert done.returncode == 0, done.stderr
    for name in ("(people)", "(load)"):
        assert name in done.stdout, done.stdout[-2000:]


def test_a_profile_of_a_task_on_a_thread(folder: Path) -> None:
    text = BROKEN.replace("load({})", 'load.submit({"name": "Ada"}).result()').replace(
        "    return parse(row)",
        "    with cProfile.Profile() as profile:\n        name = parse(row)\n"
        '    profile.dump_stats("load.prof")\n    return name',
    )
    (folder / "people.py").write_text(f"import cProfile\n\n{text}")
    done = python(folder, "people.py")
    assert done.returncode == 0, done.stderr
    assert "(parse)" in python(folder, "-c", "import pstats; pstats.Stats('load.prof').print_stats()").stdout
