"""Whether the result of a task is cached: its key, and what is stored under it."""

from __future__ import annotations

from turnout.core.errors import ResultUnavailable
from turnout.engine.context.run_contexts import TaskRunContext
from turnout.engine.results.stored import metadata_of, unpack
from turnout.engine.reuse.by_reference import reference, why
from turnout.engine.reuse.cache_policies import UncacheableInput
from turnout.engine.runs.failures import report
from turnout.engine.runs.instructions import apart
from turnout.engine.states.state import State
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from turnout.engine.results.stored import ResultRecordMetadata
    from turnout.engine.reuse.kept_runs import Kept
    from turnout.engine.runs.run_task import TaskScope


def look(scope: TaskScope, kept: Kept) -> Generator[Any, Any, State | None]:
    """The state of a hit; else None, with the reason of the miss on the scope."""
    policy = kept.said.policy
    placed = bool(kept.said.storage_key and is_strict(scope))
    if kept.said.persist is False or (policy is None and not placed):
        return None
    kept.key = _key(scope, policy) if policy is not None else None
    if kept.key is None and not placed:
        return None
    name = f"{(kept.key or kept.place())[:12]} ({policy or 'result_storage_key'})"
    yield from kept.lock()
    if kept.said.refresh:
        return _missed(scope, f"refresh_cache is set, {name}")
    try:
        said, value = yield from _read(scope, kept)
    except FileNotFoundError:
        return _missed(scope, f"nothing is stored under {name}")
    except (OSError, ResultUnavailable) as error:
        return _missed(scope, f"{why(error)}, {name}")
    kept.unlock()
    kept.fact = reference(kept.storage(), kept.place(), said)
    return State("completed", "Cached", f"cache hit: {name}, stored {said.created} by {said.by}", data=value)


def _key(scope: TaskScope, policy: Any) -> str | None:
    """What the policy makes of the call. Raises UncacheableInput, but in strict runs, which only say so."""
    context = TaskRunContext(scope)
    around = scope.flow.parameters if scope.flow is not None else None
    try:
        key: str | None = policy.compute_key(context, context.parameters, around or {})
    except UncacheableInput as error:
        if not is_strict(scope):
            raise UncacheableInput(f"task '{scope.name}': {error.what}", fix=error.fix) from error
        report(scope, f"task '{scope.name}' is not cached: {error.what}", None)
        return None
    return key


def _read(scope: TaskScope, kept: Kept) -> Generator[Any, Any, tuple[ResultRecordMetadata, Any]]:
    data = yield from apart(scope, lambda: kept.storage().read(kept.place()))
    said = metadata_of(data)
    if said.expired:
        raise ResultUnavailable(f"what was stored expired at {said.expiration}")
    return said, unpack(data, kept.said.serializer).result


def _missed(scope: TaskScope, because: str) -> State | None:
    """No state, and the reason on the scope."""
    scope.again = scope.again or f"cache miss: {because}"
    return None
