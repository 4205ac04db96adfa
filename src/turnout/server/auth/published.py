"""Tokens of one server's files, made good for every server of its database: their hashes are kept there.

The file stays the authority: a token that was replaced ends with the next start of its server, and those of a data
folder that is never served again end after `TOKEN_DAYS`.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from turnout.core.ports import Store, Tx
from turnout.core.records import Principal
from turnout.server.auth.files import ANY_PROJECT, TokenFiles, pool_file
from turnout.server.auth.tokens import new_token

TOKEN_DAYS = 30
"""How long a published token works after its server last said that its file is there."""
RENEWED = timedelta(days=1)
_FOLDER_ID = "server.id"


class PublishedTokens:
    """A service: publishes the tokens of a data folder, makes files for pools that other servers deployed, renews."""

    name = "tokens"

    def __init__(self, folder: Path, files: TokenFiles, pools: Callable[[Tx], set[tuple[str, str]]]) -> None:
        """pools: (project, pool) of those that are deployed."""
        self.pause = timedelta(seconds=30)
        self._folder = folder_id(folder)
        self._files = files
        self._pools = pools
        self._published: dict[str, Principal] = {}
        self._at: datetime | None = None

    def tick(self, store: Store, now: datetime) -> datetime | None:
        """Publish what is new, and everything once a day."""
        self._files.pools(store.read(self._pools))
        held = self._files.held()
        if self._published != held or self._at is None or now - self._at >= RENEWED:
            store.write(lambda tx: self._publish(tx, held))
            self._published, self._at = held, now
        return None

    def _publish(self, tx: Tx, held: dict[str, Principal]) -> None:
        until = tx.now + timedelta(days=TOKEN_DAYS)
        for hashed, who in held.items():
            file = "admin" if who.kind == "admin" else pool_file(who.project, who.scope)
            # A worker's scope is project/pool; no project means every one.
            project = "" if who.project == ANY_PROJECT else who.project
            scope = f"{project}/{who.scope}" if who.kind == "worker" else None
            tx.credentials.issue(self._folder, file, hashed, who.kind, who.name, scope, until)


def folder_id(folder: Path) -> str:
    """What names a data folder among all that ever served the database; made on first use."""
    path = folder / _FOLDER_ID
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        made = new_token("run")[-32:]
        file.write(made + "\n")
        return made
