"""The comparison at the end: what the database holds against what the oracle saw."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation.oracle import ACTIVE, FINAL
from tests.simulation.scenario import occurrences
from turnout.core.records import FlowRun, Page, RunFilter

if TYPE_CHECKING:
    from tests.simulation.simulation import World

_COUNTED = re.compile(r"(\d+) occurrences since")


def judge(world: World) -> None:
    """Blame every promise that the end state breaks."""
    runs = world.backend.read(_all_runs)
    _requests(world, runs)
    _histories(world, runs)
    _schedules(world, runs)
    _journals(world, runs)
    _slots(world, runs)
    _invariants(world)


def _all_runs(tx: Any) -> list[FlowRun]:
    found: list[FlowRun] = []
    while page := tx.runs.find(RunFilter(), Page(limit=200, after=found[-1].id if found else None)):
        found += page
    return found


def _requests(world: World, runs: list[FlowRun]) -> None:
    """I1, I2: an acknowledged request is in effect, and once."""
    made = Counter(run.parameters["key"] for run in runs if "key" in run.parameters)
    known = {run.id for run in runs}
    for key, answered in world.oracle.triggered.items():
        if answered is not None and answered not in known:
            world.oracle.blame("I1", f"the run of key {key} was acknowledged and is gone")
        if made[key] > 1:
            world.oracle.blame("I2", f"key {key} made {made[key]} runs")
    for run in runs:
        if run.id in world.oracle.cancelled and not _states(world, run) & {"cancelling", "cancelled"}:
            world.oracle.blame("I16", f"the cancellation of run {run.name} was acknowledged and is forgotten")


def _states(world: World, run: FlowRun) -> set[str]:
    return {event["state"] for event in world.oracle.histories[run.id]}


def _histories(world: World, runs: list[FlowRun]) -> None:
    """I10, I30: every state is the fold of its history, and each step has exactly one event."""
    for run in runs:
        history = world.backend.read(lambda tx, run=run: tx.runs.history(run.id))
        told = [(entry.version, entry.attempt, entry.state.value) for entry in history]
        seen = [(event["version"], event["attempt"], event["state"]) for event in world.oracle.histories[run.id]]
        if told != seen:
            world.oracle.blame("I30", f"run {run.name}: history {told}, events {seen}")
        if (run.version, run.attempt, run.state.value) != told[-1]:
            world.oracle.blame("I10", f"run {run.name} is {run.state}, its history ends with {told[-1]}")
        if (run.lease_until is not None) is not (run.state in ACTIVE):
            world.oracle.blame("I7", f"run {run.name} is {run.state} with a lease until {run.lease_until}")
    missing = world.oracle.histories.keys() - {run.id for run in runs}
    if missing:
        world.oracle.blame("I1", f"{len(missing)} runs whose events were committed are gone")


def _schedules(world: World, runs: list[FlowRun]) -> None:
    """I3, I4: the closed form of each schedule against the rows."""
    high = world.backend.clock.highest()
    for name, policy in world.scenario.policies.items():
        rows = [run for run in runs if run.deployment == name and run.occurrence is not None]
        found = Counter(run.occurrence for run in rows)
        for at, count in found.items():
            if count > 1:
                world.oracle.blame("I3", f"{count} runs of {name} for {at:%H:%M:%S}")
        expected = occurrences(world.scenario, name, world.applied_at, high)
        strange = found.keys() - set(occurrences(world.scenario, name, world.applied_at - timedelta(hours=5), high))
        if strange:
            world.oracle.blame("I3", f"{name} has runs at {sorted(strange)[:3]}, which are no occurrences of it")
        if not world.chaos.edits:  # an edit starts a schedule afresh, at a moment that only the database knows
            _accounted(world, name, policy, rows, [at for at in expected if at <= world.chaos.calm_since])


def _accounted(world: World, name: str, policy: str, rows: list[FlowRun], expected: list[datetime]) -> None:
    """Each occurrence has its own row, or is counted by the row that tells how many were skipped with it."""
    by_time = {run.occurrence: run for run in rows}
    ordered = sorted(by_time)
    covered: set[datetime] = set()
    step = timedelta(seconds=world.scenario.steps[name])
    for at in ordered:
        counted = _COUNTED.match(by_time[at].reason or "")
        for number in range(int(counted.group(1)) if counted else 1):
            covered.add(at - number * step)
    lost = [at for at in expected if at not in covered]
    if lost:
        world.oracle.blame(
            "I3",
            f"{len(lost)} occurrences of {name} ({policy}) were lost: {', '.join(f'{at:%H:%M:%S}' for at in lost[:3])}",
        )


def _journals(world: World, runs: list[FlowRun]) -> None:
    """I11, I18: what was acknowledged is stored, once, in order; nothing else is; children end with their parent."""
    by_id = {run.id: run for run in runs}
    attempts: dict[str, list[Any]] = defaultdict(list)
    for (run_id, _), attempt in world.oracle.attempts.items():
        attempts[run_id].append(attempt)
    for run_id, made in attempts.items():
        run = by_id.get(run_id)
        if run is None:
            world.oracle.blame("I1", f"run {run_id} was executed and is gone")
            continue
        lines = world.backend.read(lambda tx, run=run: tx.journal.logs(run.id, None, None, 100_000))
        for attempt in made:
            _logs(world, attempt, [line for line in lines if line.attempt == attempt.number])
        if run.state in FINAL:
            _children(world, run)


def _logs(world: World, attempt: Any, stored: list[Any]) -> None:
    written = [(seq, json.loads(line)[5]) for seq, line in enumerate(attempt.lines) if line.startswith(b'["l"')]
    found = [(line.seq, line.message) for line in stored]
    if found != written[: len(found)]:
        world.oracle.blame("I18", f"log of {attempt.name}: stored {found[:5]}, written {written[:5]}")
    acked = sum(seq <= attempt.shipped for seq, _ in written)
    if len(found) < acked:
        world.oracle.blame("I18", f"{attempt.name}: {acked} log lines were acknowledged, {len(found)} are stored")


def _children(world: World, run: FlowRun) -> None:
    counts = world.backend.read(lambda tx: tx.journal.task_counts(run.id, run.attempt))
    still = {state: count for state, count in counts.items() if state not in FINAL}
    if still:
        world.oracle.blame("I10", f"run {run.name} is {run.state} and has open tasks: {still}")


def _slots(world: World, runs: list[FlowRun]) -> None:
    """I15: what is over holds nothing and waits for nothing."""
    for run in runs:
        held = world.backend.read(lambda tx, run=run: tx.limits.of_run(run.id))
        if held and (run.state not in ACTIVE or any(attempt != run.attempt for _, _, attempt, _ in held)):
            world.oracle.blame("I15", f"run {run.name} is {run.state} (attempt {run.attempt}) and keeps {held}")


def _invariants(world: World) -> None:
    """The product's own oracle, where it is there: `doctor --invariants` on the real store."""
    try:
        from turnout.store.invariants import check
    except ImportError:
        return
    if world.backend.real:
        for finding in world.backend.read(check):
            world.oracle.blame("doctor", str(finding))
