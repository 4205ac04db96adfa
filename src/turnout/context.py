"""The run around the caller."""

from turnout.engine.context.run_contexts import (
    FlowRunContext,
    RunContext,
    TagsContext,
    TaskRunContext,
    get_run_context,
    with_context,
)
from turnout.engine.context.scopes import tagged as tags

# Under this name for people who come from Prefect.
EngineContext = FlowRunContext

__all__ = [
    "EngineContext",
    "FlowRunContext",
    "RunContext",
    "TagsContext",
    "TaskRunContext",
    "get_run_context",
    "tags",
    "with_context",
]
