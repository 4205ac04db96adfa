"""The run around the caller, as objects to ask: `get_run_context()`, `FlowRunContext.get()`, `TaskRunContext.get()`."""

from __future__ import annotations

from contextvars import copy_context
from functools import wraps

from turnout.core.errors import MissingContext
from turnout.engine.context.scopes import current, tag_context
from turnout.engine.context.views import FlowRun, TaskRun
from turnout.engine.states.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, Self

    from turnout.engine.context.scopes import FlowScope, Scope
    from turnout.engine.flow import Flow
    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.task import Task


class RunContext:
    """What a run knows of itself while it runs."""

    _scope: Scope

    @property
    def start_time(self) -> datetime:
        """When it began, in UTC."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self._scope.started, UTC)

    @property
    def log_prints(self) -> bool:
        """Whether `print` goes to the run's log."""
        return self._scope.log_prints

    @property
    def persist_result(self) -> bool | None:
        """What its decorator says of storing its result."""
        return self._scope.definition.persist_result

    @classmethod
    def get(cls) -> Self | None:
        """That of the caller; None outside."""
        raise NotImplementedError


class FlowRunContext(RunContext):
    """The innermost flow run: flow, flow_run, parameters, task_runner, start_time, log_prints."""

    def __init__(self, scope: FlowScope) -> None:
        self._scope: FlowScope = scope
        self.flow: Flow[Any, Any] = scope.definition
        self.parameters: dict[str, Any] = dict(scope.parameters or {})

    @property
    def flow_run(self) -> FlowRun:
        """The run as it is now."""
        return FlowRun(self._scope, State("running"))

    @property
    def task_runner(self) -> Any:
        """Where its submitted tasks run."""
        return self._scope.pool()

    @classmethod
    def get(cls) -> Self | None:
        scope = current.get()
        return None if scope is None or scope.flow is None else cls(scope.flow)


class TaskRunContext(RunContext):
    """The task run: task, task_run, parameters, start_time, log_prints."""

    def __init__(self, scope: TaskScope) -> None:
        self._scope: TaskScope = scope
        self.task: Task[Any, Any] = scope.definition
        self.parameters: dict[str, Any] = self.task.bound_arguments(scope.args, scope.kwargs)

    @property
    def task_run(self) -> TaskRun:
        """The run as it is now."""
        return TaskRun(self._scope, State("running"))

    @classmethod
    def get(cls) -> Self | None:
        scope: Any = current.get()
        return cls(scope) if scope is not None and scope.kind == "task" else None


class TagsContext:
    """The tags that `with tags(...)` gives to runs made here."""

    def __init__(self, current_tags: set[str]) -> None:
        self.current_tags = current_tags

    @classmethod
    def get(cls) -> Self:
        """Those of the caller."""
        return cls(set(tag_context.get()))


def get_run_context() -> FlowRunContext | TaskRunContext:
    """The context of the innermost run. Raises MissingContext outside of any."""
    found = TaskRunContext.get() or FlowRunContext.get()
    if found is None:
        raise MissingContext(
            "get_run_context() needs a run and was called outside one", fix="call it in a flow or task"
        )
    return found


def with_context(fn: Callable[..., Any]) -> Callable[..., Any]:
    """`fn` as a function that runs in the run that is around the caller now: for threads of the user's own, which know
    of no run."""
    context = copy_context()

    @wraps(fn)
    def within(*args: Any, **kwargs: Any) -> Any:
        return context.copy().run(fn, *args, **kwargs)

    return within
