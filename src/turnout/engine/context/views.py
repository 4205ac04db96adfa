"""What hooks and conditions are given of a run: a snapshot to read."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.scopes import FlowScope, Scope
    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.states.state import State


class _Run:
    __slots__ = ("id", "name", "parameters", "run_count", "state", "state_name", "state_type", "tags")

    def __init__(self, scope: Scope, state: State, parameters: dict[str, Any]) -> None:
        self.id = scope.id
        self.name = scope.name
        self.state = state
        self.state_name = state.name
        self.state_type = state.type
        self.parameters = parameters
        self.tags = list(scope.tags)
        self.run_count = scope.tries

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' {self.state.name}>"


class FlowRun(_Run):
    """A flow run: id, name, state, parameters, tags, run_count, flow_name, deployment."""

    __slots__ = ("deployment", "flow_name")

    def __init__(self, scope: FlowScope, state: State) -> None:
        super().__init__(scope, state, scope.parameters or {})
        self.flow_name = scope.definition.name
        self.deployment = scope.root.deployment


class TaskRun(_Run):
    """A task run: id, name, state, parameters, tags, run_count, task_name, task_key, flow_run_id."""

    __slots__ = ("flow_run_id", "task_key", "task_name")

    def __init__(self, scope: TaskScope, state: State) -> None:
        super().__init__(scope, state, scope.definition.bound_arguments(scope.args, scope.kwargs))
        self.task_name = scope.definition.name
        self.task_key = scope.key
        self.flow_run_id = scope.root.run_id
