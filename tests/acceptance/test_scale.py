"""Many tasks, deep nesting, nothing awaited: a script gets through, and its record is whole."""

import json
from pathlib import Path

import pytest

from tests.acceptance.repository import python, show, write

pytestmark = pytest.mark.slow

MANIFEST = "project: scale\ntimezone: UTC\npools:\n  default: {type: process}\ndeployments: {}\n"
MAPPED = """\
import resource
import sys

from turnout import flow, task


@task
def one(number):
    return number


@flow
def mapped(count: int):
    assert sum(one.map(range(count)).result()) == sum(range(count))


mapped(int(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
NESTED = """\
import asyncio
import sys

from turnout import flow, task


def engine_frames():
    frame, found = sys._getframe(), 0
    while frame:
        found += "engine" in frame.f_code.co_filename
        frame = frame.f_back
    return found


@task
def leaf():
    assert 102 <= engine_frames() <= 102 * 3, engine_frames()  # 101 flows and this task
    return 0


@flow
def down(depth: int):
    return 1 + down(depth - 1) if depth else leaf()


@flow
async def down_async(depth: int):
    return 1 + await down_async(depth - 1) if depth else leaf()


assert down(100) == 100
assert asyncio.run(down_async(100)) == 100
"""
UNAWAITED = """\
from turnout import flow, task


@task
def one(number):
    return number


@flow
def hurried():
    for number in range(5000):
        one.submit(number)
    return "gone"


assert hurried() == "gone"
"""
COUNT = """\
import json
import sqlite3

rows = sqlite3.connect(".turnout/turnout.db").execute("SELECT state, count(*) FROM task_run GROUP BY state").fetchall()
print(json.dumps(dict(rows)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "scale", {"turnout.yaml": MANIFEST, "count.py": COUNT})


def recorded(folder: Path) -> dict[str, int]:
    """State -> how many tasks of all runs are stored in it."""
    return dict(json.loads(python(folder, "count.py").stdout))


def test_a_hundred_thousand_mapped_tasks_stay_under_a_gigabyte(folder: Path) -> None:
    (folder / "mapped.py").write_text(MAPPED)
    done = python(folder, "mapped.py", "100000", seconds=110)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1000, "MB"
    assert recorded(folder) == {"completed": 100_000}


def test_a_hundred_flows_inside_each_other(folder: Path) -> None:
    (folder / "nested.py").write_text(NESTED)
    done = python(folder, "nested.py")
    assert done.returncode == 0, done.stderr
    assert recorded(folder) == {"completed": 2 * 101}  # a hundred subflows and their leaf, twice


def test_thousands_of_futures_that_nobody_awaits(folder: Path) -> None:
    (folder / "hurried.py").write_text(UNAWAITED)
    done = python(folder, "hurried.py")
    assert done.returncode == 0, done.stderr
    assert recorded(folder) == {"completed": 5000}
    assert show(folder)["run"]["state"] == "completed"
