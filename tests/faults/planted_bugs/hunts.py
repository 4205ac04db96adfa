"""The harnesses as the planted bugs meet them: case after case, and what it caught, empty for nothing."""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.faults.power_loss.lives import Machine
from tests.simulation.simulation import Level, simulate
from tests.unit.schedules import oracle, test_calendar
from tests.unit.schedules.cases import crons, windows
from turnout.core.errors import ResumeRefused
from turnout.engine.reuse.checkpoints import MISSING, Checkpoints, inputs_digest
from turnout.schedules import parse
from turnout.worker.spool_tail import SpoolTail

__all__ = ["Level"]


def simulated(level: Level, first: int, budget: int) -> Iterator[str]:
    """Seeds of the simulator."""
    for number in range(first, first + budget):
        yield "; ".join(simulate(number, level).faults)


def runs_machine(first: int, budget: int) -> Iterator[str]:
    """Examples of the state machine of runs."""
    from tests.faults.stateful import examples

    yield from examples("runs", budget, 50, first)


def power_losses(first: int, budget: int) -> Iterator[str]:
    """Power losses on the database."""
    machine = Machine(first)
    for _ in range(budget):
        tally = machine.run(machine.tally.crashes + 1)
        yield "; ".join((*tally.lost, *tally.corrupt))


def spool_losses(first: int, budget: int) -> Iterator[str]:
    """A spool that grows, is shipped and loses its power: what was shipped has to be there."""
    chance = random.Random(first)
    for _ in range(budget):
        yield "lines were shipped that a power loss takes" if _spool_loss(chance) else ""


def _spool_loss(chance: random.Random) -> bool:
    synced, shipped = 0, 0
    with tempfile.TemporaryDirectory(prefix="turnout-spool-") as folder:
        path = Path(folder) / "run.1.0"
        path.write_bytes(b"")
        tail = SpoolTail(path, 0)

        def sync(descriptor: int) -> None:
            nonlocal synced
            synced = max(synced, os.fstat(descriptor).st_size) if os.path.isfile(path) else synced

        with patch.object(os, "fdatasync", sync), patch.object(os, "fsync", lambda descriptor: None):
            for _ in range(chance.randint(1, 6)):
                with path.open("ab") as spool:
                    spool.write(b"".join(b'["l",0,1,20,"x","%d"]\n' % n for n in range(chance.randint(0, 4))))
                batch = tail.read(chance.choice((1, 40, 1000)))
                if batch is not None and chance.random() < 0.8:
                    shipped += len(batch.lines)
                    tail.advance(batch, batch.first + batch.length - 1)
        tail.close()
    return shipped > synced


def cancelled_bodies(first: int, budget: int) -> Iterator[str]:
    """Bodies that start other processes, cancelled under a real worker."""
    from tests.faults import cancel

    for body in ("tree", "daemon", "threads", "stubborn")[:budget]:
        parser = argparse.ArgumentParser()
        cancel.add_arguments(parser)
        options = parser.parse_args(["--bodies", body, "--how", "cancel", "--special", ""])
        yield "; ".join(fault for outcome in cancel.run(options) for fault in outcome.faults)


Call = tuple[str, int]
"""A step's name and argument."""


def mutated_flows(first: int, budget: int) -> Iterator[str]:
    """Recorded histories against edited flows: no call may get what another call returned."""
    chance = random.Random(first)
    for _ in range(budget):
        before = [(chance.choice("abc"), chance.randint(0, 2)) for _ in range(chance.randint(2, 6))]
        yield "a call got another's result" if _mixes_up(before, _edited(before, chance)) else ""


def _edited(calls: list[Call], chance: random.Random) -> list[Call]:
    made = list(calls)
    at = chance.randrange(len(made))
    kind = chance.choice(("insert", "remove", "swap", "argument"))
    if kind == "insert":
        made.insert(at, (chance.choice("abc"), chance.randint(0, 2)))
    elif kind == "remove":
        del made[at]
    elif kind == "swap":
        made[at], made[0] = made[0], made[at]
    else:
        made[at] = (made[at][0], made[at][1] + 5)
    return made


def _mixes_up(before: list[Call], after: list[Call]) -> bool:
    with tempfile.TemporaryDirectory(prefix="turnout-resume-") as folder:
        path = Path(folder) / "checkpoints"
        path.write_text("".join(json.dumps(_stored(key, call)) + "\n" for key, call in _keys(before)))
        known = Checkpoints(str(path))
        for key, call in _keys(after):
            try:
                found = known.find(key, inputs_digest(call[1:], {}), CODE).value
            except ResumeRefused:
                return False
            if found is not MISSING and found != _returned(call):
                return True
    return False


CODE = "cpython-311:own:around"
"""No step's code changes."""


def _stored(key: str, call: Call) -> dict[str, Any]:
    digest = inputs_digest(call[1:], {})
    return {"key": key, "attempt": 1, "inputs": digest, "code": CODE, "result": {"inline": _returned(call)}}


def _keys(calls: list[Call]) -> Iterator[tuple[str, Call]]:
    turns: dict[str, int] = {}
    for call in calls:
        turn = turns.get(call[0], 0)
        turns[call[0]] = turn + 1
        yield f"{call[0]}#{turn}", call


def _returned(call: Call) -> str:
    return f"{call[0]}({call[1]})"


def calendar_cases(first: int, budget: int) -> Iterator[str]:
    """Schedules against the minute-walker."""

    def agrees(window: Any, case: Any) -> None:
        schedule = parse({"cron": case.expression, "timezone": window.zone})
        expected = oracle.every_minute if case.wildcard else oracle.fixed
        test_calendar.check(schedule, window, expected(ZoneInfo(window.zone), case.matches, window.start, window.end))

    yield from counted_examples(given(windows(), crons())(agrees), first, budget)


def counted_examples(test: Callable[[], Any], first: int, budget: int) -> Iterator[str]:
    """The examples of a property, and which of them failed."""
    count = 0
    inner = test.hypothesis.inner_test  # type: ignore[attr-defined]

    def counting(*arguments: Any, **named: Any) -> None:
        nonlocal count
        count += 1
        inner(*arguments, **named)

    test.hypothesis.inner_test = counting  # type: ignore[attr-defined]
    checked = settings(
        max_examples=budget,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(seed(first)(test))
    failed = ""
    try:
        checked()
    except AssertionError as error:
        failed = f"{error!r}"
    finally:
        test.hypothesis.inner_test = inner  # type: ignore[attr-defined]
    yield from [""] * (count - 1)
    yield failed
