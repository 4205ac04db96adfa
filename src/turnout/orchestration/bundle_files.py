"""Files of a release's code, read from its bundle without unpacking it."""

import io
import tarfile
from collections.abc import Iterator

from turnout.core.archives import check_archive
from turnout.core.errors import NotFound, StoreError, TooLarge
from turnout.core.inventory import CodeFile
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.orchestration.creation import find_deployment

FILE_BYTES = 1_000_000
"""A larger file is not shown."""
UNPACKED_BYTES = 1_000_000_000
"""So much of an archive is read at most in search of a file."""
LISTED = 5_000


def deployed_code(tx: Tx, namespace: Namespace, name: str) -> tuple[bytes | None, str, str | None]:
    """The bundle that the next run of a deployment executes, the path of the deployment's file in it, and the commit.
    None for a bundle that is not kept. Raises NotFound."""
    spec, release = find_deployment(tx, namespace, name)
    path = spec.entrypoint.partition(":")[0]
    return (tx.bundles.get(release.bundle) if release.bundle else None), path, release.commit


def read_file(bundle: bytes, path: str, commit: str | None) -> CodeFile:
    """A file of the bundle and the names of all others. Raises NotFound, TooLarge."""
    names: list[str] = []
    found: bytes | None = None
    for member, content in _members(bundle, path):
        names.append(member)
        found = content if member == path else found
        if len(names) >= LISTED:
            break
    if found is None:
        raise NotFound(f"the deployed code has no file '{path[:200]}'", fix="see which files it has")
    text = found.decode(errors="replace")
    return CodeFile(path=path, text=text, binary=b"\0" in found[:8000], commit=commit, files=tuple(names))


def _members(bundle: bytes, wanted: str) -> Iterator[tuple[str, bytes | None]]:
    """Every file's path, and the content of the wanted one."""
    check_archive(bundle)
    try:
        with tarfile.open(fileobj=io.BytesIO(bundle), mode="r|gz") as archive:
            seen = 0
            for member in archive:
                seen += member.size
                if seen > UNPACKED_BYTES:
                    return
                if member.isreg():
                    yield member.name, _content(archive, member) if member.name == wanted else None
    except (tarfile.TarError, OSError, EOFError) as error:
        raise StoreError(f"the bundle cannot be read: {error}") from error


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > FILE_BYTES:
        raise TooLarge(f"'{member.name}' has {member.size:,} bytes; at most {FILE_BYTES:,} are shown")
    file = archive.extractfile(member)
    return file.read() if file else b""
