"""Processes as the kernel lists them: who descends from whom, and how to end all of them.

A supervisor is a *subreaper*: whatever its descendants detach comes back to it as a child, so that walking parents
finds daemons too. When a supervisor was killed itself, its run is found by session and by a mark in the environment.
"""

import contextlib
import ctypes
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MARK = "TURNOUT_RUN"
"""Environment variable of flow processes and what they start: `<run id>.<attempt>`."""
WORKER_MARK = "TURNOUT_WORKER"
"""Environment variable of a zygote and all that comes from it: the worker's id."""

_LIBC = ctypes.CDLL(None, use_errno=True)


class Process(NamedTuple):
    """One line of /proc. start: clock ticks since boot; with pid it identifies a process for ever."""

    pid: int
    parent: int
    session: int
    state: str
    start: int

    @property
    def alive(self) -> bool:
        """Whether it can still execute."""
        return self.state not in "ZX"


def control_process(option: int, value: int) -> None:
    """prctl(2). Raises OSError."""
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "prctl")


def become_subreaper() -> None:
    """From now on orphaned descendants become children of this process."""
    control_process(PR_SET_CHILD_SUBREAPER, 1)


def look_up(pid: int) -> Process | None:
    """The process with this id, or None."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return Process(pid, int(fields[1]), int(fields[3]), fields[0].decode(), int(fields[19]))


def every_process() -> list[Process]:
    """All processes this one can see."""
    found = (look_up(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return [process for process in found if process is not None]


def descendants(root: int) -> list[Process]:
    """Children, their children and so on, without zombies; parents before children."""
    children: dict[int, list[Process]] = {}
    for process in every_process():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [process.pid for process in below]
    return [process for process in found if process.alive]


def marked(value: str, mark: str = MARK) -> list[Process]:
    """Living processes that were executed with this mark in their environment. A fork alone inherits it too, but with
    the value of its executed ancestor: for a forked flow process that is the zygote."""
    wanted = f"{mark}={value}".encode()
    return [process for process in every_process() if process.alive and wanted in _environment(process.pid)]


def strays(worker_id: str, roots: Iterable[int]) -> list[Process]:
    """Living processes that came from a zygote of this worker and descend from none of `roots`."""
    kept = set(roots)
    for root in list(kept):
        kept.update(process.pid for process in descendants(root))
    return [process for process in marked(worker_id, WORKER_MARK) if process.pid not in kept]


def of_session(leader: Process) -> list[Process]:
    """Living processes of the session that `leader` (perhaps dead by now) opened."""
    current = look_up(leader.pid)
    if current is not None and current.start != leader.start:
        return []
    return [p for p in every_process() if p.alive and p.session == leader.pid and p.start >= leader.start]


def read_leader(path: Path) -> Process | None:
    """The supervisor that wrote `path`, as it was; None if it had not come that far."""
    try:
        pid, start = path.read_text().split()
        return Process(int(pid), 0, int(pid), "?", int(start))
    except (OSError, ValueError):
        return None


def send(processes: Iterable[Process], number: signal.Signals) -> int:
    """Signal each process that is still the one that was seen; the number reached."""
    reached = 0
    for process in processes:
        current = look_up(process.pid)
        if current is None or current.start != process.start or not current.alive:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)
            reached += 1
    return reached


def reap() -> list[tuple[int, int]]:
    """(pid, wait status) of every child that has ended."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid, status))
    return ended


def describe_end(status: int) -> str:
    """What became of a process, in words, from its wait status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
        text = f"killed by signal {number} ({name})"
        if number == signal.SIGKILL:
            text += "; the kernel's out-of-memory killer or someone's kill -9"
        return text
    return f"exit code {os.waitstatus_to_exitcode(status)}"


def _environment(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []
