"""Who a worker is: an id that survives restarts, and differs between workers that share a data folder."""

import os
from pathlib import Path
from typing import NamedTuple

from turnout.core.ids import is_id, make_id
from turnout.worker import clock
from turnout.worker.spool_files import try_lock


class Identity(NamedTuple):
    """An id, held by a locked file for the life of the process."""

    worker_id: str
    descriptor: int

    def release(self) -> None:
        """Let another worker be this one."""
        os.close(self.descriptor)


def take_identity(data_dir: Path, pool: str) -> Identity:
    """The first identity of the pool that no living worker holds: `worker.<pool>.id`, then `worker.<pool>.2.id` ..."""
    number = 1
    while True:
        held = hold(identity_path(data_dir, pool, number))
        if held is not None:
            return held
        number += 1


def other_identities(data_dir: Path, pool: str, mine: Identity) -> list[Identity]:
    """Identities of dead workers of the pool, now held. The caller releases them."""
    found = []
    number = 1
    while (path := identity_path(data_dir, pool, number)).exists():
        held = hold(path)
        if held is not None and held.worker_id != mine.worker_id:
            found.append(held)
        number += 1
    return found


def identity_path(data_dir: Path, pool: str, number: int) -> Path:
    """The file of the n-th worker of a pool in this data folder."""
    return data_dir / (f"worker.{pool}.id" if number == 1 else f"worker.{pool}.{number}.id")


def hold(path: Path) -> Identity | None:
    """Take the identity in `path`, made if it is new; None if a living worker holds it."""
    descriptor = try_lock(path, create=True)
    if descriptor is None:
        return None
    known = os.pread(descriptor, 64, 0).decode(errors="replace").strip()
    if not is_id(known):
        known = make_id(int(clock.now() * 1000), clock.randomness())
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, known.encode() + b"\n", 0)
    return Identity(known, descriptor)
