import subprocess
import sys
from pathlib import Path

import pytest

from turnout.core.limits import LOG_LINE_BYTES
from turnout.engine.logs.capture import cut

PREFIX = """
import sys
from turnout import flow, get_run_logger, task
before = list(sys.meta_path)
"""
BARE = """
@task
def one(): return 1
@flow
def main():
    print(one())
main()
assert "logging" not in sys.modules and sys.meta_path == before
"""
ON_THE_WAY = """
@task
def fetch():
    import logging
    logging.getLogger("lib").info("one")
    logging.basicConfig(level=10)
    logging.getLogger("lib").warning("two")
    logging.getLogger("lib").debug("no")
@flow
def main():
    fetch()
    import logging
    logging.getLogger("lib").info("three")
main()
import logging
assert sys.meta_path == before and logging.root.handlers == [] and logging.root.level == logging.WARNING
assert type(logging.__loader__).__name__ == type(logging.__spec__.loader).__name__ == "SourceFileLoader"
"""
FOUND_ONLY = """
import importlib.util
assert "logging" not in sys.modules
@flow
def main():
    assert importlib.util.find_spec("logging") is not None
    import logging
    for word in ("one", "two", "three"): logging.warning(word)
main()
"""
BY_THE_LOGGER = """
@flow(log_prints=True)
def main():
    print("one")
    get_run_logger().info("two")
    import logging
    logging.info("three")
main()
"""
IN_ANOTHER_FLOW = """
@flow
def first(): pass
first()
import logging
@flow
def main():
    for word in ("one", "two", "three"): logging.info(word)
main()
logging.warning("nobody's")
logging.root.handlers.clear()
"""
IN_TWO_THREADS = """
import _thread
done = [_thread.allocate_lock() for _ in range(8)]
def talk(index, lock):
    if index % 2:
        import logging
    else:
        get_run_logger()
    lock.release()
@flow
def main():
    for index, lock in enumerate(done):
        lock.acquire()
        _thread.start_new_thread(talk, (index, lock))
    for lock in done: lock.acquire()
    import logging
    for word in ("one", "two", "three"): logging.info(word)
main()
"""


def run(folder: Path, text: str) -> str:
    """What the script says on stderr."""
    script = folder / "script.py"
    script.write_text(PREFIX + text)
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        env={"TURNOUT_DATA": str(folder / "data")},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_run_that_logs_nothing_imports_no_logging(tmp_path: Path) -> None:
    assert run(tmp_path, BARE) == ""


@pytest.mark.parametrize("script", [ON_THE_WAY, FOUND_ONLY, BY_THE_LOGGER, IN_ANOTHER_FLOW, IN_TWO_THREADS])
def test_logging_that_is_imported_on_the_way_is_heard(tmp_path: Path, script: str) -> None:
    said = [line.rpartition(" | ")[2] for line in run(tmp_path, script).splitlines() if " | " in line]
    assert said == ["one", "two", "three"]


@pytest.mark.parametrize("size", [0, 15_999, 16_000, 16_001, 63_999, 64_000])
def test_a_line_within_the_limit_is_whole(size: int) -> None:
    assert cut("x" * size) == "x" * size


def test_a_longer_line_says_what_was_dropped() -> None:
    short = cut("ü" * LOG_LINE_BYTES)
    assert len(short.encode()) <= LOG_LINE_BYTES
    assert short.endswith(f"of {2 * LOG_LINE_BYTES:,} bytes dropped]")
