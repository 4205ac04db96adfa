"""Tokens that live in the data folder: the admin's, one for each pool, and one for each pool of a project. Readable by
their owner alone.

The file is the authority: what it held when the server started is what is valid; deleting it and starting again
replaces the token.
"""

import os
import stat
import threading
from collections.abc import Iterable
from pathlib import Path

from turnout.core.errors import ConfigurationError
from turnout.core.records import Principal
from turnout.core.tokens import token_hash
from turnout.server.auth.tokens import Kind, new_token, token_kind

ANY_PROJECT = "*"


class TokenFiles:
    """The token files of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._holders: dict[str, Principal] = {}
        self._pools: set[tuple[str, str]] = set()
        self._making = threading.Lock()

    def admin(self) -> str:
        """The admin token, made on first use."""
        return self._hold("admin.token", "admin", Principal(kind="admin", name="admin"))

    def pools(self, pools: Iterable[tuple[str, str]]) -> None:
        """Make the token files of each (project, pool) that has none yet.

        `pool.<pool>.token` serves the pool in every project of the installation: for the workers of this machine.
        `pool.<pool>@<project>.token` serves it in one: for workers elsewhere, who shall see nothing of the others.
        """
        given = set(pools)
        with self._making:  # a release and the service that publishes: one shall not read what the other still writes
            for project, pool in (given | {(ANY_PROJECT, pool) for _, pool in given}) - self._pools:
                who = Principal(kind="worker", name=pool, scope=pool, project=project)
                self._hold(f"{pool_file(project, pool)}.token", "worker", who)
                self._pools.add((project, pool))

    def holder(self, hashed: str) -> Principal | None:
        """Who holds the token with this hash."""
        return self._holders.get(hashed)

    def held(self) -> dict[str, Principal]:
        """Who holds the token with which hash."""
        with self._making:
            return dict(self._holders)

    def _hold(self, name: str, kind: Kind, who: Principal) -> str:
        token = read_or_make(self._folder / name, kind)
        self._holders[token_hash(token)] = who
        return token


def pool_file(project: str | None, pool: str | None) -> str:
    """The name, without its ending, of the file that holds a pool's token; no project or any: of all projects."""
    return f"pool.{pool}" if project in (None, ANY_PROJECT) else f"pool.{pool}@{project}"


def read_or_make(path: Path, kind: Kind) -> str:
    """The token in the file at `path`, which is made 0600 when absent. Raises ConfigurationError for a file that is a
    link, belongs to someone else or holds something else."""
    try:
        return _make(path, kind)
    except FileExistsError:
        return _read(path, kind)


def _make(path: Path, kind: Kind) -> str:
    token = new_token(kind)
    # O_EXCL never follows a link and never opens what somebody else put there; fchmod holds under any umask.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        os.fchmod(handle, 0o600)
        file.write(token + "\n")
        file.flush()
        os.fsync(handle)
    return token


def _read(path: Path, kind: Kind) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(path, f"cannot be opened safely ({error.strerror})") from error
    with os.fdopen(handle) as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise _refused(path, "does not belong to this user")
        os.fchmod(handle, 0o600)
        token = file.read(200).strip()
    if token_kind(token) != kind:
        raise _refused(path, f"holds no {kind} token")
    return token


def _refused(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the token file {path.name} {why}", where=str(path), fix="delete it and start the server again: it is remade"
    )
