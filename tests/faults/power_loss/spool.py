"""A spool whose machine loses its power: what a shipper was given to send is there, whatever became of the rest.

The real writer, reader and shipper work on a real file; what was synced is noted where the reader syncs it. At the
power loss the unsynced end is cut, filled with zeros or torn, and a file whose name was not synced may be gone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from tests.faults.power_loss.disk import SECTOR
from turnout.core import errors
from turnout.engine.journal.spool import SpoolJournal
from turnout.worker.shipping import Shipper
from turnout.worker.spool_files import AttemptFiles
from turnout.worker.spool_tail import SpoolTail

RUN = "0" * 32
SHM = Path("/dev/shm")


class Synced:
    """What syncs made durable: bytes of files, and names in folders."""

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self.names: set[str] = set()

    def sync(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self.names |= set(os.listdir(descriptor))
        else:
            self.sizes[status.st_ino] = status.st_size

    @contextmanager
    def watching(self, *, works: bool = True) -> Iterator[None]:
        """Note every sync while it lasts; nothing is really synced."""
        sync = self.sync if works else lambda descriptor: None
        with mock.patch.object(os, "fdatasync", sync), mock.patch.object(os, "fsync", sync):
            yield


class Server:
    """Stores lines as the server does: in order, each once, none that is malformed."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        fresh = lines.split(b"\n")[:-1]
        if first > len(self.lines):
            raise errors.Conflict("gap")
        for line in fresh:
            try:
                json.loads(line)
            except ValueError as error:
                raise errors.ParameterError(f"malformed: {error}") from error
        self.lines += fresh[len(self.lines) - first :]
        return len(self.lines) - 1


def spool_losses(crashes: int, seed: int, *, syncs: bool = True) -> list[str]:
    """So many power losses; what was lost or could not be read. Without `syncs`, those of the reader do nothing."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="turnout-power-", dir=SHM if SHM.is_dir() else None) as folder:
        return [fault for number in range(crashes) for fault in _one(Path(folder) / str(number), chance, number, syncs)]


def _one(folder: Path, chance: random.Random, number: int, syncs: bool) -> Iterator[str]:
    folder.mkdir()
    files = AttemptFiles(folder, RUN, 1)
    path = files.stream(0)
    server, synced = Server(), Synced()
    header = json.dumps({"protocol": 1, "run": RUN}) + "\n"
    with synced.watching(works=syncs):
        journal = SpoolJournal(str(path), header)
        promised = _work(journal, files, server, chance)
        journal.abandon()
    _lose_power(path, synced, chance)
    with synced.watching():
        shipper = Shipper(files, server)
        try:
            shipper.ship_all()
        except errors.TurnoutError as error:
            yield f"crash {number}: the reader stops: {error}"
        finally:
            shipper.close()
    wrong = [place for place, line in enumerate(promised) if server.lines[place : place + 1] != [line]]
    if wrong:
        yield f"crash {number}: line {wrong[0]} of {len(promised)} acknowledged ones is lost"
    shutil.rmtree(folder)


def _work(journal: SpoolJournal, files: AttemptFiles, server: Server, chance: random.Random) -> list[bytes]:
    """Write and ship for a while; the lines that a reader was given, which count as acknowledged `local`."""
    shipper, promised = Shipper(files, server), b""
    for _ in range(chance.randint(1, 12)):
        entries = [["l", 0, 1.5, 20, "x", "y" * chance.choice((0, 30, 700, 5000))] for _ in range(chance.randint(1, 4))]
        journal.write("".join(json.dumps(entry) + "\n" for entry in entries))
        action = chance.random()
        if action < 0.3:
            shipper.ship_all()
        if action < 0.5:
            tail = SpoolTail(files.stream(0), 0)
            batch = tail.read(chance.choice((100, 4000, 1_000_000)))
            promised = max(promised, batch.lines if batch else b"", key=len)
            tail.close()
    shipper.close()
    return max(promised.split(b"\n")[:-1], server.lines, key=len)


def _lose_power(path: Path, synced: Synced, chance: random.Random) -> None:
    content = path.read_bytes()
    durable = synced.sizes.get(path.stat().st_ino, 0)
    if path.name not in synced.names and chance.random() < 0.5:
        path.unlink()
        return
    tail = bytearray(content[durable : chance.randint(durable, len(content))])
    if chance.random() < 0.6:
        for at in range(0, len(tail), SECTOR):
            if chance.random() < 0.5:
                tail[at : at + SECTOR] = bytes(len(tail[at : at + SECTOR]))
    path.write_bytes(content[:durable] + bytes(tail))
