import subprocess
import sys
import threading
from pathlib import Path

from turnout.sql.file_lock import FileLock

HOLD = """
import sys
from turnout.sql.file_lock import FileLock
from pathlib import Path
FileLock(Path(sys.argv[1])).acquire(lambda holder: None)
print("held", flush=True)
sys.stdin.readline()
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_waits_for_another_process_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "db.lock"
    child = holder(path)
    told: list[str] = []
    got = threading.Event()
    waiting = threading.Event()

    def wait() -> None:
        FileLock(path).acquire(lambda who: (told.append(who), waiting.set()))
        got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(10)
    assert told == [f"process {child.pid}"]
    assert not got.is_set()
    child.communicate("\n")
    assert got.wait(10)
    thread.join()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "db.lock"
    child = holder(path)
    child.kill()
    child.communicate()
    lock = FileLock(path)
    lock.acquire(lambda who: None)
    assert path.read_text().startswith("process ")
    lock.release()
    lock.release()


def test_a_free_lock_says_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    lock = FileLock(tmp_path / "db.lock")
    lock.acquire(told.append)
    lock.release()
    assert told == []
