"""Where an attempt works: a copy of its release's code of its own, so that what it writes is in nobody's way.

`<data>/attempts/<run>.<attempt>/` is complete or absent. It goes with a run that completed or was cancelled. Of others
it stays for a while: an attempt that resumes finds the files that completed steps have written, and a person can look.
"""

import contextlib
import os
import shutil
from pathlib import Path

from turnout.core.journal import parse_spool_name
from turnout.worker import clock
from turnout.worker.spool_files import AttemptFiles, is_locked

KEPT = 20
"""So many folders of attempts that did not complete stay, those that ended last."""
KEPT_SECONDS = 86_400.0

_DRAFT = ".copying-"


class WorkFolder:
    """The folder of one attempt. bundle: the unpacked code of its release, which is only read."""

    def __init__(self, data_dir: Path, files: AttemptFiles) -> None:
        self._folder = data_dir / "attempts"
        self._files = files
        self.path = self._folder / files.name

    def enter(self, bundle: Path, *, resume: bool) -> Path:
        """Make the folder, or take it over from the attempt that is resumed; where it is. Raises OSError for a full
        disk."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.is_dir() and not (resume and self._take_over()):
            self._copy(bundle)
        return self.path

    def leave(self, *, keep: bool) -> None:
        """The attempt is over and stored: remove its folder, unless somebody may want it, and those that are old."""
        if keep:
            with contextlib.suppress(OSError):  # there is none: the project has no code
                os.utime(self.path)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
        self.prune()

    def prune(self) -> None:
        """Remove what no attempt works in and nobody has asked for in time."""
        with contextlib.suppress(OSError):  # another supervisor may be at it too
            found = [(path.stat().st_mtime, path) for path in self._folder.iterdir() if self._is_idle(path.name)]
            for number, (ended_at, path) in enumerate(sorted(found, reverse=True)):
                if number >= KEPT or ended_at < clock.now() - KEPT_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)

    def _take_over(self) -> bool:
        """Have the newest folder of an earlier attempt of the run; False if there is none, or it is still worked in."""
        numbers = [
            found[1]
            for entry in self._folder.iterdir()
            if (found := parse_spool_name(f"{entry.name}.0")) and found[0] == self._files.run_id
        ]
        earlier = max((number for number in numbers if number < self._files.attempt), default=None)
        if earlier is None or is_locked(AttemptFiles(self._files.spool, self._files.run_id, earlier).supervisor):
            return False
        os.rename(self._folder / f"{self._files.run_id}.{earlier}", self.path)
        return True

    def _copy(self, bundle: Path) -> None:
        draft = self._folder / f"{_DRAFT}{self._files.name}"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _copy_tree(os.fspath(bundle), os.fspath(draft))
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        os.rename(draft, self.path)

    def _is_idle(self, name: str) -> bool:
        name = name.removeprefix(_DRAFT)
        spool = self._files.spool
        return not (spool / f"{name}.job").exists() and not is_locked(spool / f"{name}.supervisor")


def _copy_tree(source: str, target: str) -> None:
    """Links stay links; the copies are their owner's to change. Compiled modules are shared: nothing writes into one,
    Python puts another in its place."""
    os.mkdir(target, 0o755)
    shared = source.endswith("__pycache__")
    with os.scandir(source) as entries:
        for entry in entries:
            to = os.path.join(target, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), to)
            elif entry.is_dir():
                _copy_tree(entry.path, to)
            elif not (shared and _linked(entry, to)):
                _copy_file(entry, to)


def _linked(entry: os.DirEntry[str], to: str) -> bool:
    try:
        os.link(entry.path, to)
    except OSError:  # another file system, or one without links
        return False
    return True


def _copy_file(entry: os.DirEntry[str], to: str) -> None:
    shutil.copyfile(entry.path, to)
    status = entry.stat()
    os.chmod(to, 0o755 if status.st_mode & 0o100 else 0o644)
    os.utime(to, ns=(status.st_atime_ns, status.st_mtime_ns))  # compiled modules go by it
