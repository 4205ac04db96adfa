"""Places of a limit that the processes of one data folder share, without a server: locked files.

A place is a file of which one process has the flock; the kernel lets go when that process ends, however it does.
Whoever waits stands at the turnstile, a lock too: one process at a time looks for a place, the others sleep in the
kernel. The one that looks is woken through a named pipe by whoever gives a place back. Only what a killed process held
is found by looking again, four times a second, by that one process.
"""

from __future__ import annotations

import os
import select
from contextlib import contextmanager, suppress

from turnout.engine.clock import monotonic
from turnout.engine.limits.pace import Pace

try:
    import fcntl
except ImportError:  # Windows: each process counts for itself
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from turnout.engine.limits.gates import Claim

    T = TypeVar("T")

AVAILABLE = fcntl is not None
LOOK_SECONDS = 0.25
"""How often the place of a killed process is looked for."""


class FileSlots:
    """`capacity` places (None: only the pace bounds) in a folder of their own."""

    def __init__(self, folder: str, capacity: int | None, pace: FilePace) -> None:
        self._folder = folder
        self._capacity = capacity
        self._pace = pace
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self._bell = _open_bell(os.path.join(folder, "bell"))

    def take_now(self, weight: int) -> list[int] | None:
        """Locks, if nobody waits and there is room."""
        turnstile = self._open("turnstile")
        try:
            return self._collect(weight, []) if _lock_now(turnstile) and self._delay() <= 0 else None
        finally:
            _let_go(turnstile)

    def take(self, claim: Claim, wanted: Callable[[], bool]) -> list[int] | None:
        """Locks, in turn with the other processes."""
        turnstile = self._open("turnstile")
        held: list[int] = []
        try:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            while wanted():
                self._clear_bell()
                delay = self._delay()
                if delay <= 0:
                    found = self._collect(claim.weight, held)
                    if found is not None:
                        held = []
                        return found
                self._hear_bell(min(delay, LOOK_SECONDS) if delay > 0 else LOOK_SECONDS)
            return None
        finally:
            _let_go(turnstile)
            for lock in held:
                _let_go(lock)

    def keeps(self, place: list[int], weight: int) -> bool:
        """Never: the other processes have their turn, which takes no longer."""
        return False

    def give_back(self, place: list[int]) -> None:
        """Let go of the locks, and wake who waits for one."""
        for lock in place:
            _let_go(lock)
        self.ring()

    def ring(self) -> None:
        """Whoever waits shall look again."""
        if self._bell is not None:
            with suppress(OSError):  # full: it rings
                os.write(self._bell, b".")

    def _collect(self, weight: int, held: list[int]) -> list[int] | None:
        """All locks that `weight` needs; fewer stay in `held`. At the turnstile only, so that no two have half each."""
        if self._capacity is not None:
            wanted = min(weight, self._capacity)
            for number in range(self._capacity):
                if len(held) >= wanted:
                    break
                lock = self._open(f"place.{number}")
                if _lock_now(lock):
                    held.append(lock)
                else:
                    os.close(lock)
            if len(held) < wanted:
                return None
        self._pace.update(lambda pace: pace.take(monotonic(), weight))
        return list(held)

    def _delay(self) -> float:
        return self._pace.update(lambda pace: pace.wait(monotonic()))

    def _open(self, name: str) -> int:
        return os.open(os.path.join(self._folder, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _clear_bell(self) -> None:
        if self._bell is not None:
            with suppress(BlockingIOError):
                os.read(self._bell, 65_536)

    def _hear_bell(self, seconds: float) -> None:
        poll = select.poll()
        if self._bell is not None:
            poll.register(self._bell, select.POLLIN)
        else:
            seconds = min(seconds, 0.05)
        poll.poll(max(seconds * 1000, 1))


class FilePace:
    """The pace of a limit for all processes of a data folder."""

    def __init__(self, folder: str, interval: float) -> None:
        self._path = os.path.join(folder, "pace")
        self._interval = interval
        os.makedirs(folder, mode=0o700, exist_ok=True)

    def update(self, change: Callable[[Pace], T]) -> T:
        """What `change` answers, which has the pace for itself."""
        with _locked(self._path) as file:
            pace, text = Pace(self._interval), os.pread(file, 400, 0).decode("ascii", "replace")
            pace.load(text, monotonic())
            answer = change(pace)
            if pace.dump() != text:
                os.ftruncate(file, 0)
                os.pwrite(file, pace.dump().encode(), 0)
            return answer


def place_of(data_dir: str, name: str) -> str:
    """The folder of a limit: its name as far as a file may be called that, and a sum of all of it."""
    from zlib import crc32

    shown = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    return os.path.join(data_dir, "limits", f"{shown[:60]}-{crc32(name.encode('utf-8', 'replace')):08x}")


@contextmanager
def _locked(path: str) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        _let_go(file)


def _lock_now(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_go(file: int) -> None:
    # Not by closing alone: a child that was forked meanwhile has the same lock.
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def _open_bell(path: str) -> Any:
    with suppress(FileExistsError):
        try:
            os.mkfifo(path, 0o600)
        except FileExistsError:
            raise
        except (OSError, AttributeError):
            return None  # a file system without pipes: looked at twenty times a second
    with suppress(OSError):
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    return None
