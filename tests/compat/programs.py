"""Flows as data: generated, mutated as an editor of code would, and run as real flows with real checkpoints."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from turnout.engine.context.scopes import Root
from turnout.engine.definitions.load import load_module
from turnout.engine.journal.spool import MemoryJournal
from turnout.engine.reuse.checkpoints import Checkpoints
from turnout.testing import RecordedRun


@dataclass(frozen=True)
class Step:
    """One call in a flow: of the task `name` at `version` of its code, with a number or an earlier step's result as its
    argument (`uses`, an index), called or submitted."""

    name: str
    argument: int
    uses: int | None = None
    submitted: bool = False


@dataclass(frozen=True)
class Program:
    """A flow's steps, and the version of each task's code."""

    steps: tuple[Step, ...]
    versions: tuple[tuple[str, int], ...]

    @property
    def tasks(self) -> dict[str, int]:
        """Task -> version of its code."""
        return dict(self.versions)

    def source(self) -> str:
        """The flow as a Python file. A task tells the list `said` that it runs; its value depends on its code, its
        argument and nothing else, but for tasks called `poll...`, which count their calls."""
        lines = ["from turnout import flow, task", "said = []", "count = [0]", ""]
        for name, version in self.versions:
            lines += ["@task", f"def {name}(x):", f"    said.append(('{name}', x))"]
            if name.startswith("poll"):
                lines += ["    count[0] += 1", "    return count[0]", ""]
            else:
                lines += [f"    return ['{name}', {version}, x]", ""]
        lines += ["@flow", "def main():"]
        for number, step in enumerate(self.steps):
            argument = str(step.argument) if step.uses is None else f"r{step.uses}"
            call = f"{step.name}.submit({argument})" if step.submitted else f"{step.name}({argument})"
            lines.append(f"    r{number} = {call}")
        values = (f"r{number}.result()" if step.submitted else f"r{number}" for number, step in enumerate(self.steps))
        return "\n".join([*lines, f"    return [{', '.join(values)}]", ""])


@dataclass(frozen=True)
class Ran:
    """What one attempt did. calls: (task, argument) of those that ran, in order. lines: its journal."""

    state: str
    state_name: str
    value: Any
    calls: list[tuple[str, Any]]
    record: RecordedRun


def run(program: Program, folder: Path, checkpoints: Sequence[dict[str, Any]] | None = None, attempt: int = 1) -> Ran:
    """Run the program as an attempt under a worker would, in this process."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"program_{random.getrandbits(64):016x}.py"
    file.write_text(program.source())
    module = load_module(str(file))
    reusable = None
    if checkpoints is not None:
        path = folder / f"{file.stem}.checkpoints"
        path.write_text("".join(json.dumps(step) + "\n" for step in checkpoints))
        reusable = Checkpoints(str(path))
    journal = MemoryJournal()
    journal.write("{}\n")
    root = Root(journal=journal, run_id="0" * 32, attempt=attempt, digests=True, checkpoints=reusable)
    try:
        state = module.main.run_in(root, {})
    finally:
        file.unlink()
    return Ran(state.type, state.name, state.data, list(module.said), RecordedRun(journal.lines))


def checkpoints_of(record: RecordedRun, acked: int, attempt: int = 1) -> list[dict[str, Any]]:
    """What the server has after the first `acked` steps of an attempt, in the form of its answer."""
    return [
        {"key": task.key, "attempt": attempt, "inputs": task.facts.get("inputs"), "code": task.facts.get("code"),
         "result": task.facts["result"]}
        for task in record.tasks[:acked]
        if task.states[-1][0] == "completed" and "inline" in task.facts["result"]
    ]  # fmt: skip


def generate(rng: random.Random) -> Program:
    """A program of 4 to 8 steps of up to four tasks."""
    names = ["load", "clean", "join", "send"][: rng.randint(2, 4)]
    steps: list[Step] = []
    for number in range(rng.randint(4, 8)):
        uses = rng.randrange(number) if number and rng.random() < 0.4 else None
        steps.append(Step(rng.choice(names), rng.randint(0, 3), uses, rng.random() < 0.3))
    return Program(tuple(steps), tuple((name, 1) for name in names))


MUTATIONS = ("add", "remove", "rename", "reorder", "code", "argument", "comment")


def mutate(program: Program, kind: str, rng: random.Random) -> Program:
    """The program after one edit. Steps keep meaning the results that they used, as far as those are still there."""
    steps, tasks = list(program.steps), program.tasks
    at = rng.randrange(len(steps))
    if kind == "add":
        tasks["extra"] = 1
        fresh = Step("extra", 9) if rng.random() < 0.5 else replace(steps[at], uses=None, argument=rng.randint(4, 9))
        return Program((*map(_moved(at), steps[:at]), fresh, *map(_moved(at), steps[at:])), tuple(tasks.items()))
    if kind == "remove":
        kept = [step for number, step in enumerate(steps) if number != at]
        return Program(tuple(_without(step, at) for step in kept), program.versions)
    if kind == "rename":
        old = steps[at].name
        new = [replace(step, name="renamed") if step.name == old else step for step in steps]
        versions = {("renamed" if name == old else name): version for name, version in tasks.items()}
        return Program(tuple(new), tuple(versions.items()))
    if kind == "reorder":
        free = [number for number in range(len(steps) - 1) if steps[number + 1].uses != number]
        if not free:
            return program
        first = rng.choice(free)
        steps[first], steps[first + 1] = steps[first + 1], steps[first]
        swap = {first: first + 1, first + 1: first}
        return Program(
            tuple(replace(s, uses=None if s.uses is None else swap.get(s.uses, s.uses)) for s in steps),
            program.versions,
        )
    if kind == "code":
        tasks[steps[at].name] += 1
        return Program(program.steps, tuple(tasks.items()))
    if kind == "argument":
        steps[at] = replace(steps[at], uses=None, argument=rng.randint(4, 9))
        return Program(tuple(steps), program.versions)
    return program


def _moved(at: int) -> Any:
    return lambda step: step if step.uses is None or step.uses < at else replace(step, uses=step.uses + 1)


def _without(step: Step, at: int) -> Step:
    if step.uses is None or step.uses < at:
        return step
    return replace(step, uses=None) if step.uses == at else replace(step, uses=step.uses - 1)
