"""The names of an attempt's files in the spool folder, and the locks that say who is alive.

`<run>.<attempt>` is the attempt's *name*. Its files: `.job` (0600; who holds it and the claim's answer),
`.supervisor` (locked by the supervisor for its life; holds its process id and start), `.checkpoints`, and one journal
a stream (`.0`, `.1` ...).
"""

import fcntl
import os
import re
from pathlib import Path

_DRAFT = re.compile(r"\..+\.([1-9][0-9]*)\.new\Z")
_JOB = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,5})\.job\Z")


class AttemptFiles:
    """Where the files of one attempt are."""

    def __init__(self, spool: Path, run_id: str, attempt: int) -> None:
        self.spool = spool
        self.run_id = run_id
        self.attempt = attempt
        self.name = f"{run_id}.{attempt}"
        self.job = spool / f"{self.name}.job"
        self.supervisor = spool / f"{self.name}.supervisor"
        self.checkpoints = spool / f"{self.name}.checkpoints"

    def stream(self, number: int) -> Path:
        """The journal of a stream."""
        return self.spool / f"{self.name}.{number}"

    def streams(self) -> list[int]:
        """Numbers of the streams that exist now, ascending."""
        prefix = f"{self.name}."
        with os.scandir(self.spool) as entries:
            tails = [
                entry.name[len(prefix) :]
                for entry in entries
                if entry.name.startswith(prefix) and entry.is_file(follow_symlinks=False)
            ]
        return sorted(int(tail) for tail in tails if tail.isascii() and tail.isdigit())

    def delete(self) -> None:
        """Remove every file of the attempt; the `.job` last but one, so that a half-done deletion is found again."""
        last = (self.job, self.supervisor)
        with os.scandir(self.spool) as entries:
            found = [self.spool / entry.name for entry in entries if entry.name.startswith(f"{self.name}.")]
        for path in (*(path for path in found if path not in last), *last):
            path.unlink(missing_ok=True)


def jobs_in(spool: Path) -> list[AttemptFiles]:
    """Every attempt that has a `.job` file: those that a worker of this data folder took."""
    try:
        with os.scandir(spool) as entries:
            matches = [
                match for entry in entries if (match := _JOB.match(entry.name)) and entry.is_file(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    return [AttemptFiles(spool, match[1], int(match[2])) for match in sorted(matches, key=lambda match: match[0])]


def try_lock(path: Path, *, create: bool) -> int | None:
    """A descriptor that holds `path` exclusively, or None if someone else does. Raises FileNotFoundError unless
    `create`. Closing the descriptor lets go."""
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether someone holds `path`. A file that is not there is held by nobody."""
    try:
        descriptor = try_lock(path, create=False)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def write_private(path: Path, content: bytes) -> None:
    """Create or replace `path` with mode 0600, all or nothing, also after a power loss."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    os.replace(fresh, path)


def remove_drafts(spool: Path) -> list[str]:
    """Delete what `write_private` of processes that are gone left half-written; the names. They may hold tokens."""
    found = []
    with os.scandir(spool) as entries:
        for entry in entries:
            match = _DRAFT.match(entry.name)
            if match and entry.is_file(follow_symlinks=False) and not _lives(int(match[1])):
                (spool / entry.name).unlink(missing_ok=True)
                found.append(entry.name)
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
