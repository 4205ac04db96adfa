"""`get_client`: the methods of Prefect's client that code commonly calls, over the API of this project.

A deployment's id is its name. A filter is a dict (or a model) as Prefect's; what the API cannot filter by is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

from turnout.client import HttpAdminApi, connect
from turnout.core.errors import ParameterError, TurnoutError
from turnout.core.ports import AdminApi, RunApi
from turnout.core.records import LogLine, Page, Pause, RunFilter, StoredValue
from turnout.core.states import RunState
from turnout.engine import connect as project
from turnout.engine.control_plane.deployed import DeployedRun, view
from turnout.engine.twins import in_thread
from turnout.local.admin import open_local
from turnout.local.prefect_filters import run_filter
from turnout.settings import load

VERSION = "v1"
_CANCEL = ("cancelled", "cancelling")
_VARIABLE = "variable"


def get_client(httpx_settings: Mapping[str, Any] | None = None, sync_client: bool = False) -> Any:
    """A client of the server that this flow or project has: `with get_client(sync_client=True) as client`, or
    `async with get_client() as client`. `httpx_settings` are refused."""
    if httpx_settings:
        raise ParameterError("get_client takes no httpx_settings", fix="set TURNOUT_API_URL and TURNOUT_API_KEY")
    return SyncClient() if sync_client else Client()


class SyncClient:
    """Methods by Prefect's names; ids are Turnout's."""

    def __enter__(self) -> SyncClient:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"get_client() has no method '{name}'; it has: {', '.join(METHODS)}")

    def api_healthcheck(self) -> Exception | None:
        """None if the control plane answers, else why not."""
        try:
            with _admin() as api:
                api.workers()
        except TurnoutError as error:
            return error
        return None

    def hello(self) -> str:
        """A greeting."""
        return "hello"

    def api_version(self) -> str:
        """The version of the API."""
        return VERSION

    def read_flow_run(self, flow_run_id: Any) -> DeployedRun:
        """One run. Raises NotFound."""
        return view(_run().run(_hex(flow_run_id)))

    def read_flow_runs(
        self,
        *,
        flow_filter: Any = None,
        flow_run_filter: Any = None,
        deployment_filter: Any = None,
        sort: Any = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[DeployedRun]:
        """Runs of the project, newest first, at most 200 unless `limit` says so."""
        where = self._where(flow_filter, flow_run_filter, deployment_filter)
        with _admin() as api:
            found = api.runs(where.records, Page(limit=(limit or 200) + offset))
        kept = [run for run in found if where.accepts(run)]
        return [view(run) for run in kept[offset:]][: limit or 200]

    def count_flow_runs(
        self, *, flow_filter: Any = None, flow_run_filter: Any = None, deployment_filter: Any = None
    ) -> int:
        """How many runs match, of the newest 10,000."""
        where = self._where(flow_filter, flow_run_filter, deployment_filter)
        with _admin() as api:
            return sum(where.accepts(run) for run in api.runs(where.records, Page(limit=10_000)))

    def read_flow_run_states(self, flow_run_id: Any) -> list[Any]:
        """The history of a run, oldest first: state, name, reason, at, by."""
        with _admin() as api:
            return list(api.history(_hex(flow_run_id)))

    def create_flow_run_from_deployment(
        self,
        deployment_id: Any,
        *,
        parameters: Mapping[str, Any] | None = None,
        context: Any = None,
        state: Any = None,
        name: str | None = None,
        tags: Any = None,
        idempotency_key: str | None = None,
        parent_task_run_id: Any = None,
        work_queue_name: str | None = None,
        job_variables: Any = None,
        labels: Any = None,
    ) -> DeployedRun:
        """Start a run of a deployment; `state`: a Scheduled state, whose time counts."""
        _refuse(work_queue_name=work_queue_name, job_variables=job_variables, context=context)
        made = _run().trigger(
            str(deployment_id).rpartition("/")[2],
            parameters=parameters,
            due_at=getattr(getattr(state, "state_details", None), "scheduled_time", None),
            name=name,
            tags=tuple(tags or ()),
            idempotency_key=idempotency_key,
        )
        return view(made)

    def set_flow_run_state(self, flow_run_id: Any, state: Any, force: bool = False) -> DeployedRun:
        """Cancel a run (Cancelled, Cancelling), or open a new attempt of one that is over (Scheduled). Other states are
        what happens, not what is set: ParameterError."""
        kind = str(getattr(state, "type", state)).rpartition(".")[2].lower()
        with _admin() as api:
            if kind in _CANCEL:
                return view(api.cancel(_hex(flow_run_id), getattr(state, "message", None)))
            if kind == RunState.SCHEDULED:
                return view(api.retry(_hex(flow_run_id)))
        raise ParameterError(
            f"a run cannot be set to {kind}: its state says what happened to it",
            fix="set it to Cancelled or Scheduled; a paused run goes on by resume_flow_run",
        )

    def resume_flow_run(self, flow_run_id: Any, run_input: Mapping[str, Any] | None = None) -> DeployedRun:
        """Let a paused run go on."""
        return view(_run().answer(_hex(flow_run_id), run_input))

    def read_deployment(self, deployment_id: Any) -> Any:
        """A deployment by its id, which is its name. Raises NotFound."""
        return self.read_deployment_by_name(str(deployment_id))

    def read_deployment_by_name(self, name: str) -> Any:
        """A deployment by `flow/name` or `name`. Raises NotFound."""
        with _admin() as api:
            return api.deployment(name.rpartition("/")[2], _namespace())

    def read_deployments(
        self, *, deployment_filter: Any = None, limit: int | None = None, offset: int = 0
    ) -> list[Any]:
        """Those of the project."""
        where = self._where(None, None, deployment_filter)
        found = [each for each in _run().deployments() if where.records.deployment in (None, each.name)]
        return found[offset:][: limit or 200]

    def pause_deployment(self, deployment_id: Any) -> Pause:
        """Nothing of it starts from now on."""
        with _admin() as api:
            return api.pause(str(deployment_id).rpartition("/")[2], _namespace(), None)

    def resume_deployment(self, deployment_id: Any) -> bool:
        """Let it go on."""
        with _admin() as api:
            return api.resume(str(deployment_id).rpartition("/")[2], _namespace(), None)

    def set_deployment_paused_state(self, deployment_id: Any, paused: bool) -> None:
        """Either."""
        (self.pause_deployment if paused else self.resume_deployment)(deployment_id)

    def update_deployment(self, deployment_id: Any, deployment: Any) -> None:
        """Pause it or let it go on; all else is turnout.yaml's: ParameterError."""
        changes = deployment if isinstance(deployment, Mapping) else deployment.model_dump(exclude_unset=True)
        if set(changes) != {"paused"}:
            raise ParameterError(
                f"of a deployment only `paused` can be set, not {', '.join(sorted(changes)) or 'nothing'}",
                fix="change turnout.yaml and run `turnout apply`",
            )
        self.set_deployment_paused_state(deployment_id, changes["paused"])

    def read_logs(
        self, log_filter: Any = None, limit: int | None = None, offset: int = 0, sort: Any = None
    ) -> list[LogLine]:
        """Lines of one run: `{"flow_run_id": {"any_": [id]}}`, oldest first."""
        ids = run_filter(log_filter, {"flow_run_id": "ids"}, "log_filter").ids
        if len(ids) != 1:
            raise ParameterError("logs are read of one run", fix='give log_filter={"flow_run_id": {"any_": [ID]}}')
        return self.read_flow_run_logs(ids[0])[offset:][:limit]

    def read_flow_run_logs(self, flow_run_id: Any) -> list[LogLine]:
        """Every line of a run, oldest first."""
        lines: list[LogLine] = []
        cursor: str | None = None
        with _admin() as api:
            while True:
                more, following = api.logs(_hex(flow_run_id), cursor=cursor)
                lines += more
                if not more or following is None:
                    return lines
                cursor = following

    def read_task_runs(self, *, flow_run_filter: Any = None, limit: int | None = None, offset: int = 0) -> list[Any]:
        """Tasks of one run: `{"id": {"any_": [id]}}`."""
        ids = run_filter(flow_run_filter, {"id": "ids"}, "flow_run_filter").ids
        if len(ids) != 1:
            raise ParameterError("tasks are read of one run", fix='give flow_run_filter={"id": {"any_": [ID]}}')
        found: list[Any] = []
        page = Page(limit=200)
        with _admin() as api:
            while more := api.tasks(_hex(ids[0]), page):
                found += more
                page = Page(limit=200, after=str(more[-1].number))
        return found[offset:][:limit]

    def read_variable_by_name(self, name: str) -> StoredValue | None:
        """A variable, None if there is none; `content` is its value."""
        return _run().value(_VARIABLE, name)

    def read_variables(self, limit: int | None = None) -> list[StoredValue]:
        """All, those of the manifest among them."""
        return _run().values(_VARIABLE)[:limit]

    def create_variable(self, variable: Any) -> StoredValue:
        """Set a variable that is not set: a dict or object with name, value, tags."""
        return self._put(variable, replace=False)

    def update_variable(self, variable: Any) -> StoredValue:
        """Set a variable anew."""
        return self._put(variable, replace=True)

    def delete_variable_by_name(self, name: str) -> None:
        """Forget a variable that was set."""
        _run().remove_value(_VARIABLE, name)

    def create_flow_run_input(self, flow_run_id: Any, key: str, value: Any, sender: str | None = None) -> None:
        """Tell a run something."""
        _run().send(_hex(flow_run_id), key, value, sender)

    def read_flow_run_input(self, flow_run_id: Any, key: str) -> Any:
        """What it was told under a key; None if nothing."""
        return next((told.value for told in _run().told(_hex(flow_run_id), key) if told.key == key), None)

    def _put(self, variable: Any, *, replace: bool) -> StoredValue:
        given = variable if isinstance(variable, Mapping) else vars(variable)
        return _run().put_value(
            _VARIABLE, given["name"], given["value"], tags=tuple(given.get("tags") or ()), replace=replace
        )

    def _where(self, flow: Any, flow_run: Any, deployment: Any) -> Any:
        return run_filter(
            flow_run, {"id": "ids", "name": "names", "state": "state", "tags": "tags", "deployment_id": "deployment"},
            "flow_run_filter", base=RunFilter(project=_namespace().project, environment=_namespace().environment),
        ).also(flow, "flow_filter").also(deployment, "deployment_filter")  # fmt: skip


METHODS = tuple(sorted(name for name in vars(SyncClient) if not name.startswith("_")))


def _awaiting(name: str) -> Callable[..., Any]:
    method = getattr(SyncClient, name)

    @wraps(method)
    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await in_thread(method)(self._blocking, *args, **kwargs)

    return call


class _Client:
    """The same, awaited."""

    def __init__(self) -> None:
        self._blocking = SyncClient()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blocking, name)


Client = type("Client", (_Client,), {name: _awaiting(name) for name in METHODS})


@contextmanager
def _admin() -> Iterator[AdminApi]:
    url, key = os.environ.get("TURNOUT_API_URL"), os.environ.get("TURNOUT_API_KEY")
    if url:
        with HttpAdminApi(url, key, ca_file=os.environ.get("TURNOUT_API_CA")) as api:
            yield api
        return
    found = load()
    server = connect(found)
    if server is not None:
        with server:
            yield server
        return
    with open_local(found) as local:
        yield local


def _run() -> RunApi:
    return project.api()


def _namespace() -> Any:
    return project.api().namespace


def _hex(run_id: Any) -> str:
    return str(run_id).replace("-", "")


def _refuse(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise ParameterError(f"`{name}` means nothing here", fix=f"leave `{name}` out")
