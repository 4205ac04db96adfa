"""What really happened (the flows' own file, the client's answers) against what the API says happened."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, Page
from turnout.core.states import RunState

STEPS = 12


@dataclass
class Tally:
    """What a campaign saw."""

    runs: int = 0
    crashed: int = 0
    attempts: int = 0
    steps: int = 0
    lines: int = 0
    acks: int = 0
    unanswered: int = 0
    slowest: float = 0.0
    missed: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """untouched: no run may notice that anything happened; `only_running`: none that ran before the fault, for a claim
    that no supervisor has yet lapses with the worker that holds it. on_disk: what the journal held at the kill counts
    as acknowledged, because it is shipped before anything is tried again."""

    untouched: bool = False
    only_running: bool = False
    on_disk: bool = True


class Oracle:
    """The file that flows append to; no part of Turnout reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, run_id: str) -> list[list[str]]:
        """The words of each line of a run, in the order in which they were written."""
        text = self.path.read_text() if self.path.exists() else ""
        return [words for line in text.splitlines() if (words := line.split()) and words.pop(0) == run_id]


def recorded_steps(api: AdminApi, run_id: str) -> Mapping[int, set[int]]:
    """attempt -> the steps whose completion the server holds, reused ones aside."""
    found: dict[int, set[int]] = collections.defaultdict(set)
    for attempt in range(1, api.run(run_id).attempt + 1):
        for task in api.tasks(run_id, Page(limit=200), attempt):
            if task.state == RunState.COMPLETED and task.state_name != "Reused":
                found[attempt].add(int(task.key.rsplit("#", 1)[1]))
    return found


def compare(
    api: AdminApi,
    run: FlowRun,
    oracle: Oracle,
    acknowledged: Mapping[int, set[int]],
    expected: Expectation,
    tally: Tally,
    *,
    ran: bool = True,
) -> None:
    """One run that is over; `acknowledged`: the steps that the server held at some moment, by attempt; `ran`: whether
    its flow had begun before the fault."""
    tally.runs += 1
    tally.attempts += run.attempt
    tally.crashed += run.state == RunState.CRASHED
    name = run.deployment or ""
    right = {RunState.COMPLETED} if name.endswith("resume") else {RunState.COMPLETED, RunState.CRASHED}
    if run.state not in right:
        tally.faults.append(f"state: {run.id} {name} is {run.state}: {run.reason}")
    judged = expected.untouched and (ran or not expected.only_running)
    if judged and (run.attempt > 1 or run.state != RunState.COMPLETED):
        tally.faults.append(f"disturbed: {run.id} {name} is {run.state} in attempt {run.attempt}: {run.reason}")
    seen = oracle.of(run.id)
    if name.startswith("steps"):
        witnessed = [(int(words[2]), int(words[1])) for words in seen if words[0] == "step"]
        tally.steps += len(witnessed)
        _compare_steps(api, run, witnessed, acknowledged, expected, tally)
    if name.startswith("lines"):
        _compare_lines(api, run, [(int(w[1]), int(w[2])) for w in seen if w[0] == "line"], tally)


def _compare_steps(
    api: AdminApi,
    run: FlowRun,
    witnessed: list[tuple[int, int]],
    acknowledged: Mapping[int, set[int]],
    expected: Expectation,
    tally: Tally,
) -> None:
    """No step ran again after its result was acknowledged; a completed run ran and recorded every step."""
    for (attempt, step), count in collections.Counter(witnessed).items():
        if count > 1:
            tally.faults.append(f"doubled: {run.id} step {step} ran {count} times in attempt {attempt}")
    known = {attempt: set(steps) for attempt, steps in acknowledged.items()}
    if expected.on_disk:
        for attempt, step in witnessed:
            # The step after one began, so the engine had acknowledged that one's result before.
            known.setdefault(attempt, set()).update(s for a, s in witnessed if a == attempt and s < step)
    for attempt, steps in known.items():
        again = sorted({step for later, step in witnessed if later > attempt and step in steps})
        if again:
            tally.faults.append(f"doubled: {run.id} steps {again} ran again after attempt {attempt} had them stored")
    if run.state != RunState.COMPLETED:
        return
    ran = {step for _, step in witnessed}
    if missing := set(range(STEPS)) - ran:
        tally.faults.append(f"lost: {run.id} completed without steps {sorted(missing)}")
    if unrecorded := ran - set().union(*recorded_steps(api, run.id).values()):
        tally.faults.append(f"lost: {run.id} has no record of steps {sorted(unrecorded)}")


def _compare_lines(api: AdminApi, run: FlowRun, witnessed: list[tuple[int, int]], tally: Tally) -> None:
    """Every line whose call returned is stored once, in order, per attempt."""
    stored = stored_lines(api, run.id)
    tally.lines += sum(map(len, stored.values()))
    for attempt in range(1, run.attempt + 1):
        numbers = stored.get(attempt, [])
        returned = max((number for tried, number in witnessed if tried == attempt), default=-1)
        if numbers != list(range(len(numbers))):
            tally.faults.append(f"disordered: {run.id} attempt {attempt} log")
        if len(numbers) < returned + 1:
            tally.faults.append(f"lost: {run.id} attempt {attempt} has {len(numbers)} of {returned + 1} lines")


def stored_lines(api: AdminApi, run_id: str) -> Mapping[int, list[int]]:
    """attempt -> the numbers of the stored lines, in the order in which the API hands them out."""
    stored: dict[int, list[int]] = collections.defaultdict(list)
    cursor: str | None = None
    while True:
        lines, cursor = api.logs(run_id, cursor=cursor, limit=1000)
        for line in lines:
            if line.message.startswith("line "):
                stored[line.attempt].append(int(line.message.split()[1]))
        if cursor is None or not lines:
            return stored
