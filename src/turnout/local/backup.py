"""Backup and restore of an installation's database, as `turnout backup` and `turnout restore` do it."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from turnout.core.errors import StoreError, TurnoutError
from turnout.core.events import Lost
from turnout.core.ports import Clock, Tx
from turnout.local import object_storage
from turnout.orchestration.access import find_run
from turnout.orchestration.transition import apply
from turnout.settings import Settings
from turnout.store import backup as sqlite_backup
from turnout.store import open_reader, open_store
from turnout.store.archive import Manifest, read_manifest, verify
from turnout.store.clock import SystemClock
from turnout.store.store import DATABASE

ACTOR = "system:restore"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of it. `aside`: where the replaced database is; `ended`: runs that were active in the backup."""

    manifest: Manifest
    where: str
    aside: str | None = None
    ended: int = 0
    epoch: int = 0


def back_up(settings: Settings, target: str) -> Done:
    """Write a backup to a file or to `s3://bucket/key`, while servers go on. Raises NotFound, StoreError."""
    now = SystemClock().now()
    with _local_target(target) as path:
        manifest = _write(settings, path, now)
        # What cannot be read back is no backup.
        verify(path, read_manifest(path))
        if object_storage.is_remote(target):
            object_storage.upload(path, target)
    return Done(manifest=manifest, where=target)


def restore(settings: Settings, source: str, *, clock: Clock | None = None) -> Done:
    """Put a backup in the place of the database, which is kept aside; no server may run on it.

    Runs that were active when the backup was taken have lost their executor: they end, or resume, as their policy
    says; whatever still executes them is refused. Raises StoreLocked, StoreError, SchemaTooNew: then nothing changed.
    """
    with _local_source(source) as path:
        manifest = read_manifest(path)
        wanted = "postgresql" if settings.database_url else "sqlite"
        if manifest.database != wanted:
            raise StoreError(
                f"this is a backup of {manifest.database}; the database here is {wanted}",
                where=source,
                fix="set TURNOUT_DATABASE to an empty PostgreSQL database, or leave it out for SQLite",
            )
        if settings.database_url:
            return _into_postgres(settings.database_url, path, manifest, clock)
        return _into_folder(Path(settings.data_dir), path, manifest, clock or SystemClock())


def begin_again(tx: Tx, epoch: int, taken_at: str) -> int:
    """Tell a restored database that time went on without it: the number of runs whose executor it lost."""
    restored: Any = tx.restored  # type: ignore[attr-defined]
    restored.begin_epoch(epoch)
    restored.forget_credentials()
    reason = f"the database was restored to its backup of {taken_at[:19].replace('T', ' ')} UTC"
    active: list[str] = restored.active_runs()
    for run_id in active:
        apply(tx, find_run(tx, run_id), Lost(reason=reason), ACTOR)
    return len(active)


def _write(settings: Settings, path: Path, now: datetime) -> Manifest:
    if settings.database_url:
        # On use: psycopg is an extra.
        from turnout.store.postgres import backup as postgres_backup

        return postgres_backup.back_up(settings.database_url, path, now)
    return sqlite_backup.back_up(Path(settings.data_dir), path, now)


def _into_folder(folder: Path, path: Path, manifest: Manifest, clock: Clock) -> Done:
    with sqlite_backup.at_rest(folder):
        database = sqlite_backup.unpack(path, manifest, folder)
        epoch = 1 + max(_epoch(database), _epoch(folder / DATABASE))
        with open_store(database, clock=clock, threaded=False) as store:
            ended = store.write(lambda tx: begin_again(tx, epoch, manifest.taken_at))
        aside = sqlite_backup.put_in_place(database, folder, clock.now())
    where = str(folder / DATABASE)
    return Done(manifest=manifest, where=where, aside=str(aside) if aside else None, ended=ended, epoch=epoch)


def _into_postgres(url: str, path: Path, manifest: Manifest, clock: Clock | None) -> Done:
    # On use: psycopg is an extra.
    from turnout.store.postgres import backup as postgres_backup

    verify(path, manifest)
    postgres_backup.restore(url, path, manifest)
    with open_store(url, clock=clock, threaded=False) as store:
        epoch = 1 + store.read(lambda tx: int(tx.restored.epoch()))
        ended = store.write(lambda tx: begin_again(tx, epoch, manifest.taken_at))
        return Done(manifest=manifest, where=store.path, ended=ended, epoch=epoch)


def _epoch(database: Path) -> int:
    """How often a database was restored; 0 for one that cannot be read, or is not there."""
    try:
        with open_reader(database) as store:
            return int(store.read(lambda tx: tx.restored.epoch()))
    except TurnoutError:
        return 0


@contextlib.contextmanager
def _local_target(target: str) -> Iterator[Path]:
    if not object_storage.is_remote(target):
        yield Path(target).absolute()
        return
    object_storage.check(target)
    with tempfile.TemporaryDirectory(prefix="turnout-backup-") as folder:
        yield Path(folder) / "backup"


@contextlib.contextmanager
def _local_source(source: str) -> Iterator[Path]:
    if not object_storage.is_remote(source):
        yield Path(source).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="turnout-backup-") as folder:
        path = Path(folder) / "backup"
        object_storage.download(source, path)
        yield path
