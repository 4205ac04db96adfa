"""`turnout up`: it applies on save, keeps the last good release, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from tests.integration.cli_project import MANIFEST, environment, make, python

PATIENCE_SECONDS = 30.0


class Up:
    """A `turnout up` whose lines are read as they come."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "turnout", "up", "--port", "0", *words],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: Queue[str | None] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def until(self, wanted: str) -> list[str]:
        """What it says up to and with the line that holds `wanted`."""
        said: list[str] = []
        while not said or wanted not in said[-1]:
            line = self._lines.get(timeout=PATIENCE_SECONDS)
            assert line is not None, f"it ended before '{wanted}': {said}"
            said.append(line)
        return said

    def stop(self) -> list[str]:
        """Ctrl-C; what it still said."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)
        return list(iter(self._lines.get, None))

    def end(self) -> None:
        """Whatever happened, nothing of it is left."""
        self.process.send_signal(signal.SIGINT)  # a killed one leaves its runs going on, as it should
        try:
            self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(make(tmp_path))
    yield running
    running.end()


def test_a_save_is_applied_and_a_broken_one_changes_nothing(up: Up) -> None:
    manifest = up.folder / "turnout.yaml"
    up.until("release 1: 2 deployments of ")
    manifest.write_text(MANIFEST.replace("0 6", "0 99"))
    said = up.until("release 1 goes on")
    assert said[0] == "a file changed: checking"
    assert said[1].startswith("error: cron '0 99 * * *'")
    assert said[2].startswith("where: turnout.yaml:")
    assert said[3].startswith("  fix: ")
    manifest.write_text(MANIFEST.replace("0 6", "0 7"))
    up.until("release 2: 2 deployments of ")
    (up.folder / "flows.py").write_text("this is no Python")
    assert "error: " in "\n".join(up.until("release 2 goes on"))
    manifest.write_text(MANIFEST)  # it alone could be applied, the code beside it cannot
    assert "error: " in "\n".join(up.until("release 2 goes on"))
    assert python(up.folder, "-m", "turnout", "releases").out.count("Open the shop") == 2
    assert up.stop()[-1] == "stopping"  # a save may be seen in two halves, and checked twice
    assert up.process.returncode == 0


def test_a_second_one_names_the_first(up: Up) -> None:
    up.until("release 1")
    second = python(up.folder, "-m", "turnout", "up")
    assert second.code == 1
    assert second.err.startswith(f"error: process {up.process.pid} holds the store\nwhere: ")
    assert "\n  fix: " in second.err
    assert "Traceback" not in second.err


def test_ctrl_c_ends_the_runs_under_way_and_all_their_processes(up: Up) -> None:
    up.until("release 1")
    fifo = up.folder / ".turnout" / "told"
    os.mkfifo(fifo)
    triggered = python(up.folder, "-m", "turnout", "trigger", "report", "-p", f"told={fifo}")
    assert triggered.code == 0
    pids = [int(word) for word in fifo.read_text().split()]  # waits until the run writes it
    assert len(pids) == 2
    assert up.stop() == ["stopping"]
    assert up.process.returncode == 0
    assert [pid for pid in pids if alive(pid)] == []
    shown = python(up.folder, "-m", "turnout", "runs", "show", "latest").out
    assert "Crashed" in shown
    assert "its worker was told to stop it" in shown


def test_without_watch_a_save_changes_nothing(tmp_path: Path) -> None:
    running = Up(make(tmp_path), "--no-watch")
    try:
        running.until("release 1")
        (tmp_path / "turnout.yaml").write_text(MANIFEST.replace("0 6", "0 7"))
        assert running.stop() == ["stopping"]
    finally:
        running.end()


def test_a_reader_that_leaves_is_no_error(up: Up) -> None:
    up.until("release 1")
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "turnout", "limits"],
            cwd=up.folder, env=environment(), stdout=gone, stderr=subprocess.PIPE, text=True, timeout=30,
        )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 1


def test_leaving_a_followed_log_shows_no_traceback(up: Up) -> None:
    up.until("release 1")
    fifo = up.folder / ".turnout" / "told"
    os.mkfifo(fifo)
    python(up.folder, "-m", "turnout", "trigger", "report", "-p", f"told={fifo}")
    fifo.read_text()
    following = subprocess.Popen(
        [sys.executable, "-m", "turnout", "runs", "logs", "-f", "latest"],
        cwd=up.folder, env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stderr is not None
    assert "Running" in following.stderr.readline()
    following.send_signal(signal.SIGINT)
    _, rest = following.communicate(timeout=PATIENCE_SECONDS)
    assert following.returncode == 130
    assert "Traceback" not in rest


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
