"""The code of a release as one archive: the files that git tracks below the manifest's folder, named by their SHA-256.

The same commit gives the same bytes: entries sorted, no times, no owners. A clean tree is archived from HEAD itself; a
dirty one from disk, as commit `<sha>+dirty.<digest>`, where the caller allows it.
"""

import gzip
import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from turnout.core.archives import check_archive
from turnout.core.errors import ConfigurationError, TooLarge
from turnout.core.limits import BUNDLE_BYTES
from turnout.core.links import leads_out
from turnout.deploy import git
from turnout.deploy.manifest import FILE

RAW_BYTES = 10 * BUNDLE_BYTES
"""What is archived at all: beyond this nothing compresses into the limit, and memory is not endless."""
_LINK, _SUBMODULE = "120000", "160000"
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """digest: SHA-256 of `content` in hex. commit: SHA of HEAD, with `+dirty.<12 digits of the digest>` when dirty."""

    digest: str
    content: bytes
    commit: str
    author: str | None
    message: str | None
    dirty: bool
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _File:
    path: str
    mode: str
    content: bytes


def make_bundle(
    root: Path, *, allow_dirty: bool = False, allow_no_commit: bool = False, needed: Iterable[str] = ()
) -> Bundle:
    """The bundle of the project in the folder `root`; `needed` are paths that must be in it.

    allow_dirty: tracked files may differ from HEAD. allow_no_commit: a repository without a commit gives all files that
    git does not ignore, as commit `none+dirty.<digest>`. Raises ConfigurationError or TooLarge.
    """
    _require_repository(root)
    commit = git.head(root)
    if commit is None and not allow_no_commit:
        raise ConfigurationError(
            "the repository has no commit yet", where=str(root), fix='git add . && git commit -m "First"'
        )
    changed = git.changed(root) if commit else []
    if changed and not allow_dirty:
        raise ConfigurationError(
            f"{_listed(changed)} changed since the last commit",
            where=str(root),
            fix="commit the change, or give --allow-dirty",
        )
    dirty = bool(changed) or commit is None
    files = _work_tree(root, everything=commit is None) if dirty else _head(root)
    _require(root, files, [FILE, *needed])
    content = _archive(files)
    digest = hashlib.sha256(content).hexdigest()
    sha = commit.sha if commit else "none"
    return Bundle(
        digest=digest,
        content=content,
        commit=f"{sha}+dirty.{digest[:12]}" if dirty else sha,
        author=commit.author if commit else None,
        message=commit.message if commit else None,
        dirty=dirty,
        files=tuple(file.path for file in files),
    )


def _require_repository(root: Path) -> None:
    if not git.is_repository(root):
        raise git.no_repository(root)


def _head(root: Path) -> list[_File]:
    entries = git.committed(root)
    _refuse_submodules(entry.path for entry in entries if entry.mode == _SUBMODULE)
    contents = git.contents(root, entries)
    return [_File(path=e.path, mode=e.mode, content=content) for e, content in zip(entries, contents, strict=True)]


def _work_tree(root: Path, *, everything: bool) -> list[_File]:
    entries = git.tracked(root)
    _refuse_submodules(entry.path for entry in entries if entry.mode == _SUBMODULE)
    paths = {entry.path for entry in entries} | (set(git.untracked(root)) if everything else set())
    return [_read(root, path) for path in paths]


def _read(root: Path, path: str) -> _File:
    # What is on disk decides, not what the index says of it: a file may have become a link.
    status = os.lstat(root / path)
    if stat.S_ISLNK(status.st_mode):
        return _File(path=path, mode=_LINK, content=os.fsencode(os.readlink(root / path)))
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(
            f"'{path}' is neither a file nor a link", where=path, fix="git rm --cached it, or restore it"
        )
    if status.st_size > RAW_BYTES:
        raise _too_large([(path, status.st_size)])
    mode = "100755" if status.st_mode & stat.S_IXUSR else "100644"
    return _File(path=path, mode=mode, content=(root / path).read_bytes())


def _refuse_submodules(paths: Iterable[str]) -> None:
    for path in paths:
        raise ConfigurationError(
            f"'{path}' is a git submodule: its files would be missing from the bundle",
            where=path,
            fix="vendor the files, or install them as a package",
        )


def _require(root: Path, files: list[_File], needed: list[str]) -> None:
    present = {file.path for file in files}
    absent = [path for path in dict.fromkeys(needed) if path not in present]
    if absent:
        raise ConfigurationError(
            f"{_listed(absent)} would be missing from the bundle: git does not track it",
            where=str(root),
            fix=f"git add {' '.join(absent[:5])} && git commit",
        )


def _archive(files: list[_File]) -> bytes:
    sizes = [(file.path, len(file.content)) for file in files]
    if sum(size for _, size in sizes) > RAW_BYTES:
        raise _too_large(sizes)
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=6, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for file in sorted(files, key=lambda file: os.fsencode(file.path)):
            _add(archive, file)
    if len(content := packed.getvalue()) > BUNDLE_BYTES:
        raise _too_large(sizes)
    check_archive(content)  # what a worker would refuse is told before it is deployed
    return content


def _add(archive: tarfile.TarFile, file: _File) -> None:
    entry = tarfile.TarInfo(file.path)
    if file.mode == _LINK:
        entry.type = tarfile.SYMTYPE
        entry.linkname = _safe_target(file)
        entry.mode = 0o777
        archive.addfile(entry)
        return
    if file.content.startswith(_LFS):
        raise ConfigurationError(
            f"'{file.path}' is a Git LFS pointer: the file itself would be missing from the bundle",
            where=file.path,
            fix="keep it out of LFS, or let the flow fetch it from storage",
        )
    entry.size = len(file.content)
    entry.mode = 0o755 if file.mode == "100755" else 0o644
    archive.addfile(entry, io.BytesIO(file.content))


def _safe_target(file: _File) -> str:
    """The link's target, if it stays in the tree."""
    target = os.fsdecode(file.content)
    if leads_out(file.path, target):
        raise ConfigurationError(
            f"the link '{file.path}' leads to '{target}', out of the project",
            where=file.path,
            fix="put the file itself into the project",
        )
    return target


def _too_large(sizes: list[tuple[str, int]]) -> TooLarge:
    largest = sorted(sizes, key=lambda item: -item[1])[:3]
    listed = ", ".join(f"{path} ({size / 1e6:,.1f} MB)" for path, size in largest)
    return TooLarge(
        f"the code is larger than a bundle may be ({BUNDLE_BYTES // 1_000_000} MB)",
        where=f"largest: {listed}",
        fix="keep data out of git: git rm --cached FILE, and name it in .gitignore",
    )


def _listed(paths: list[str]) -> str:
    shown = ", ".join(f"'{path}'" for path in paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more files"
