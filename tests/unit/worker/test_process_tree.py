import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from turnout.worker import process_tree


@pytest.fixture
def family() -> Iterator["subprocess.Popen[bytes]"]:
    """A shell that leads a session, and its child; both with MARK=x."""
    parent = subprocess.Popen(
        ["sh", "-c", "sleep 600 & echo; wait"],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={"MARK": "x", "PATH": os.environ["PATH"]},
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    yield parent
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()


def test_descendants_without_the_root(family: "subprocess.Popen[bytes]") -> None:
    assert family.pid in {process.pid for process in process_tree.descendants(os.getpid())}
    assert len(process_tree.descendants(family.pid)) == 1


def test_session_is_the_leaders_own(family: "subprocess.Popen[bytes]") -> None:
    leader = process_tree.look_up(family.pid)
    assert leader is not None
    assert len(process_tree.of_session(leader)) == 2
    # The same number with another start: the leader died and its id went to a stranger.
    assert process_tree.of_session(leader._replace(start=leader.start - 1)) == []


def test_marked_processes(family: "subprocess.Popen[bytes]") -> None:
    assert len(process_tree.marked("x", "MARK")) == 2
    assert process_tree.marked("", "MARK") == []


def test_signal_reaches_only_the_process_that_was_seen(family: "subprocess.Popen[bytes]") -> None:
    seen = process_tree.look_up(family.pid)
    assert seen is not None
    assert process_tree.send([seen._replace(start=seen.start + 1)], signal.SIGKILL) == 0
    assert process_tree.send([seen], signal.SIGCONT) == 1


def test_strays_descend_from_no_root(family: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tree, "WORKER_MARK", "MARK")
    assert process_tree.strays("x", [os.getpid()]) == []
    assert family.pid in {process.pid for process in process_tree.strays("x", [])}


def test_gone_process_is_none() -> None:
    assert process_tree.look_up(2**22 + 1) is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3 << 8, "exit code 3"),
        (9, "killed by signal 9 (SIGKILL); the kernel's out-of-memory killer or someone's kill -9"),
        (11, "killed by signal 11 (SIGSEGV)"),
    ],
)
def test_ends_in_words(status: int, words: str) -> None:
    assert process_tree.describe_end(status) == words
