"""What an archive of code may hold, looked at before anything of it is unpacked or believed.

A bundle is a gzipped tar of plain files, folders and links inside the tree. Every header is read here as it stands,
in a stream that ends at a limit: a few kilobytes can claim to be gigabytes, and the libraries that read extended
headers do so into memory.
"""

import gzip
import io
import re
import tarfile
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from turnout.core.errors import ConfigurationError
from turnout.core.limits import BUNDLE_BYTES
from turnout.core.links import leads_out

UNPACKED_BYTES = 20 * BUNDLE_BYTES
UNPACKED_FILES = 50_000
NAME_BYTES = 4096
"""A path is no longer than this."""
_BLOCK = 512
_PIECE = 1 << 20
_LONG_NAME, _LONG_LINK = tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK
_DRIVE = re.compile(r"[A-Za-z]:")
_RENAME = "rename it, commit and apply again"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is in an archive. link: where it leads; None for a file or a folder."""

    path: str
    link: str | None
    folder: bool


def check_archive(content: bytes) -> list[Entry]:
    """What the archive holds. Raises ConfigurationError for one that is damaged, too large when unpacked, or holds
    anything that could be written where it should not, or over something else."""
    try:
        entries = list(_entries(_Bounded(gzip.GzipFile(fileobj=io.BytesIO(content)))))
    except (tarfile.TarError, zlib.error, EOFError, OSError, UnicodeError) as error:
        raise _refused(f"it is damaged: {error}", fix="apply the project again") from error
    _check_together(entries)
    return entries


class _Bounded:
    """Reads at most `UNPACKED_BYTES`."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source
        self._left = UNPACKED_BYTES

    def read(self, count: int) -> bytes:
        """`count` bytes, fewer at the end only."""
        self._left -= count
        if self._left < 0:
            raise _too_large()
        return self._source.read(count)

    def skip(self, count: int) -> None:
        """Leave out `count` bytes, which must be there."""
        while count > 0:
            piece = self.read(min(count, _PIECE))
            if not piece:
                raise EOFError("it ends inside a file")
            count -= len(piece)


def _entries(source: _Bounded) -> Iterator[Entry]:
    name = link = None
    count = 0
    while any(block := source.read(_BLOCK) or _missing()):
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        count += 1
        if count > UNPACKED_FILES:
            raise _too_large()
        if header.type in (_LONG_NAME, _LONG_LINK):
            text = _long(source, header.size)
            name, link = (text, link) if header.type == _LONG_NAME else (name, text)
            continue
        yield _entry(header, name or header.name, link or header.linkname)
        source.skip(_padded(header.size) if header.isreg() else 0)
        name = link = None


def _missing() -> bytes:
    raise EOFError("its end is missing")


def _long(source: _Bounded, size: int) -> str:
    if not 0 < size <= NAME_BYTES:
        raise _refused("a name in it is too long", fix="use shorter paths, commit and apply again")
    return source.read(_padded(size))[:size].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _entry(header: tarfile.TarInfo, name: str, link: str) -> Entry:
    if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE):
        raise _refused(f"{name!r} is neither file, folder nor link", where=name)
    if header.size < 0 or (header.size and not header.isreg()):
        raise _refused(f"{name!r} has an impossible size", where=name, fix="apply the project again")
    if header.mode & 0o7000:
        raise _refused(f"{name!r} would run with somebody else's rights", where=name, fix="chmod it")
    path = _path(name)
    if header.issym() and leads_out(path, link):
        raise _refused(f"the link {name!r} leads out", where=name, fix="put the file itself into the project")
    return Entry(path=path, link=link if header.issym() else None, folder=header.isdir())


def _path(name: str) -> str:
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or _DRIVE.match(name):
        raise _refused(f"{name!r} lies outside, here or on another system", where=name)
    if "" in parts or "." in parts or len(name.encode(errors="surrogateescape")) > NAME_BYTES:
        raise _refused(f"{name!r} is no plain path", where=name)
    return "/".join(parts)


def _check_together(entries: list[Entry]) -> None:
    """No two entries have one place, on systems that do not tell small letters from capitals either; none is behind a
    link or below a file."""
    places: dict[str, str] = {}
    kinds: dict[str, Entry] = {}
    for entry in entries:
        for path in (*_above(entry.path), entry.path):
            known = places.setdefault(_folded(path), path)
            if known != path:
                raise _refused(f"{path!r} and {known!r} differ in case only", where=path)
        if entry.path in kinds:
            raise _refused(f"{entry.path!r} is there twice", where=entry.path, fix="apply the project again")
        kinds[entry.path] = entry
    for entry in entries:
        behind = next((above for above in _above(entry.path) if above in kinds and not kinds[above].folder), None)
        if behind is not None:
            what = "a file" if kinds[behind].link is None else "a link"
            raise _refused(f"{entry.path!r} lies behind {what}", where=entry.path)


def _above(path: str) -> list[str]:
    return [path[:at] for at, letter in enumerate(path) if letter == "/"]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _too_large() -> ConfigurationError:
    size, most = UNPACKED_BYTES // 1_000_000, UNPACKED_FILES
    return _refused(f"it is too large when unpacked: at most {size} MB and {most} files", fix="keep data out of git")


def _refused(why: str, *, where: str | None = None, fix: str = _RENAME) -> ConfigurationError:
    return ConfigurationError(f"the archive of the code is refused: {why}", where=where or "bundle", fix=fix)
