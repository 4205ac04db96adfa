"""Code bundles on this machine: fetched once, checked, unpacked under their digest, compiled; old ones removed."""

import compileall
import contextlib
import hashlib
import io
import logging
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from turnout.core.archives import check_archive
from turnout.core.errors import ConfigurationError
from turnout.worker import clock
from turnout.worker.room import is_full

log = logging.getLogger("turnout.worker")

KEPT = 5
"""So many bundles stay, those used last, besides those of living runs."""
FRESH_SECONDS = 3600.0
"""What was used or begun this recently is never removed: another worker of the folder may be about to use it."""

_UNPACKING = ".unpacking-"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class BundleCache:
    """`<data>/bundles/<digest>/`: complete or absent, never half. A folder's time is that of its last use."""

    def __init__(
        self, folder: Path, fetch: Callable[[str], bytes], in_use: Callable[[], Collection[str]] = tuple
    ) -> None:
        """fetch: the content of a digest. in_use: the digests of living runs, whichever worker here has them."""
        self._folder = folder
        self._fetch = fetch
        self._in_use = in_use

    def find(self, digest: str) -> Path | None:
        """Where the bundle is, if it is here. Raises ConfigurationError for what is no digest."""
        if not _DIGEST.match(digest):
            raise ConfigurationError(f"not a bundle digest: {digest[:80]!r}", fix="apply the project again")
        path = self._folder / digest
        if not path.is_dir():
            return None
        os.utime(path)
        return path

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
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=_UNPACKING) as fresh:
            tree = Path(fresh) / "tree"
            tree.mkdir(mode=0o700)
            unpack(content, tree)
            # Compiled once here, so that no run pays for it and none writes beside another that reads.
            compileall.compile_dir(str(tree), quiet=2, stripdir=str(tree), prependdir=str(self._folder / digest))
            _protect(tree)
            self._publish(tree, self._folder / digest)
        self.prune()
        return self._folder / digest

    def prune(self) -> None:
        """Remove what no living run needs: all but the `KEPT` bundles used last, and what a killed worker left half."""
        with contextlib.suppress(OSError):  # another worker may be at it too
            found = sorted(((path.stat().st_mtime, path.name) for path in self._folder.iterdir()), reverse=True)
            bundles = [item for item in found if _DIGEST.match(item[1])]
            halves = [item for item in found if item[1].startswith(_UNPACKING)]
            in_use = self._in_use()
            for used_at, name in bundles[KEPT:] + halves:
                if name not in in_use and used_at < clock.now() - FRESH_SECONDS:
                    self._remove(name)

    def _remove(self, name: str) -> None:
        # Renamed first: a bundle is there whole or not at all.
        old = self._folder / f"{_UNPACKING}{name[-64:]}.old"
        os.rename(self._folder / name, old)
        shutil.rmtree(old, ignore_errors=True)
        log.info("removed the code of an old release: %s", name)

    def _publish(self, tree: Path, target: Path) -> None:
        try:
            os.rename(tree, target)
        except OSError:
            if not target.is_dir():
                raise
            shutil.rmtree(tree)  # another worker was faster; its content is the same


def _protect(tree: Path) -> None:
    """Make the files read-only: runs work in copies, and nothing is to change for all of them. Folders stay their
    owner's, who may want to remove them by hand."""
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode & 0o555)


def unpack(content: bytes, folder: Path) -> None:
    """Unpack a gzipped tar archive into `folder`. Only files, folders and links that stay inside are accepted: anything
    else raises ConfigurationError before a byte is written. OSError: the disk is full."""
    check_archive(content)
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            # Not left to the interpreter's filter alone, which has been tricked by links before; Debian 12's own
            # Python 3.11.2 has none.
            if hasattr(tarfile, "data_filter"):
                archive.extractall(folder, filter="data")
            else:
                archive.extractall(folder)  # noqa: S202 -- every member was checked above
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        if is_full(error):
            raise
        raise ConfigurationError(
            f"the bundle cannot be unpacked: {error}", where="bundle", fix="apply the project again"
        ) from error
