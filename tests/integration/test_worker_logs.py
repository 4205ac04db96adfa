"""What runs say under a worker, however they say it: kept in order, cut with a marker, never dropped in silence."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.faults.cancel import TENTH
from tests.faults.cluster import Cluster, wait_until
from turnout.core.limits import LOG_LINE_BYTES
from turnout.core.records import LogLine, Namespace
from turnout.core.states import is_final

pytestmark = pytest.mark.slow
NAMESPACE = Namespace(project="says")

FLOWS = r"""
import os
import signal
import subprocess
import sys

from turnout import flow, get_run_logger


@flow
def long():
    get_run_logger().info("begin " + "x" * 10_000_000 + " end")
    sys.stdout.write("begin " + "y" * 10_000_000 + " end\n")
    sys.stdout.flush()
    get_run_logger().info("after")


@flow
def odd():
    get_run_logger().info("nul \x00 bell \x07 escape \x1b[31mred\x1b[0m lone \ud800")
    os.write(1, b"bytes \xff\xfe and nul \x00 and \x1b[31mred\n")
    os.write(2, "käse\n".encode("latin-1"))
    get_run_logger().info("after")


@flow
def children():
    for number in range(300):
        subprocess.run(["sh", "-c", f"echo out {number}"], check=True) if number < 20 else os.write(
            1, f"out {number}\n".encode())
    subprocess.run(["sh", "-c", "echo complaint >&2; printf 'no newline'"], check=True)


@flow
def leaves():
    for number in range(500):
        get_run_logger().info("line %s", number)
    os.write(1, b"written last\nwithout a newline")
    os._exit(3)


@flow
def dies():
    for number in range(500):
        get_run_logger().info("line %s", number)
    os.write(2, b"written last\n")
    os.kill(os.getpid(), signal.SIGSEGV)
"""
NAMES = ("long", "odd", "children", "leaves", "dies")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[LogLine]]]:
    """The log of each flow, run once."""
    folder = tmp_path_factory.mktemp("says") / "project"
    folder.mkdir()
    (folder / "flows.py").write_text(FLOWS)
    entries = "".join(f"  {name}: {{flow: 'flows.py:{name}'}}\n" for name in NAMES)
    (folder / "turnout.yaml").write_text(
        f"project: says\ntimezone: UTC\npools:\n  default: {{type: process}}\ndeployments:\n{entries}"
    )
    (folder / ".gitignore").write_text(".turnout/\n*.log\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Say things"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    cluster = Cluster(folder, TENTH)
    cluster.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        with cluster.api() as api:
            runs = {name: api.trigger(name, namespace=NAMESPACE).id for name in NAMES}
            wait_until(lambda: all(is_final(api.run(run).state) for run in runs.values()), 60.0, "all to end")
            found: dict[str, list[LogLine]] = {}
            for name, run in runs.items():
                cursor: str | None = None
                lines: list[LogLine] = []
                while True:
                    more, cursor = api.logs(run, cursor=cursor, wait=5)
                    lines += more
                    if cursor is None:
                        break
                found[name] = lines
        yield found
    finally:
        cluster.stop()


def messages(lines: list[LogLine], logger: str | None = None) -> list[str]:
    return [line.message for line in lines if logger is None or line.logger == logger]


def test_a_line_of_ten_megabytes_is_cut_and_says_so(said: dict[str, list[LogLine]]) -> None:
    lines = messages(said["long"])
    cut = [line for line in lines if line.startswith("begin ")]
    assert len(cut) == 2
    assert all(len(line.encode()) <= LOG_LINE_BYTES and "[cut by turnout: " in line for line in cut)
    assert all("10,000,010" in line for line in cut)
    assert lines[-1] == "after" or "after" in lines


def test_odd_bytes_arrive_readable(said: dict[str, list[LogLine]]) -> None:
    lines = messages(said["odd"])
    assert [line for line in lines if "nul" in line and "escape" in line], lines
    [raw] = [line for line in lines if line.startswith("bytes")]
    assert "\\xff\\xfe" in raw
    assert any(line.startswith("k\\xe4se") for line in lines), lines
    assert "after" in lines


def test_what_children_write_is_kept_in_order(said: dict[str, list[LogLine]]) -> None:
    assert messages(said["children"], "stdout") == [*(f"out {number}" for number in range(300)), "no newline"]
    assert messages(said["children"], "stderr") == ["complaint"]


@pytest.mark.parametrize(
    ("name", "tail"), [("leaves", ["written last", "without a newline"]), ("dies", ["written last"])]
)
def test_the_tail_of_a_process_that_is_gone_at_once(said: dict[str, list[LogLine]], name: str, tail: list[str]) -> None:
    numbered = [line for line in messages(said[name]) if line.startswith("line ")]
    assert numbered == [f"line {number}" for number in range(500)]
    captured = [line for line in messages(said[name]) if line in ("written last", "without a newline")]
    assert captured == tail


def test_numbers_of_a_stream_ascend(said: dict[str, list[LogLine]]) -> None:
    for lines in said.values():
        for stream in {line.stream for line in lines}:
            seqs = [line.seq for line in lines if line.stream == stream]
            assert seqs == sorted(set(seqs))
