"""Locks of cache keys: one writer at a time, in a process or over all that share a folder.

A holder may take its own lock again. A lock whose hold timeout is over counts as free; so does a file's lock whose
process is gone from this machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path

from turnout.engine.clock import now
from turnout.engine.futures.futures import Latch
from turnout.engine.runners.loops import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

_PAUSE = 0.05
"""Between two looks at a lock file."""


class LockManager:
    """The protocol, and what follows from `_take`, `_drop` and `_holder`."""

    def acquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """Wait for the lock of `key` at most `acquire_timeout` seconds (None: for ever); whether `holder` has it.

        hold_timeout: seconds after which it is free again by itself.
        """
        return self._until(lambda: self._take(key, holder, hold_timeout), acquire_timeout)

    async def aacquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """`acquire_lock`, awaited."""
        return await self._auntil(lambda: self._take(key, holder, hold_timeout), acquire_timeout)

    def release_lock(self, key: str, holder: str) -> None:
        """Raises ValueError if `holder` does not hold it."""
        if not self._drop(key, holder):
            raise ValueError(f"no lock of '{key}' is held by {holder}")

    def is_locked(self, key: str) -> bool:
        """Whether anybody holds it."""
        return self._holder(key) is not None

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Whether `holder` does."""
        return self._holder(key) == holder

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until it is free, at most `timeout` seconds; whether it is."""
        return self._until(lambda: not self.is_locked(key), timeout)

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109
        """`wait_for_lock`, awaited."""
        return await self._auntil(lambda: not self.is_locked(key), timeout)

    def _take(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        raise NotImplementedError

    def _drop(self, key: str, holder: str) -> bool:
        raise NotImplementedError

    def _holder(self, key: str) -> str | None:
        raise NotImplementedError

    def _until(self, done: Callable[[], bool], timeout: float | None) -> bool:
        ends = None if timeout is None else now() + timeout
        while not done():
            if ends is not None and now() >= ends:
                return False
            self._pause()
        return True

    async def _auntil(self, done: Callable[[], bool], seconds: float | None) -> bool:
        ends = None if seconds is None else now() + seconds
        while not done():
            if ends is not None and now() >= ends:
                return False
            await until(Latch(), _PAUSE)
        return True

    def _pause(self) -> None:
        threading.Event().wait(_PAUSE)


class MemoryLockManager(LockManager):
    """Locks of this process: all of its instances are one."""

    _only: MemoryLockManager | None = None
    _freed: threading.Condition
    _held: dict[str, tuple[str, float | None]]

    def __new__(cls) -> Self:
        if cls._only is None:
            cls._only = super().__new__(cls)
            cls._only._freed = threading.Condition()
            cls._only._held = {}
        return cls._only  # type: ignore[return-value]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()

    def _take(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        with self._freed:
            if self._holder(key) not in (None, holder):
                return False
            self._held[key] = holder, None if hold_timeout is None else now() + hold_timeout
            return True

    def _drop(self, key: str, holder: str) -> bool:
        with self._freed:
            if self._holder(key) != holder:
                return False
            del self._held[key]
            self._freed.notify_all()
            return True

    def _holder(self, key: str) -> str | None:
        holder, ends = self._held.get(key, (None, None))
        return None if ends is not None and now() >= ends else holder

    def _pause(self) -> None:
        with self._freed:
            self._freed.wait(_PAUSE)


class FileSystemLockManager(LockManager):
    """Locks of all processes that share a folder."""

    def __init__(self, lock_files_directory: Path) -> None:
        self.lock_files_directory = Path(lock_files_directory).expanduser().resolve()

    def is_locked(self, key: str, use_cache: bool = False) -> bool:
        """Whether anybody holds it. Nothing is cached: `use_cache` changes nothing."""
        return super().is_locked(key)

    def _take(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        path = self._path(key)
        self.lock_files_directory.mkdir(parents=True, exist_ok=True)
        found = self._read(path)
        if found is not None and found["holder"] != holder and not _is_over(found):
            return False
        said = {"key": key, "holder": holder, "expires": None if hold_timeout is None else now() + hold_timeout,
                "host": os.uname().nodename, "pid": os.getpid()}  # fmt: skip
        draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
        draft.write_text(json.dumps(said))
        try:
            if found is not None:
                self._remove_stale(path, found)
            os.link(draft, path)  # fails if another was faster
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True

    def _drop(self, key: str, holder: str) -> bool:
        path = self._path(key)
        found = self._read(path)
        if found is None or found["holder"] != holder:
            return False
        path.unlink(missing_ok=True)
        return True

    def _holder(self, key: str) -> str | None:
        found = self._read(self._path(key))
        return None if found is None or _is_over(found) else str(found["holder"])

    def _remove_stale(self, path: Path, found: dict[str, Any]) -> None:
        """Take a stale lock away; of two that want to, one gets it, and the other finds a lock or nothing."""
        aside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.stale")
        try:
            os.rename(path, aside)
        except FileNotFoundError:
            return
        if self._read(aside) != found:  # a fresh one, taken in between: put it back
            try:
                os.link(aside, path)
            finally:
                aside.unlink(missing_ok=True)
            return
        aside.unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> dict[str, Any] | None:
        try:
            return dict(json.loads(path.read_text()))
        except FileNotFoundError:
            return None

    def _path(self, key: str) -> Path:
        return self.lock_files_directory / f"{hashlib.sha256(key.encode()).hexdigest()}.lock"


def _is_over(lock: dict[str, Any]) -> bool:
    if lock["expires"] is not None and now() >= lock["expires"]:
        return True
    if lock["host"] != os.uname().nodename:
        return False
    try:
        os.kill(lock["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
