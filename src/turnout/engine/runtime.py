"""`turnout.runtime`: what the current run knows of itself. Outside a run every attribute is None, or empty."""

from __future__ import annotations

import os

from turnout.core.errors import MissingContext
from turnout.engine.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from turnout.engine.context import FlowScope, Scope


class _FlowRun:
    """The flow run around the caller: the innermost flow, subflows included."""

    @property
    def id(self) -> str | None:
        scope = _flow()
        return scope.id if scope else None

    @property
    def name(self) -> str | None:
        scope = _flow()
        return scope.name if scope else None

    @property
    def flow_name(self) -> str | None:
        scope = _flow()
        return scope.definition.name if scope else None

    @property
    def parameters(self) -> dict[str, Any]:
        scope = _flow()
        return dict(scope.parameters or {}) if scope else {}

    @property
    def tags(self) -> list[str]:
        scope = _flow()
        return list(scope.tags) if scope else []

    @property
    def run_count(self) -> int:
        scope = _flow()
        return scope.tries if scope else 0

    @property
    def attempt(self) -> int:
        """The attempt of the root run, from 1."""
        scope = _flow()
        return scope.root.attempt if scope else 0

    @property
    def root_flow_run_id(self) -> str | None:
        scope = _flow()
        return scope.root.run_id if scope else None


class _TaskRun:
    """The task run around the caller."""

    @property
    def id(self) -> str | None:
        scope = _task()
        return scope.id if scope else None

    @property
    def name(self) -> str | None:
        scope = _task()
        return scope.name if scope else None

    @property
    def task_name(self) -> str | None:
        scope = _task()
        return scope.definition.name if scope else None

    @property
    def run_count(self) -> int:
        """The try, from 1."""
        scope = _task()
        return scope.tries if scope else 0

    @property
    def parameters(self) -> dict[str, Any]:
        scope: Any = _task()
        return scope.definition.bound_arguments(scope.args, scope.kwargs) if scope else {}

    @property
    def tags(self) -> list[str]:
        scope = _task()
        return list(scope.tags) if scope else []


class _Deployment:
    """The deployment that started the run."""

    @property
    def name(self) -> str | None:
        scope = current.get()
        return scope.root.deployment if scope else None


flow_run = _FlowRun()
task_run = _TaskRun()
deployment = _Deployment()


def exports_dir() -> Path:
    """The folder for files that a run makes for people: `exports` in the data folder. It exists."""
    from pathlib import Path

    from turnout.engine.connect import data_dir, find_project

    scope = current.get()
    folder = scope.root.data_dir if scope is not None else None
    if folder is None:
        folder = data_dir(find_project(os.getcwd()))
    exports = Path(folder) / "exports"
    try:
        exports.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MissingContext(f"there is no folder for exports: {error}", fix="set TURNOUT_DATA to a folder") from error
    return exports


def _flow() -> FlowScope | None:
    scope = current.get()
    return scope.flow if scope is not None else None


def _task() -> Scope | None:
    scope = current.get()
    return scope if scope is not None and scope.kind == "task" else None
