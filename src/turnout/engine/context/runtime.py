"""`turnout.runtime`: what the current run knows of itself. Outside a run every attribute is None, or empty.

In tests an environment variable takes the place of each: `TURNOUT__RUNTIME__FLOW_RUN__NAME`, or, for moved code,
`PREFECT__RUNTIME__FLOW_RUN__NAME`.
"""

from __future__ import annotations

import os

from turnout.core.errors import ConfigurationError, MissingContext
from turnout.engine.context.scopes import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from turnout.engine.context.scopes import FlowScope, Root, Scope

    fact = property
else:

    class fact:  # noqa: N801 - reads as `property`
        """A property that an environment variable takes the place of."""

        def __init__(self, read):
            self._read = read
            self.__doc__ = read.__doc__

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            name = f"RUNTIME__{instance.kind}__{self._read.__name__.upper()}"
            mocked = os.environ.get(f"TURNOUT__{name}", os.environ.get(f"PREFECT__{name}"))
            return self._read(instance) if mocked is None else _mocked(name, mocked, self._read(instance))


class _Facts:
    kind = ""

    def __getattr__(self, name: str) -> Callable[[], Any]:
        """`get_name()` is `name`: the functions that moved code may call."""
        if name.startswith("get_"):
            wanted = name.removeprefix("get_").removeprefix(f"{self.kind.lower()}_")
            if isinstance(getattr(type(self), wanted, None), fact):
                return lambda: getattr(self, wanted)
        raise AttributeError(f"turnout.runtime.{self.kind.lower()} has no attribute '{name}'")


class _FlowRun(_Facts):
    """The flow run around the caller: the innermost flow, subflows included."""

    kind = "FLOW_RUN"

    @fact
    def id(self) -> str | None:
        scope = _flow()
        return scope.id if scope else None

    @fact
    def name(self) -> str | None:
        scope = _flow()
        return scope.name if scope else None

    @fact
    def flow_name(self) -> str | None:
        scope = _flow()
        return scope.definition.name if scope else None

    @fact
    def flow_version(self) -> str | None:
        scope = _flow()
        return scope.definition.version if scope else None

    @fact
    def parameters(self) -> dict[str, Any]:
        scope = _flow()
        return dict(scope.parameters or {}) if scope else {}

    @fact
    def tags(self) -> list[str]:
        scope = _flow()
        return list(scope.tags) if scope else []

    @fact
    def scheduled_start_time(self) -> datetime:
        """When it was to begin: the time of its schedule, else when it began; now, outside a run."""
        from datetime import UTC, datetime

        from turnout.engine.clock import now

        scope = _flow()
        due = scope.root.due_at if scope else None
        if due is not None:
            return datetime.fromisoformat(due)
        return datetime.fromtimestamp(scope.started if scope and scope.started else now(), UTC)

    @fact
    def run_count(self) -> int:
        """The try, from 1."""
        scope = _flow()
        return scope.tries if scope else 0

    @fact
    def attempt(self) -> int:
        """The attempt of the root run, from 1."""
        scope = _flow()
        return scope.root.attempt if scope else 0

    @fact
    def root_flow_run_id(self) -> str | None:
        scope = _flow()
        return scope.root.run_id if scope else None

    @fact
    def parent_flow_run_id(self) -> str | None:
        """Of a subflow: the flow run around it."""
        scope = _flow()
        parent = scope.parent.flow if scope and scope.parent else None
        return parent.id if parent else None

    @fact
    def parent_deployment_id(self) -> str | None:
        """Of a subflow: the deployment of the run that it is a step of."""
        scope = _flow()
        return scope.root.deployment if scope and scope.parent else None

    @fact
    def job_variables(self) -> dict[str, Any]:
        """Always empty: a deployment says how it runs in the manifest."""
        return {}

    @fact
    def api_url(self) -> str | None:
        """The run on the API of the server that a worker named."""
        scope = _flow()
        return _url(scope.root) if scope else None

    @fact
    def ui_url(self) -> str | None:
        """The same as `api_url`."""
        return self.api_url


class _TaskRun(_Facts):
    """The task run around the caller."""

    kind = "TASK_RUN"

    @fact
    def id(self) -> str | None:
        scope = _task()
        return scope.id if scope else None

    @fact
    def name(self) -> str | None:
        scope = _task()
        return scope.name if scope else None

    @fact
    def task_name(self) -> str | None:
        scope = _task()
        return scope.definition.name if scope else None

    @fact
    def run_count(self) -> int:
        """The try, from 1."""
        scope = _task()
        return scope.tries if scope else 0

    @fact
    def parameters(self) -> dict[str, Any]:
        scope: Any = _task()
        return scope.definition.bound_arguments(scope.args, scope.kwargs) if scope else {}

    @fact
    def tags(self) -> list[str]:
        scope = _task()
        return list(scope.tags) if scope else []

    @fact
    def api_url(self) -> str | None:
        """The tasks of the run on the API of the server that a worker named."""
        scope = _task()
        url = _url(scope.root) if scope else None
        return f"{url}/tasks" if url else None

    @fact
    def ui_url(self) -> str | None:
        """The same as `api_url`."""
        return self.api_url


class _Deployment(_Facts):
    """The deployment that started the run."""

    kind = "DEPLOYMENT"

    @fact
    def id(self) -> str | None:
        """The same as `name`: it identifies a deployment of a project."""
        return self.name

    @fact
    def name(self) -> str | None:
        scope = current.get()
        return scope.root.deployment if scope else None

    @fact
    def flow_run_id(self) -> str | None:
        scope = current.get()
        return scope.root.run_id if scope and scope.root.deployment else None

    @fact
    def parameters(self) -> dict[str, Any]:
        """Those that the run was made with."""
        scope: Any = current.get()
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        return dict(scope.parameters or {}) if scope is not None and scope.root.deployment else {}

    @fact
    def version(self) -> str | None:
        """The digest of the code that runs."""
        scope = current.get()
        return scope.root.bundle if scope else None


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


def _mocked(name: str, text: str, real: Any) -> Any:
    """`text` as the kind of thing that `real` is."""
    try:
        if isinstance(real, list):
            return [part.strip() for part in text.split(",") if part.strip()]
        if isinstance(real, dict):
            import json

            return json.loads(text)
        if type(real).__name__ == "datetime":
            return real.fromisoformat(text)
        return int(text) if isinstance(real, int) else text
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is no {type(real).__name__}: {error}", where=f"environment variable of {name}"
        ) from None


def _url(root: Root) -> str | None:
    server = os.environ.get("TURNOUT_API_URL")
    return f"{server.rstrip('/')}/api/v1/runs/{root.run_id}" if server and root.run_id else None


def _flow() -> FlowScope | None:
    scope = current.get()
    return scope.flow if scope is not None else None


def _task() -> Scope | None:
    scope = current.get()
    return scope if scope is not None and scope.kind == "task" else None
