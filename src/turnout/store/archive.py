"""The file of a backup: a ZIP of the database's parts, and last a manifest with the size and SHA-256 of each.

Whoever reads it checks everything before using anything: a truncated, damaged, foreign or newer file is refused.
"""

import contextlib
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from turnout.core.errors import SchemaTooNew, StoreError
from turnout.store.migrate import LATEST

FORMAT = 1
MANIFEST = "turnout-backup.json"
MANIFEST_BYTES = 1_000_000
CHUNK = 1 << 20
_FASTEST = 1
_DAMAGED = (KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What reading a damaged archive may raise."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds. taken_at: RFC 3339; parts: name -> {"bytes", "sha256"}."""

    turnout: str
    database: str
    schema: int
    taken_at: str
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    format: int = FORMAT


def write_archive(target: Path, facts: Manifest, parts: Iterable[tuple[str, Iterable[bytes]]]) -> Manifest:
    """Write the file, 0600; it has its name only once it is whole and on disk. The manifest with its parts."""
    partial = target.with_name(f"{target.name}.partial")
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        with open(descriptor, "w+b") as file:
            manifest = _fill(file, facts, parts)
            file.flush()
            os.fsync(descriptor)
        os.replace(partial, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise
    sync_folder(target.parent)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest of a backup that this Turnout can read. Raises StoreError, SchemaTooNew."""
    with _opened(path) as archive:
        try:
            if archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES:
                raise ValueError(MANIFEST)
            plain = json.loads(archive.read(MANIFEST))
            number = int(plain["format"])
        except (*_DAMAGED, TypeError) as error:
            raise _refused(path, "it is no backup of Turnout") from error
        if number > FORMAT:
            raise SchemaTooNew(
                f"the backup has format {number}; this Turnout reads {FORMAT}",
                where=str(path),
                fix="restore it with the Turnout that wrote it, or a newer one",
            )
        return _checked(path, plain)


def extract(path: Path, manifest: Manifest, name: str, into: IO[bytes]) -> None:
    """Write a part to `into`. Raises StoreError, with part of it written, if it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(path, name):
        digest.update(chunk)
        size += len(chunk)
        into.write(chunk)
    told = manifest.parts[name]
    if (size, digest.hexdigest()) != (told["bytes"], told["sha256"]):
        raise _refused(path, f"it is damaged: {name} is not what was written")


def verify(path: Path, manifest: Manifest) -> None:
    """Read everything once. Raises StoreError if a part is not what the manifest says."""
    with open(os.devnull, "wb") as nowhere:
        for name in manifest.parts:
            extract(path, manifest, name, nowhere)


def chunks_of(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of a part, in portions."""
    with _opened(path) as archive:
        try:
            with archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    yield chunk
        except (*_DAMAGED, OSError) as error:
            raise _refused(path, f"it is damaged: {name}: {error}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power loss."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(file: IO[bytes], facts: Manifest, parts: Iterable[tuple[str, Iterable[bytes]]]) -> Manifest:
    told: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST) as archive:
        for name, chunks in parts:
            digest, size = hashlib.sha256(), 0
            with archive.open(name, "w", force_zip64=True) as part:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    part.write(chunk)
            told[name] = {"bytes": size, "sha256": digest.hexdigest()}
        manifest = Manifest(**{**asdict(facts), "parts": told})
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _checked(path: Path, plain: Mapping[str, Any]) -> Manifest:
    try:
        manifest = Manifest(**plain)
        schema = int(manifest.schema)
        sound = all({"bytes", "sha256"} <= set(part) for part in manifest.parts.values())
    except (TypeError, ValueError, AttributeError) as error:
        raise _refused(path, "its manifest cannot be read") from error
    if not sound:
        raise _refused(path, "its manifest cannot be read")
    if schema > LATEST:
        raise SchemaTooNew(
            f"the backup has schema {schema}; this Turnout knows schemas up to {LATEST}",
            where=str(path),
            fix="restore it with the Turnout that wrote it, or a newer one",
        )
    return manifest


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise _refused(path, "there is no such file") from error
    except zipfile.BadZipFile as error:
        raise _refused(path, "it is cut off, or no backup of Turnout") from error
    except OSError as error:
        raise _refused(path, f"it cannot be read: {error.strerror}") from error
    with archive:
        yield archive


def _refused(path: Path, why: str) -> StoreError:
    return StoreError(
        f"the backup cannot be restored: {why}", where=str(path), fix="fetch the file again, or take an older backup"
    )
