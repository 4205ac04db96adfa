"""Code bundles on this machine: fetched once, checked, unpacked under their digest, compiled."""

import compileall
import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from turnout.core.errors import ConfigurationError
from turnout.core.limits import BUNDLE_BYTES

UNPACKED_BYTES = 20 * BUNDLE_BYTES
UNPACKED_FILES = 50_000

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class BundleCache:
    """`<data>/bundles/<digest>/`: complete or absent, never half."""

    def __init__(self, folder: Path, fetch: Callable[[str], bytes]) -> None:
        self._folder = folder
        self._fetch = fetch

    def find(self, digest: str) -> Path | None:
        """Where the bundle is, if it is here. Raises ConfigurationError for what is no digest."""
        if not _DIGEST.match(digest):
            raise ConfigurationError(f"not a bundle digest: {digest[:80]!r}", fix="apply the project again")
        path = self._folder / digest
        return path if path.is_dir() else None

    def ensure(self, digest: str) -> Path:
        """Where the bundle is, after fetching it if need be. Raises what `fetch` raises, and ConfigurationError for
        content that is not the bundle or would write outside its folder."""
        found = self.find(digest)
        if found is not None:
            return found
        content = self._fetch(digest)
        actual = hashlib.sha256(content).hexdigest()
        if actual != digest:
            raise ConfigurationError(
                f"the bundle's content has the digest {actual}", where=f"bundle {digest}", fix="apply the project again"
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".unpacking-") as fresh:
            tree = Path(fresh) / "tree"
            tree.mkdir()
            unpack(content, tree)
            # Compiled once here, so that no run pays for it and none writes beside another that reads.
            compileall.compile_dir(str(tree), quiet=2, stripdir=str(tree), prependdir=str(self._folder / digest))
            self._publish(tree, self._folder / digest)
        return self._folder / digest

    def _publish(self, tree: Path, target: Path) -> None:
        try:
            os.rename(tree, target)
        except OSError:
            if not target.is_dir():
                raise
            shutil.rmtree(tree)  # another worker was faster; its content is the same


def unpack(content: bytes, folder: Path) -> None:
    """Unpack a tar archive (plain or compressed) into `folder`. Only files, folders and links that stay inside are
    accepted: anything else raises ConfigurationError and nothing outside `folder` is touched."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:*") as archive:
            members = _checked(archive, folder)
            archive.extractall(folder, members=members, filter="data")
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise ConfigurationError(
            f"the bundle cannot be unpacked: {error}", where="bundle", fix="apply the project again"
        ) from error


def _checked(archive: tarfile.TarFile, folder: Path) -> list[tarfile.TarInfo]:
    members, size = [], 0
    for member in archive:
        members.append(member)
        size += member.size
        if len(members) > UNPACKED_FILES or size > UNPACKED_BYTES:
            raise ValueError("it is too large when unpacked")
        if not (member.isreg() or member.isdir() or member.issym()):
            raise ValueError(f"{member.name!r} is neither file, folder nor link")
        if member.name.startswith("/") or ".." in Path(member.name).parts:
            raise ValueError(f"{member.name!r} lies outside")
        tarfile.data_filter(member, str(folder))
    return members
