"""Whether a step of a resumed attempt runs, or hands out the result of an earlier one."""

from __future__ import annotations

from turnout.engine.results.typed_json import result_fact
from turnout.engine.states.state import State
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.scopes import FlowScope, Scope
    from turnout.engine.runs.run_task import TaskScope


def reuse(scope: TaskScope) -> State | None:
    """The state of a task that an earlier attempt completed; None if it has to run. Raises Interrupt where the run
    cannot be resumed."""
    from turnout.engine.reuse.checkpoints import inputs_digest

    parent = scope.parent
    scope.digest = inputs_digest(scope.args, scope.kwargs, parent.identity if parent is not None else None)
    if scope.root.checkpoints is None or (scope.definition.persist_result is not True and is_strict(scope)):
        return None
    before = next((future for future in scope.needs if future.number in scope.root.changed), None)
    return _find(scope, None if before is None else f"'{before.name}' before it ran again")


def reuse_subflow(scope: FlowScope) -> State | None:
    """The same for a subflow: its stored result stands for all that happened in it, if no code of the run changed."""
    from turnout.engine.reuse.checkpoints import inputs_digest

    parent = scope.parent
    scope.digest = inputs_digest([], scope.parameters, parent.identity if parent is not None else None)
    return None if scope.root.checkpoints is None else _find(scope, None)


def facts(scope: Scope) -> dict[str, str | None]:
    """What a completed step records so that a later attempt knows it again, as JSON texts."""
    if scope.digest is None:
        return {}
    return {"inputs": f'"{scope.digest}"', "code": f'"{_code(scope)}"'}


def _find(scope: Any, upstream: str | None) -> State | None:
    from turnout.core.errors import ResumeRefused
    from turnout.engine.stopping.interrupts import Interrupt

    root = scope.root
    try:
        found = root.checkpoints.find(scope.key, scope.digest, _code(scope), lambda said: _read(scope, said))
    except ResumeRefused as refusal:
        root.refusal = root.refusal or refusal
        raise Interrupt from None
    if _is_missing(found.value) or upstream is not None:
        if scope.kind == "task" and found.attempt and (why := upstream or found.why):
            _tell(scope, why, found.attempt)
        return None
    state = State("completed", "Reused", f"completed in attempt {found.attempt}", data=found.value)
    result = result_fact(found.value, root.mask) if "inline" in found.result else _again(found.result)
    scope.record(state, result=result, reused=str(found.attempt), **facts(scope))
    return state


def _read(scope: Scope, said: Any) -> Any:
    from turnout.engine.reuse.by_reference import read_reference

    return read_reference(scope, said)


def _again(result: Any) -> str:
    from json import dumps

    return dumps(result, separators=(",", ":"))


def _is_missing(value: Any) -> bool:
    from turnout.engine.reuse.checkpoints import MISSING

    return value is MISSING


def _tell(scope: TaskScope, why: str, attempt: int) -> None:
    """A step runs again although an earlier attempt completed it: the log and its record say why."""
    from turnout.engine.runs.failures import report

    scope.root.changed.add(scope.number)
    scope.again = f"ran again after attempt {attempt}: {why}"
    report(scope, f"Task '{scope.name}' was completed in attempt {attempt} and runs again: {why}", None)


def _code(scope: Scope) -> str:
    from turnout.engine.reuse.step_code import step_code

    if scope.kind == "task":
        return step_code(scope)
    # A subflow is as it was only if nothing of the release changed: what its steps are is known inside of it alone.
    made_by, own, around = step_code(scope).split(":")
    return f"{made_by}:{own}-{(scope.root.bundle or '')[:16]}:{around}"
