"""I22: a migration that is killed at any statement can be run again: the same schema, no row lost.

    ./dev faults migration [--rows 1000000] [--database sqlite|postgresql|both] [--every N]

With many rows, the kills come one after the other on one database, which has to be unchanged after each; the
migration is finished after the last. With few rows it is finished after each.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.migration_kills.targets import OnPostgres, OnSqlite, Target
from tests.faults.outcome import Outcome
from turnout.store.migrate import migrations

ROW = "migration"
MANY = 20_000
"""With more rows than this, a database is not copied for each kill."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this harness."""
    parser.add_argument("--rows", type=int, default=300, help="runs in the database of the former schema")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--every", type=int, default=1, help="kill at every so many statements only")


def run(options: argparse.Namespace) -> list[Outcome]:
    """An outcome a database."""
    names = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    return [_on(name, options) for name in names]


def _on(name: str, options: argparse.Namespace) -> Outcome:
    started = time.monotonic()
    faults: list[str] = []
    kills: dict[str, int] = {}
    with _target(name) as target:
        for number, file in migrations(dialect=name):
            tried = Kills(target, number, options.rows, options.every)
            faults += [f"{name}: {file}: {fault}" for fault in tried.run()]
            kills[file] = tried.count
            print(f"  {name:10}  {file:36} {tried.count:4} kills {len(faults):3} faults", flush=True)
    return Outcome(
        harness="migration",
        row=ROW,
        count=sum(kills.values()),
        seconds=time.monotonic() - started,
        faults=tuple(faults),
        details={"database": name, "rows": options.rows, "kills": kills},
    )


class Kills:
    """The kills of one migration: from schema `number - 1` to `number`."""

    def __init__(self, target: Target, number: int, rows: int, every: int) -> None:
        self._target = target
        self._number = number
        self._rows = rows
        self._every = every
        self.count = 0

    def run(self) -> Iterator[str]:
        """What went wrong."""
        target, number = self._target, self._number
        target.prepare(number - 1, self._rows)
        former, sums = target.schema(), target.sums()
        total = target.statements(number)
        target.migrate(number)
        wanted = target.schema()
        if sums and target.sums() != sums:
            yield "changes rows that it should not"
        target.renew()
        for at in range(1, total + 1, self._every):
            died = target.migrate_killed(number, at)
            self.count += 1
            if not died:
                yield f"statement {at} of {total}: was not killed"
            if died and at < total and target.schema() != former:
                yield f"statement {at} of {total}: half of the schema is there"
            if self._rows <= MANY or at + self._every > total:
                yield from self._finish(at, wanted, sums)

    def _finish(self, at: int, wanted: object, sums: object) -> Iterator[str]:
        self._target.migrate(self._number)
        if self._target.schema() != wanted:
            yield f"statement {at}: run again, the schema is another"
        if sums and self._target.sums() != sums:
            yield f"statement {at}: run again, rows are lost or changed"
        self._target.renew()


@contextmanager
def _target(name: str) -> Iterator[Target]:
    with tempfile.TemporaryDirectory(prefix="turnout-migration-") as folder:
        if name == "sqlite":
            yield OnSqlite(Path(folder))
            return
        from tests.postgres import start_cluster

        with start_cluster() as cluster:
            yield OnPostgres(cluster, Path(folder))
