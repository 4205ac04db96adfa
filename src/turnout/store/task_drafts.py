"""A task run while a batch is merged into it: mutable, and written once at the end."""

from collections.abc import Mapping
from typing import Any

from turnout.core.states import DEFAULT_NAME, FINAL
from turnout.core.steps import LEGAL_STEPS
from turnout.store.session import Row
from turnout.store.text import from_json, storable, to_json

_STEPS = {str(before): frozenset(map(str, after)) for before, after in LEGAL_STEPS.items()}
_NAMES = {str(state): name for state, name in DEFAULT_NAME.items()}
_FINAL = frozenset(map(str, FINAL))
_KINDS = frozenset({"task", "flow"})
_DETAILS = frozenset({"reason", "result", "error", "inputs", "code", "reused"})
_TEXTS = ("name", "reason")
_LATEST = 253_402_300_800
"""The end of the year 9999 in Unix seconds."""
_NUMBERS = 2**53
COMMON = ("parent", "kind", "name", "state", "state_name", "tries")
ROLLED_BACK = "RolledBack"
"""A completed task run takes this name when the transaction around it is rolled back: the one step after an end."""


def micros_of(at: Any) -> int:
    """The microseconds of a journal time; raises for what is no time."""
    if not 0 <= at < _LATEST:
        raise ValueError(f"{at!r} is no time")
    return int(at * 1_000_000)


def number_of(number: Any) -> int:
    """A run's number inside its root run; raises for what is none."""
    if type(number) is not int or not 0 <= number < _NUMBERS:
        raise ValueError(f"{number!r} is no number of a task")
    return number


class TaskDraft:
    """Applies `["c", ...]` and `["s", ...]` entries to one task.

    A step that the table refuses changes nothing but the timeline, where it is kept with the name `Refused (<name>)`:
    what a process wrote is never lost, and no row leaves a final state. A state that the server only presumed, because
    nothing was heard of the process, gives way to what the process wrote itself. A step that arrives before its
    task's creation (from another stream) makes a placeholder, which the creation completes.
    """

    __slots__ = ("created_at", "detail", "ended_at", "key", "kind", "name", "number", "parent", "started_at", "state",
                 "state_name", "timeline", "tries")  # fmt: skip

    started_at: int | None
    ended_at: int | None
    timeline: list[str]
    """Its entries [state, name, time], each as JSON: they are written and moved, and never looked into."""
    detail: dict[str, Any]
    """What else is in the column, by name."""

    def __init__(self, number: int, parent: int, kind: str, key: str, name: str, state: str, created_at: int) -> None:
        self.number = number
        self.parent = parent
        self.kind = kind
        self.key = key
        self.name = name
        self.state = state
        self.state_name = _NAMES[state]
        self.created_at = created_at
        self.tries = 0
        self.started_at = self.ended_at = None
        self.timeline = []
        self.detail = {}

    def step(self, state: str, at: float, extra: Mapping[str, Any] | None) -> None:
        """Enter `state`, or note that it was refused."""
        if not 0 <= at < _LATEST:
            raise ValueError(f"{at!r} is no time")
        before, detail = self.state, self.detail
        name = (check_facts(extra).get("name") if extra is not None else None) or _NAMES[state]
        if "presumed_from" in detail:
            before = self.state = detail.pop("presumed_from")
            self.ended_at = None
        if state not in _STEPS[before] and not (name == ROLLED_BACK and state == before == "completed"):
            self.timeline.append(_entry(state, f"Refused ({name})", at))
            return
        self.timeline.append(_entry(state, name, at))
        self.state, self.state_name = state, name
        if state == "running":
            self.tries += 1
            if self.started_at is None:
                self.started_at = int(at * 1_000_000)
        elif self.ended_at is None and state in _FINAL:
            self.ended_at = int(at * 1_000_000)
        if "reason" in detail:
            del detail["reason"]
        if extra:
            self._take(extra)

    def presume(self, state: str, at: float, reason: str) -> None:
        """Enter a final state on the server's word."""
        before = self.state
        self.step(state, at, {"reason": reason})
        self.detail["presumed_from"] = before

    def created(self, at: float, moment: int) -> None:
        """Begin the timeline with the state that the task was made in."""
        self.timeline.append(_entry(self.state, self.state_name, at))
        self._enter(self.state, moment)

    def complete(self, made: "TaskDraft") -> None:
        """Fill a placeholder with its creation, which arrived after its first steps."""
        self.timeline[:0] = made.timeline
        self.parent, self.kind, self.key, self.name = made.parent, made.kind, made.key, made.name
        self.created_at = made.created_at
        self.detail = {**made.detail, **self.detail}

    def common(self) -> Row:
        """What most tasks of a batch have in common, in the order of `COMMON`."""
        return self.parent, self.kind, self.name, self.state, self.state_name, self.tries

    def short_row(self) -> Row:
        """The columns of `journal/put_tasks` before those of `common`."""
        return self.number, self.key, self.created_at, self.started_at, self.ended_at, self._detail_text()

    def row(self) -> Row:
        """The columns in the order of `journal/list_drafts`."""
        return (
            self.number, self.parent, self.kind, self.key, self.name, self.state, self.state_name, self.tries,
            self.created_at, self.started_at, self.ended_at, self._detail_text(),
        )  # fmt: skip

    def _detail_text(self) -> str:
        timeline = ",".join(self.timeline)
        return (
            f'{{"timeline":[{timeline}],{to_json(self.detail)[1:]}' if self.detail else f'{{"timeline":[{timeline}]}}'
        )

    def _enter(self, state: str, moment: int) -> None:
        self.state = state
        if state == "running":
            self.tries += 1
            if self.started_at is None:
                self.started_at = moment
        elif state in _FINAL and self.ended_at is None:
            self.ended_at = moment

    def _take(self, extra: Mapping[str, Any]) -> None:
        for field in extra:
            if field in _DETAILS:
                self.detail[field] = extra[field]
        if "error" in extra and "reason" not in extra:
            self.detail["reason"] = f"{extra['error']['type']}: {extra['error']['message']}"
        if "try" in extra:
            self.tries = number_of(extra["try"])


def check_facts(extra: Any) -> Mapping[str, Any]:
    """The facts of a step, {} for null, if they have the form that `core.journal` describes; raises for what others
    could not read."""
    if extra is None:
        return {}
    for field in _TEXTS:
        if field in extra and type(extra[field]) is not str:
            raise ValueError(f"the {field} is no text")
    error, result = extra.get("error"), extra.get("result")
    if error is not None and not (type(error["type"]) is type(error["message"]) is str):
        raise ValueError("not an error")
    if result is not None and "inline" not in result and type(result.get("ref", result.get("unstored"))) is not str:
        raise ValueError("not a result")
    return extra  # type: ignore[no-any-return] # it is a dict: it has `get`


def created_draft(entry: list[Any]) -> TaskDraft:
    """The draft of a `["c", n, parent, kind, key, name, at, state, extra]` entry."""
    _, number, parent, kind, key, name, at, state, extra = entry
    if kind not in _KINDS or type(key) is not str or type(name) is not str or number == 0:
        raise ValueError("not the creation of a task or subflow")
    moment = micros_of(at)
    draft = TaskDraft(number_of(number), number_of(parent), kind, key, name, state, moment)
    draft.created(at, moment)
    if extra:
        draft.detail["upstream"] = [number_of(item) for item in extra.get("upstream") or ()]
        draft.detail["tags"] = [str(item) for item in extra.get("tags") or ()]
    return draft


def placeholder(number: Any, at: Any) -> TaskDraft:
    """The draft of a task whose creation has not arrived yet."""
    return TaskDraft(number_of(number), 0, "task", f"#{number}", "", "scheduled", micros_of(at))


def is_placeholder(draft: TaskDraft) -> bool:
    """Whether the creation of the task is still to come."""
    return draft.name == "" and draft.key == f"#{draft.number}"


def draft_from_row(row: Row) -> TaskDraft:
    """The draft of a stored task."""
    number, parent, kind, key, name, state, state_name, tries, created_at, started_at, ended_at, detail = row
    draft = TaskDraft(number, parent, kind, key, name, state, created_at)
    draft.state_name, draft.tries, draft.started_at, draft.ended_at = state_name, tries, started_at, ended_at
    draft.detail = from_json(detail)
    draft.timeline = [to_json(entry) for entry in draft.detail.pop("timeline")]
    return draft


def _entry(state: str, name: str, at: float) -> str:
    """An entry of the timeline, as JSON; nearly all have the state's own name and a time with a fraction."""
    if _NAMES.get(state) is name and type(at) is float:
        return f'["{state}","{name}",{at!r}]'
    return to_json([state, name, at])


def cleaned(draft: TaskDraft) -> TaskDraft:
    """The draft with every text storable; needed only where a batch holds NUL or surrogate escapes."""
    draft.key, draft.name, draft.state_name = storable(draft.key), storable(draft.name), storable(draft.state_name)
    return draft
