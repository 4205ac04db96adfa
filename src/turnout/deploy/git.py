"""The few questions asked of git, of a repository that is not trusted: no hooks, monitors, pager, prompt or network."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from turnout.core.errors import ConfigurationError

QUIET = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    "--no-pager",
    "--literal-pathspecs",
    "--no-optional-locks",
)  # fmt: skip
"""Options of every call: what a repository or its owner could make git do besides."""
_ELSEWHERE = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
        "GIT_PREFIX",
        "GIT_NAMESPACE",
        "GIT_ALLOW_PROTOCOL",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
    }
)
"""What a hook or a CI job sets, and what would answer for another repository."""
_SECONDS = 60
LINK, SUBMODULE = "120000", "160000"
"""Modes of what is no file."""
NO_REPOSITORY_FIX = 'git init && git add . && git commit -m "First"'


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit: its full SHA, its author as `Name <address>`, the first line of its message."""

    sha: str
    author: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """left_behind: commits that the other one has and HEAD has not. binary: of `files`, those without lines."""

    commits: int
    left_behind: int
    files: int
    binary: int
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file that git knows. mode: 100644, 100755, 120000 (link), 160000 (submodule). path: below the folder asked."""

    path: str
    mode: str
    blob: str
    size: int = 0
    """Bytes, where it was asked for."""


def is_repository(folder: Path) -> bool:
    """Whether `folder` is inside a git work tree. Raises ConfigurationError when git itself is missing."""
    done = _run(folder, "rev-parse", "--is-inside-work-tree")
    return done.returncode == 0 and done.stdout.strip() == b"true"


def no_repository(folder: Path) -> ConfigurationError:
    """The error of a folder that is not in one."""
    return ConfigurationError(
        "the project is not in a git repository, and only what git tracks is deployed",
        where=str(folder),
        fix=NO_REPOSITORY_FIX,
    )


def head(folder: Path) -> Commit | None:
    """The commit that is checked out; None before the first."""
    return commit_of(folder, "HEAD")


def branch(folder: Path) -> str | None:
    """The branch that is checked out; None for none."""
    done = _run(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    return done.stdout.decode(errors="surrogateescape").strip() or None if done.returncode == 0 else None


def commit_of(folder: Path, ref: str) -> Commit | None:
    """The commit that a name of ours stands for, also in a bare repository; None if it stands for none."""
    done = _run(folder, "log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%s", ref, "--")
    if done.returncode != 0:
        return None
    sha, author, message = done.stdout.decode(errors="replace").rstrip("\n").split("\0")
    return Commit(sha=sha, author=author, message=message)


def committed(folder: Path) -> list[Entry]:
    """The files of HEAD below `folder`."""
    listed = (line.partition(b"\t") for line in _ask(folder, "ls-tree", "-r", "-z", "HEAD").split(b"\0") if line)
    # <mode> <type> <object>
    fields = ((meta.decode().split(), os.fsdecode(path)) for meta, _, path in listed)
    return [Entry(path=path, mode=mode, blob=blob) for (mode, _, blob), path in fields]


def entries(folder: Path, ref: str) -> list[Entry]:
    """The files of a commit, with their sizes; also of a bare repository."""
    listed = (line.partition(b"\t") for line in _ask(folder, "ls-tree", "-r", "-l", "-z", ref).split(b"\0") if line)
    # <mode> <type> <object> <size, - for what has none>
    fields = ((meta.decode().split(), os.fsdecode(path)) for meta, _, path in listed)
    return [
        Entry(path=path, mode=mode, blob=blob, size=0 if size == "-" else int(size))
        for (mode, _, blob, size), path in fields
    ]


def tracked(folder: Path) -> list[Entry]:
    """The files of the index below `folder` that are still there."""
    listed = (line.partition(b"\t") for line in _ask(folder, "ls-files", "-z", "--stage").split(b"\0") if line)
    # <mode> <object> <stage>; a conflict has a path several times
    fields = ((meta.decode().split(), os.fsdecode(path)) for meta, _, path in listed)
    entries = {path: Entry(path=path, mode=mode, blob=blob) for (mode, blob, _), path in fields}
    return [entry for path, entry in entries.items() if os.path.lexists(folder / path)]


def contents(folder: Path, entries: list[Entry]) -> list[bytes]:
    """The committed content of each entry, in order."""
    wanted = "".join(f"{entry.blob}\n" for entry in entries).encode()
    answer = _ask(folder, "cat-file", "--batch", feed=wanted)
    found, at = [], 0
    for _ in entries:
        # <object> <type> <size>\n<content>\n
        end = answer.index(b"\n", at)
        size = int(answer[at:end].rsplit(b" ", 1)[1])
        found.append(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def changed(folder: Path) -> list[str]:
    """Tracked files below `folder` that differ from HEAD, in the index or the work tree; added ones included."""
    out = _ask(
        folder,
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=no",
        "--ignore-submodules=dirty",
        "--",
        ".",
    )
    prefix = _ask(folder, "rev-parse", "--show-prefix").rstrip(b"\n")
    return [os.fsdecode(item[3:].removeprefix(prefix)) for item in out.split(b"\0") if item]


def untracked(folder: Path) -> list[str]:
    """Files below `folder` that git neither tracks nor ignores."""
    out = _ask(folder, "ls-files", "-z", "--others", "--exclude-standard")
    return [os.fsdecode(path) for path in out.split(b"\0") if path]


def changes_since(folder: Path, commit: str) -> Changes | None:
    """What HEAD and the files below `folder` have that `commit` had not; None where git does not know the commit."""
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", commit):
        return None
    if _run(folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        return None
    counts = _ask(folder, "rev-list", "--left-right", "--count", f"{commit}...HEAD", "--").split()
    shown = ("--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    lines = [line.split(b"\t", 2) for line in _ask(folder, "diff", *shown, commit, "--", ".").split(b"\0") if line]
    added, removed = (sum(int(line[side]) for line in lines if line[side] != b"-") for side in (0, 1))
    return Changes(
        commits=int(counts[1]),
        left_behind=int(counts[0]),
        files=len(lines),
        binary=sum(line[0] == b"-" for line in lines),
        added=added,
        removed=removed,
    )


def environ() -> dict[str, str]:
    """This process's environment for git: for the folder that is asked, in plain words, without questions."""
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _ask(folder: Path, *arguments: str, feed: bytes | None = None) -> bytes:
    done = _run(folder, *arguments, feed=feed)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
        if "not a git repository" in said[0]:
            raise no_repository(folder)
        raise ConfigurationError(
            f"git {arguments[0]} failed: {said[0]}", where=str(folder), fix="`git status` may say more"
        )
    return done.stdout


def _run(folder: Path, *arguments: str, feed: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ["git", *QUIET, *arguments],
            cwd=folder,
            env=environ(),
            input=feed or b"",
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise ConfigurationError("git is not installed", fix="install git: code travels as what git tracks") from None
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"git {arguments[0]} took more than {_SECONDS} s", where=str(folder)) from None
