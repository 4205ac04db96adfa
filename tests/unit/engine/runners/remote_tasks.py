"""Tasks that tests run in other processes: importable there, and without pytest."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from turnout import flow, get_run_logger, runtime, tags, task
from turnout.artifacts import create_markdown_artifact


@task
def double(number: int) -> int:
    return 2 * number


@task
async def double_later(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


prepared: list[str] = []


def prepare(word: str) -> None:
    prepared.append(word)


def prepare_badly(word: str) -> None:
    raise ValueError(word)


@task
def how_prepared() -> list[str]:
    return prepared


@task
def where() -> int:
    return os.getpid()


@task(isolation="process")
def where_alone() -> int:
    return os.getpid()


@task(isolation="process")
async def where_alone_later() -> int:
    await asyncio.sleep(0)
    return os.getpid()


@task(log_prints=True, tags=["own"])
def talk(word: str) -> dict[str, Any]:
    print("printed", word)
    get_run_logger().warning("logged %s", word)
    create_markdown_artifact(f"# {word}", key="talk")
    with tags("inside"):
        double(4)
    return {
        "task": runtime.task_run.name,
        "tags": runtime.task_run.tags,
        "flow": runtime.flow_run.flow_name,
        "parameters": runtime.flow_run.parameters,
        "id": runtime.flow_run.id,
    }


@task
def nested(numbers: list[int]) -> list[int]:
    futures = double.map(numbers)
    return futures.result()


@task
def nested_failure() -> str:
    complain.submit("unread")
    return "done"


@flow
def a_subflow(number: int) -> int:
    return double(number) + 1


@task
def calls_a_flow(number: int) -> int:
    return a_subflow(number)


@task
def complain(word: str) -> None:
    raise ValueError(word)


class OddError(Exception):
    """Pickles, and cannot be made again."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


@task
def complain_oddly() -> None:
    raise OddError("one", "two")


@task
def give_a_lock() -> Any:
    import threading

    return threading.Lock()


@task
def take(value: Any, other: Any = None) -> int:
    return len(value)


@task
def generate() -> Any:
    return (number for number in range(3))


@task(retries=2)
def die_first(how: str) -> str:
    if runtime.task_run.run_count == 1:
        _die(how)
    return "alive"


@task
def die(how: str) -> None:
    _die(how)


def _die(how: str) -> None:
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(30)


@task(isolation="process", timeout_seconds=0.2)
def hog_alone() -> None:
    while True:
        sum(range(1 << 60))  # native code: it holds the GIL and hears nothing


@task(timeout_seconds=0.2)
def hog() -> None:
    sum(range(1 << 60))


@task(timeout_seconds=0.2)
def sleepy() -> None:
    time.sleep(60)


@task
def announce_and_wait(folder: str) -> None:
    """Start a process of its own, say that both are there, and ignore everything but KILL."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    draft = Path(folder) / f".{os.getpid()}"
    draft.write_text(str(child.pid))
    draft.rename(Path(folder) / f"pids.{os.getpid()}")
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(300)


@task(isolation="process")
def sleep_alone() -> None:
    time.sleep(60)


@task
def sleep_long() -> None:
    time.sleep(60)
