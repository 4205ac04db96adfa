"""A run's journal as values: what a test looks at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from turnout.core.states import RunState
from turnout.core.steps import legal_step
from turnout.engine.results.restoring import restore

_NO_FACTS: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class RecordedLog:
    """A log line; `number` is the task's, 0 for the flow."""

    number: int
    level: int
    logger: str
    message: str


@dataclass(kw_only=True)
class RecordedTask:
    """A task run or subflow. `states`: every (type, name) in order. `facts`: the extras of the last transition."""

    number: int
    parent: int
    kind: str
    key: str
    name: str
    upstream: tuple[int, ...]
    tags: tuple[str, ...]
    states: list[tuple[str, str]] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 1

    @property
    def function(self) -> str:
        """The name of the task or flow that ran."""
        return self.key.rpartition("/")[2].rpartition("#")[0]

    @property
    def state(self) -> str:
        return self.states[-1][0]

    @property
    def state_name(self) -> str:
        return self.states[-1][1]

    @property
    def reason(self) -> str | None:
        return self.facts.get("reason")

    @property
    def result(self) -> Any:
        """The stored result. Raises KeyError if none is."""
        return restore(self.facts["result"]["inline"])


class RecordedRun:
    """A flow run, read from its journal's lines, live."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @property
    def header(self) -> dict[str, Any]:
        return dict(json.loads(self.lines[0]))

    @property
    def entries(self) -> list[list[Any]]:
        return [json.loads(line) for line in self.lines[1:]]

    @property
    def states(self) -> list[tuple[str, str]]:
        """The flow's own transitions as (type, name)."""
        return [_state(entry) for entry in self.entries if entry[0] == "s" and entry[1] == 0]

    @property
    def state(self) -> str:
        return self.states[-1][0]

    @property
    def facts(self) -> Mapping[str, Any]:
        """The extras of the flow's last transition."""
        last: Mapping[str, Any] | None = [e for e in self.entries if e[0] == "s" and e[1] == 0][-1][4]
        return last or _NO_FACTS

    @property
    def reason(self) -> str | None:
        return self.facts.get("reason")

    @property
    def tasks(self) -> list[RecordedTask]:
        """Task runs and subflows by number. Raises ValueError if one took a step that the state table refuses."""
        found: dict[int, RecordedTask] = {}
        for entry in self.entries:
            if entry[0] == "c":
                found[entry[1]] = _task(entry)
            elif entry[0] == "s" and entry[1]:
                _step(found[entry[1]], entry)
        return [found[number] for number in sorted(found)]

    def task(self, key: str) -> RecordedTask:
        """The task run with this key or name. Raises LookupError."""
        for task in self.tasks:
            if key in (task.key, task.name):
                return task
        raise LookupError(f"no task {key!r} among {[task.key for task in self.tasks]}")

    @property
    def logs(self) -> list[RecordedLog]:
        return [
            RecordedLog(number=entry[1], level=entry[3], logger=entry[4], message=entry[5])
            for entry in self.entries
            if entry[0] == "l"
        ]

    @property
    def messages(self) -> list[str]:
        """The text of every log line."""
        return [line.message for line in self.logs]

    @property
    def artifacts(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        """key -> (kind, data), the latest of each key."""
        return {entry[4]: (entry[3], entry[5]) for entry in self.entries if entry[0] == "a"}

    def named(self, name: str) -> list[RecordedTask]:
        """The task runs and subflows of a function, by its name or by the run's, in the order of their numbers."""
        return [task for task in self.tasks if name in (task.function, task.name)]

    def assert_state(self, state: str, task: str | None = None) -> None:
        """Fail unless the run, or every run of `task`, ended in `state`: a type (`completed`) or a name (`Cached`)."""
        found = (
            [(self.state, _last(self.states))] if task is None else [(t.state, t.state_name) for t in self.named(task)]
        )
        assert found, f"no task '{task}' ran\n{self.describe()}"
        assert all(state in pair for pair in found), f"not {state}: {task or 'the flow'}\n{self.describe()}"

    def assert_ran(self, task: str, times: int = 1) -> None:
        """Fail unless `task` was begun in this many runs of it; retries are not counted, skipped ones neither."""
        began = sum(any(kind == "running" for kind, _ in run.states) for run in self.named(task))
        assert began == times, f"'{task}' ran {began} times, not {times}\n{self.describe()}"

    def describe(self) -> str:
        """The run as text: every task with its states, what was logged, why it ended as it did."""
        from turnout.testing.describing import describe

        return describe(self)

    @property
    def ended(self) -> bool:
        """Whether the journal was closed."""
        return bool(self.entries) and self.entries[-1][0] == "e"


def _task(entry: list[Any]) -> RecordedTask:
    _, number, parent, kind, key, name, _, state, extra = entry
    facts = extra or {}
    made = RecordedTask(
        number=number,
        parent=parent,
        kind=kind,
        key=key,
        name=name,
        upstream=tuple(facts.get("upstream", ())),
        tags=tuple(facts.get("tags", ())),
    )
    made.states.append((state, state.capitalize()))
    return made


def _step(task: RecordedTask, entry: list[Any]) -> None:
    state = _state(entry)
    if not legal_step(RunState(task.state), RunState(state[0])) and state[1] != "RolledBack":
        raise ValueError(f"task {task.key} went from {task.state} to {state[0]}")
    task.states.append(state)
    task.facts = entry[4] or {}
    task.tries = task.facts.get("try", task.tries)


def _state(entry: list[Any]) -> tuple[str, str]:
    return entry[2], (entry[4] or {}).get("name") or entry[2].capitalize()


def _last(states: Sequence[tuple[str, str]]) -> str:
    return states[-1][1] if states else ""
