"""Steps that earlier attempts completed, and which of them a step of this attempt is.

A step is told by its name and the names around it, by its arguments, and, among calls with the same arguments, by its
turn. Each stored result is handed out once.

- Added steps run; removed ones are not missed; steps may change places; a renamed step is an added one.
- A step whose own code or whose arguments changed runs again, and so do those that take or wait for its future.
- Where a step was called several times with the same arguments, gave different results, and the function that calls it
  was edited, nobody can tell which call is which: the run is stopped (`ResumeRefused`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter

from turnout.core.errors import ResultUnavailable, ResumeRefused
from turnout.engine.results.restoring import restore
from turnout.engine.results.typed_json import NotStorable, typed_json
from turnout.engine.reuse.step_code import differs, differs_around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MISSING: Any = object()
DIGEST_BYTES = 256_000
"""Arguments with more typed JSON than this are not compared, and their step runs again: reading a megabyte for each of
a thousand mapped tasks would cost more than most of them do."""
CODE_CHANGED, INPUTS_CHANGED = "its code changed", "its arguments changed"
_TURN = re.compile(r"#\d+(?=/|$)")


class Found:
    """What an earlier attempt has for a step. value: MISSING where the step has to run; why: what changed, if it was
    another before; attempt: which one; result: the journal's, where it has the value."""

    __slots__ = ("attempt", "result", "value", "why")

    def __init__(
        self, value: Any = MISSING, attempt: int = 0, why: str | None = None, result: dict[str, Any] | None = None
    ) -> None:
        self.value = value
        self.result = result
        self.attempt = attempt
        self.why = why


class _Step:
    """One `core.jobs.Checkpoint`. taken: the key of the step that got it."""

    __slots__ = ("attempt", "code", "inputs", "key", "result", "taken")

    def __init__(self, line: bytes) -> None:
        step = json.loads(line)
        self.key: str = step["key"]
        self.attempt: int = step["attempt"]
        self.inputs: str | None = step["inputs"]
        self.code: str | None = step.get("code")
        self.result = step["result"]
        self.taken: str | None = None


class Checkpoints:
    """Reusable results, read from a file of one `core.jobs.Checkpoint` a line."""

    def __init__(self, path: str) -> None:
        self._by_key: dict[str, _Step] = {}
        self._calls: dict[tuple[str, str], list[_Step]] = {}
        with open(path, "rb") as file:
            found = [step for step in map(_Step, file) if step.inputs is not None and _is_stored(step.result)]
        for step in found:
            self._calls.setdefault((without_turns(step.key), str(step.inputs)), []).append(step)
        self._calls = {call: _each_once(steps) for call, steps in self._calls.items()}
        for steps in self._calls.values():
            for step in steps:
                known = self._by_key.get(step.key)
                if known is None or known.attempt < step.attempt:
                    self._by_key[step.key] = step

    def find(self, key: str, inputs: str | None, code: str, read: Callable[[Any], Any]) -> Found:
        """The stored result of the step `key`, called with these inputs by this code. Raises ResumeRefused.

        read: what makes a value of a result that is stored by reference; raises ResultUnavailable.
        """
        if inputs is None:
            return Found()
        same = self._by_key.get(key)
        calls = self._calls.get((without_turns(key), inputs), [])
        free = [step for step in calls if step.taken is None]
        if not free:
            changed = same is not None and same.inputs != inputs and same.taken is None
            return Found(attempt=same.attempt, why=INPUTS_CHANGED) if same is not None and changed else Found()
        step = same if same in free and same is not None else free[0]
        step.taken = key
        if differs(step.code, code):
            return Found(attempt=step.attempt, why=CODE_CHANGED)
        if differs_around(step.code, code) and any(_content(other) != _content(step) for other in calls):
            raise _ambiguous(key, step.attempt, len(calls))
        try:
            result = step.result
            value = restore(result["inline"]) if "inline" in result else read(result)
            return Found(value, step.attempt, result=result)
        except ResultUnavailable as error:  # its class or its file is gone: run the step again
            return Found(attempt=step.attempt, why=error.what if "ref" in step.result else "its result's class is gone")

    def release(self, key: str) -> None:
        """The flow run `key` ("" for the root) begins again: what its steps took can be taken again."""
        inside = f"{key}/" if key else ""
        for steps in self._calls.values():
            for step in steps:
                if step.taken is not None and step.taken.startswith(inside):
                    step.taken = None


def inputs_digest(args: Any, kwargs: Any, around: str | None = None) -> str | None:
    """SHA-256 of the typed JSON of a call's arguments; None if they have none, and then the step is not reused.
    around: the identity of the step or subflow that makes the call, None in the root flow."""
    try:
        text = typed_json([args, kwargs], DIGEST_BYTES)
    except NotStorable:
        return None
    return hashlib.sha256((text if around is None else f"{around}\n{text}").encode()).hexdigest()


def without_turns(key: str) -> str:
    """The names of a step and of those around it."""
    return _TURN.sub("", key)


def _is_stored(result: Any) -> bool:
    return "inline" in result or "ref" in result


def _content(step: _Step) -> Any:
    """What tells one result from another: files may hold the same."""
    return step.result.get("digest") or step.result


def _each_once(steps: Iterable[_Step]) -> list[_Step]:
    """One record for each call: an attempt that reused a result recorded it again, perhaps under another turn."""
    newest = sorted(steps, key=lambda step: (-step.attempt, len(step.key), step.key))
    most = max(Counter(step.attempt for step in newest).values())
    kept: dict[str, _Step] = {}
    for step in newest:
        if len(kept) < most:
            kept.setdefault(step.key, step)
    return sorted(kept.values(), key=lambda step: (len(step.key), step.key))


def _ambiguous(key: str, attempt: int, calls: int) -> ResumeRefused:
    name = without_turns(key)
    return ResumeRefused(
        f"the run cannot be resumed: attempt {attempt} called '{name}' {calls} times with the same arguments and "
        "different results, and the function that calls it was edited since",
        where=f"step {key}",
        fix="run it from the beginning with `turnout runs retry --all`, or give each call an argument of its own",
    )
