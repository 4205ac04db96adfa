"""What changed in the code between two bundles, which are read without unpacking them to disk."""

import hashlib
import io
import tarfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from turnout.core.archives import check_archive
from turnout.core.errors import StoreError
from turnout.core.text_diff import text_diff
from turnout.core.views import FileChange

FILES = 300
"""So many changed files are told."""
FILE_BYTES = 400_000
"""A larger file is not compared line by line."""
DIFF_CHARACTERS = 600_000
"""So much of all diffs together is told."""
UNPACKED_BYTES = 600_000_000
"""So much of an archive is read: more than a bundle may hold."""


@dataclass(frozen=True)
class _Entry:
    digest: str
    mode: int
    size: int


def changed_files(before: bytes, after: bytes) -> tuple[list[FileChange], int]:
    """The files that differ, by path, and how many more there are. Raises StoreError or ConfigurationError for what
    is no sound archive."""
    old, new = _entries(before), _entries(after)
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    shown = paths[:FILES]
    fit = {path for path in shown if max(_size(old, path), _size(new, path)) <= FILE_BYTES}
    texts, others = _contents(before, fit), _contents(after, fit)
    found: list[FileChange] = []
    left = DIFF_CHARACTERS
    for path in shown:
        change = _change(path, old, new, texts.get(path, b""), others.get(path, b""), left)
        left -= len(change.diff or "")
        found.append(change)
    return found, len(paths) - len(shown)


def _change(
    path: str, old: Mapping[str, _Entry], new: Mapping[str, _Entry], before: bytes, after: bytes, left: int
) -> FileChange:
    kind = "added" if path not in old else "removed" if path not in new else "changed"
    note = None
    if max(_size(old, path), _size(new, path)) > FILE_BYTES:
        note = f"too large to be compared line by line: {_size(old, path):,} and {_size(new, path):,} bytes"
    elif b"\0" in before or b"\0" in after:
        note = f"not a text: {_size(old, path):,} and {_size(new, path):,} bytes"
    elif before == after and kind == "changed":
        note = "its mode changed"
    elif left <= 0:
        note = "not shown: so much else changed"
    if note is not None:
        return FileChange(path=path, kind=kind, diff=None, note=note, added=0, removed=0)
    found = text_diff(before.decode(errors="replace"), after.decode(errors="replace"))
    text = "\n".join(found.lines)
    return FileChange(
        path=path,
        kind=kind,
        diff=text[:left],
        note="the rest is not shown" if len(text) > left else None,
        added=found.added,
        removed=found.removed,
    )


def _size(entries: Mapping[str, _Entry], path: str) -> int:
    return entries[path].size if path in entries else 0


def _entries(bundle: bytes) -> dict[str, _Entry]:
    return {
        name: _Entry(hashlib.sha256(content).hexdigest(), member.mode & 0o111, len(content))
        for name, member, content in _members(bundle)
    }


def _contents(bundle: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    return {name: content for name, _, content in _members(bundle) if name in wanted}


def _members(bundle: bytes) -> Iterator[tuple[str, tarfile.TarInfo, bytes]]:
    """Every file and link with its content: of a link, where it leads."""
    seen = 0
    check_archive(bundle)
    try:
        with tarfile.open(fileobj=io.BytesIO(bundle), mode="r|gz") as archive:
            for member in archive:
                seen += member.size
                if seen > UNPACKED_BYTES:
                    raise StoreError("the bundle unpacks to more than can be compared")
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None:
                    yield member.name, member, file.read()
                elif member.issym():
                    yield member.name, member, member.linkname.encode(errors="replace")
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise StoreError(f"the bundle cannot be read: {error}") from error
