"""A machine that writes, loses its power, and starts again: what was acknowledged, and what is there."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.factories import ManualClock, created, log, move, new_run, step
from tests.contract.factories import lines as journal_lines
from tests.faults.power_loss.disk import Disk, PowerLost
from tests.faults.power_loss.link import DATABASE, Link
from turnout.core.ports import Tx
from turnout.core.records import FlowRun
from turnout.core.states import RunState
from turnout.store.clock import IdMaker
from turnout.store.commits import Commits
from turnout.store.migrate import migrate

LIVES = 25
"""After so many power losses a new disk begins, so that it stays small."""
FUSE = 120
"""The power fails after at most so many operations of the disk."""
WORKS = 14
"""The most commits of one life."""


@dataclass(kw_only=True)
class Tally:
    """What was seen."""

    crashes: int = 0
    in_flight: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Acked:
    """Run id -> (version, last journal line) that were acknowledged."""

    runs: dict[str, tuple[int, int]] = field(default_factory=dict)


class Machine:
    """One disk after another; `seed` decides everything."""

    def __init__(self, seed: int, synchronous: str | None = None) -> None:
        self._chance = random.Random(seed)
        self._synchronous = synchronous
        self._clock = ManualClock()
        self._make_id = IdMaker(self._clock, self._chance.randbytes)
        self._empty = self._fresh_image()
        self.tally = Tally()

    def run(self, crashes: int) -> Tally:
        """Lose the power so often."""
        while self.tally.crashes < crashes:
            self._lives(min(LIVES, crashes - self.tally.crashes))
        return self.tally

    def _fresh_image(self) -> dict[str, bytes]:
        disk = Disk(self._chance)
        link = Link(disk)
        migrate(link, DATABASE)  # type: ignore[arg-type]
        link.close()
        image = disk.image()
        disk.unregister()
        return image

    def _lives(self, count: int) -> None:
        disk = Disk(self._chance)
        disk.load(self._empty)
        acked = Acked()
        with tempfile.NamedTemporaryFile() as stand_in:  # the store looks whether its file is still there
            for _ in range(count):
                disk.fuse, disk.operations = self._chance.randint(1, FUSE), 0
                self._live(disk, Path(stand_in.name), acked)
                disk.restart(None)
                if not self._compare(disk, acked):
                    break
        disk.unregister()

    def _live(self, disk: Disk, path: Path, acked: Acked) -> None:
        self.tally.crashes += 1
        link = None
        try:
            more = f"PRAGMA wal_autocheckpoint = {self._chance.choice((3, 10, 40, 1000))};"
            link = Link(disk, more, self._synchronous)
            commits = Commits(link, str(path), self._clock, self._make_id, None)  # type: ignore[arg-type]
            for _ in range(self._chance.randint(1, WORKS)):
                self._work(commits, acked)
        except PowerLost:
            self.tally.in_flight += 1
        finally:
            disk.fail()
            if link is not None:
                link.close()

    def _work(self, commits: Commits, acked: Acked) -> None:
        works = [_Work(self._chance, acked) for _ in range(self._chance.randint(1, 3))]
        outcomes = commits.run(works)
        for work, outcome in zip(works, outcomes, strict=True):
            if isinstance(outcome.error, PowerLost):
                raise outcome.error
            if outcome.error is None:
                acked.runs[work.run_id] = work.reached
                self.tally.acknowledged += 1

    def _compare(self, disk: Disk, acked: Acked) -> bool:
        """Whether the disk is sound, so that its life can go on."""
        words = f"crash {self.tally.crashes}"
        try:
            link = Link(disk)
            damage = [row[0] for row in link.execute("PRAGMA quick_check") if row[0] != "ok"]
            damage += [f"reference {row}" for row in link.execute("PRAGMA foreign_key_check")]
            versions = dict(link.execute("SELECT id, version FROM flow_run"))
            history = dict(link.execute("SELECT run_id, count(*) FROM flow_run_history GROUP BY run_id"))
            marks = dict(link.execute("SELECT run_id, acked FROM journal_stream"))
            lines = dict(link.execute("SELECT run_id, sum(lines) FROM log_chunk GROUP BY run_id"))
            link.close()
        except Exception as error:
            self.tally.corrupt.append(f"{words}: {type(error).__name__}: {error}")
            return False
        damage += [
            f"run {key} has {history.get(key)} of {value} steps"
            for key, value in versions.items()
            if history.get(key) != value
        ]
        damage += [
            f"run {key} has {lines.get(key)} log lines up to {mark}"
            for key, mark in marks.items()
            if lines.get(key) != (mark + 1) // 3
        ]
        self.tally.corrupt += [f"{words}: {what}" for what in damage[:3]]
        lost = [
            f"{words}: run {key} is at {versions.get(key)}, {marks.get(key, -1)} and was acknowledged at {value}"
            for key, value in acked.runs.items()
            if versions.get(key, 0) < value[0] or marks.get(key, -1) < value[1]
        ]
        self.tally.lost += lost[:1]
        if lost:
            acked.runs = {key: (version, marks.get(key, -1)) for key, version in versions.items()}
        return not damage


class _Work:
    """One write: a new run, a run that moves on, or a batch of its journal."""

    def __init__(self, chance: random.Random, acked: Acked) -> None:
        self._size = chance.choice((1, 4, 60))
        self._known = chance.choice(list(acked.runs)) if acked.runs and chance.random() < 0.6 else None
        self._moves = chance.random() < 0.5
        self.run_id = ""
        self.reached = (0, -1)

    def __call__(self, tx: Tx) -> None:
        run = tx.runs.get(self._known) if self._known else None
        if run is None:
            run = new_run(id=tx.new_id(), created_at=tx.now, state_at=tx.now, tags=("t",))
            assert tx.runs.insert(run, "x")
        elif self._moves:
            run = self._moved(tx, run)
        else:
            self._shipped(tx, run)
        self.run_id = run.id
        self.reached = (run.version, tx.journal.acked(run.id, 1, 2))

    def _moved(self, tx: Tx, run: FlowRun) -> FlowRun:
        state = RunState.RUNNING if run.state != RunState.RUNNING else RunState.PENDING
        return move(tx, run, state, reason="x" * 200 * self._size)

    def _shipped(self, tx: Tx, run: FlowRun) -> None:
        first = tx.journal.acked(run.id, 1, 2) + 1
        entries: list[Any] = []
        for number in range(self._size):
            task = first // 3 + number + 1
            entries += [created(task), step(task, "running"), log(f"{task} {run.id} " * 20)]
        tx.journal.store(run.id, 1, 2, first, journal_lines(*entries))
