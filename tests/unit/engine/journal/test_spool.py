import errno
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from turnout.core.errors import Conflict
from turnout.engine.journal import entries
from turnout.engine.journal import spool as module
from turnout.engine.journal.spool import SpoolJournal


def lines_of(path: Path) -> list[bytes]:
    content = path.read_bytes()
    assert content.endswith(b"\n")
    return content.split(b"\n")[:-1]


def test_a_spool_appears_whole_locked_and_private(tmp_path: Path) -> None:
    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), '{"protocol":1}\n')
    assert os.listdir(tmp_path) == ["a.1.0"]
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    journal.close('["e",1]\n')
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert lines_of(path) == [b'{"protocol":1}', b'["e",1]']
    journal.write("after the end\n")
    assert len(lines_of(path)) == 2


def test_an_attempt_has_one_spool(tmp_path: Path) -> None:
    path = str(tmp_path / "a.1.0")
    journal = SpoolJournal(path, "{}\n")
    with pytest.raises(Conflict):
        SpoolJournal(path, "{}\n")
    assert os.listdir(tmp_path) == ["a.1.0"]
    journal.close(None)


def test_threads_never_tear_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), "{}\n")
    texts = [str(n) * 50_000 for n in range(4)]

    def write(text: str) -> None:
        for _ in range(50):
            journal.write(entries.log(0, 1.0, 20, "x", text))

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close(None)
    messages = [json.loads(line)[5] for line in lines_of(path)[1:]]
    assert sorted(messages) == sorted(texts * 50)


def test_a_forked_child_writes_nothing_and_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), "{}\n")
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        ours.close()
        journal.write("from the child\n")
        theirs.send(b"wrote")
        theirs.recv(1)  # until the parent closes its end
        os._exit(0)
    theirs.close()
    with ours:
        assert ours.recv(5) == b"wrote"
        journal.write("[1]\n")
        journal.close(None)
        with path.open("rb") as other:  # while the child lives
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.waitpid(child, 0)
    assert lines_of(path) == [b"{}", b"[1]"]


def test_a_full_disk_leaves_no_torn_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.1.0"
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = SpoolJournal(str(path), "{}\n")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
        journal.write("[1]\n")
        journal.write("[" + "2" * 100 + "]\n")  # some of it fits
        journal.write("[3]\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert journal.broken is not None
    assert lines_of(path) == [b"{}", b"[1]"]
    assert "no longer recorded" in capfd.readouterr().err


class Disk:
    """Has no room for so many writes, of which the first gets half its line in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refusals: int) -> None:
        self.pauses: list[float] = []
        self._refusals = refusals
        self._write = os.write
        self.time = 0.0
        monkeypatch.setattr(module.os, "write", self.write)
        monkeypatch.setattr(module.clock, "sleep", self.sleep)
        monkeypatch.setattr(module.clock, "monotonic", lambda: self.time)

    def write(self, descriptor: int, data: bytes) -> int:
        if descriptor == 2 or not self._refusals:
            return self._write(descriptor, data)
        self._refusals -= 1
        if len(data) > 4 and not self.pauses and self._refusals % 2:
            return self._write(descriptor, data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds


def test_a_run_waits_while_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), "{}\n")
    disk = Disk(monkeypatch, refusals=6)
    journal.write("[1111]\n[2]\n")
    journal.close("[3]\n")
    assert lines_of(path) == [b"{}", b"[1111]", b"[2]", b"[3]"]
    assert len(disk.pauses) == 5
    assert capfd.readouterr().err.count("waits for room") == 1


def test_a_run_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), "{}\n")
    disk = Disk(monkeypatch, refusals=1_000_000)
    journal.write("[1111]\n")
    assert disk.time >= module.ROOM_SECONDS
    assert journal.broken is not None
    assert lines_of(path) == [b"{}"]


def test_a_signal_during_the_wait_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    def stop(seconds: float) -> None:
        raise Stop

    path = tmp_path / "a.1.0"
    journal = SpoolJournal(str(path), "{}\n")
    with monkeypatch.context() as patched:
        Disk(patched, refusals=2)
        patched.setattr(module.clock, "sleep", stop)
        with pytest.raises(Stop):
            journal.write("[1111]\n")
    journal.write("[2]\n")
    assert lines_of(path) == [b"{}", b"[2]"]


CRASH = """
import os, sys, logging
from turnout import flow, get_run_logger, task
@task
def work(n):
    get_run_logger().info("task line %d", n)
    os.write(1, b"t%d\\n" % n)
@flow
def main():
    log = get_run_logger()
    for n in range(1_000_000):
        log.info("line %d", n)
        os.write(1, b"f%d\\n" % n)
        if n % 10 == 0:
            work.submit(n)
main()
"""


@pytest.mark.parametrize("wanted", [1, 400, 2_000])
def test_kill_9_loses_no_line_that_was_logged(tmp_path: Path, wanted: int) -> None:
    script = tmp_path / "script.py"
    script.write_text(CRASH)
    process = subprocess.Popen(
        [sys.executable, script], env={"TURNOUT_DATA": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(wanted)]
    process.kill()
    said += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    (spool,) = (tmp_path / "spool").iterdir()
    whole = spool.read_bytes().split(b"\n")[:-1]
    parsed = [json.loads(line) for line in whole]
    logged = {entry[5] for entry in parsed[1:] if entry[0] == "l"}
    oracle = {f"{'task ' if word[:1] == b't' else ''}line {int(word[1:])}" for word in said if word.endswith(b"\n")}
    assert oracle <= logged
    assert parsed[-1][0] != "e"
    with spool.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
