"""Runs of deployments, as a flow starts them and waits for them: `run_deployment`, `wait_for_flow_run`."""

from __future__ import annotations

from turnout.core.errors import ParameterError
from turnout.engine.clock import monotonic
from turnout.engine.context.scopes import current, tag_context
from turnout.engine.control_plane.asking import POLL_SECONDS, ask
from turnout.engine.states.state import FINAL, State
from turnout.engine.twins import dispatched, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from turnout.core.records import FlowRun as Record

DEFAULT_KEY_PREFIX = "step:"
_FACTS = ("id", "name", "state", "state_name", "reason", "deployment", "flow_name", "parameters", "tags", "created_by",
          "attempt", "created_at", "due_at", "started_at", "ended_at")  # fmt: skip


class DeployedRun:
    """A run on the server as it was when it was last asked for: id, name, state, parameters, tags, run_count,
    flow_name, deployment, created_by, created, expected_start_time, start_time, end_time."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.id: str = facts["id"]
        self.name: str = facts["name"]
        self.state = State(str(facts["state"]), facts["state_name"], facts["reason"])
        self.state_name = self.state.name
        self.state_type = self.state.type
        self.parameters: dict[str, Any] = dict(facts["parameters"])
        self.tags: list[str] = list(facts["tags"])
        self.run_count: int = facts["attempt"]
        self.flow_name: str = facts["flow_name"]
        self.deployment: str | None = facts["deployment"]
        self.created_by: str = facts["created_by"]
        self.created: datetime = facts["created_at"]
        self.expected_start_time: datetime = facts["due_at"]
        self.start_time: datetime | None = facts["started_at"]
        self.end_time: datetime | None = facts["ended_at"]

    @property
    def parent_flow_run_id(self) -> str | None:
        """The run whose flow started this one, if one did."""
        kind, _, name = self.created_by.partition(":")
        return name if kind == "flow" else None

    def __repr__(self) -> str:
        return f"<run '{self.name}' of {self.deployment}: {self.state_name}>"


def view(record: Record) -> DeployedRun:
    """A record of the API as a flow sees it."""
    return DeployedRun(_facts(record))


def run_deployment_blocking(
    name: str,
    client: Any = None,
    parameters: Mapping[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float | None = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool | None = True,
    job_variables: Mapping[str, Any] | None = None,
) -> DeployedRun:
    """Start a run of the deployment `name` (or `flow-name/name`) and wait for its end, or for `timeout` seconds:
    0 not at all, None for ever. How it ended is for the caller to see: a run that failed raises nothing.

    In a flow, with `as_subflow`, it is a step of the run: an attempt that resumes goes on with the same run, and starts
    another only where that one failed. Repeating `idempotency_key` starts nothing. The server tells the end as it
    comes: `poll_interval` changes nothing, and `client` is not used. Raises NotFound, and ParameterError: then there is
    no run.
    """
    wanted = _wanted(name, parameters, scheduled_time, flow_run_name, tags, idempotency_key)
    _refuse(work_queue_name=work_queue_name, job_variables=job_variables)
    if not as_subflow or current.get() is None:
        return DeployedRun(_run(wanted, timeout))
    return DeployedRun(_step(wanted["deployment"], _run)(wanted, timeout))


async def arun_deployment(
    name: str,
    client: Any = None,
    parameters: Mapping[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,  # noqa: ASYNC109 - as Prefect calls it
    poll_interval: float | None = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool | None = True,
    job_variables: Mapping[str, Any] | None = None,
) -> DeployedRun:
    """`run_deployment`, awaited."""
    wanted = _wanted(name, parameters, scheduled_time, flow_run_name, tags, idempotency_key)
    _refuse(work_queue_name=work_queue_name, job_variables=job_variables)
    run = in_thread(_run)
    if not as_subflow or current.get() is None:
        return DeployedRun(await run(wanted, timeout))
    return DeployedRun(await _step(wanted["deployment"], run)(wanted, timeout))


run_deployment = dispatched(run_deployment_blocking, arun_deployment)


def wait_for_flow_run_blocking(
    flow_run_id: Any,
    timeout: float | None = 10800,
    poll_interval: float | None = None,
    client: Any = None,
    log_states: bool = False,
) -> DeployedRun:
    """The run once it is over. Raises TimeoutError after `timeout` seconds, NotFound."""
    found = _wait(_hex(flow_run_id), timeout)
    if str(found.state) not in FINAL:
        raise TimeoutError(f"run {found.name} is still {found.state_name} after {timeout:g} s")
    return view(found)


wait_for_flow_run = in_thread(wait_for_flow_run_blocking)


def _wanted(
    name: str,
    parameters: Mapping[str, Any] | None,
    scheduled_time: datetime | None,
    flow_run_name: str | None,
    tags: Iterable[str] | None,
    idempotency_key: str | None,
) -> dict[str, Any]:
    flow_name, _, deployment = str(name).rpartition("/")
    return {
        "deployment": deployment,
        "flow_name": flow_name or None,
        "parameters": dict(parameters or {}),
        "due_at": scheduled_time,
        "name": flow_run_name,
        "tags": sorted({*(tags or ()), *tag_context.get()}),
        "idempotency_key": idempotency_key,
    }


def _refuse(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise ParameterError(
                f"run_deployment cannot take `{name}`: a deployment of turnout.yaml has its pool and its environment",
                fix=f"leave `{name}` out, and make a deployment for each pool",
            )


def _step(deployment: str, run: Any) -> Any:
    from turnout.engine.task import Task

    return Task(run, name=f"run {deployment}")


def _run(wanted: dict[str, Any], timeout: float | None) -> dict[str, Any]:
    _check_flow_name(wanted)
    made = _trigger(wanted)
    if timeout == 0 or made.state in FINAL:
        return _facts(made)
    return _facts(_wait(made.id, timeout))


def _check_flow_name(wanted: dict[str, Any]) -> None:
    flow_name = wanted["flow_name"]
    if flow_name is None:
        return
    found = {status.name: status.flow_name for status in ask(lambda api: api.deployments())}
    if found.get(wanted["deployment"], flow_name) != flow_name:
        real = f"{found[wanted['deployment']]}/{wanted['deployment']}"
        raise ParameterError(f"there is no deployment '{flow_name}/{wanted['deployment']}'", fix=f"write '{real}'")


def _trigger(wanted: dict[str, Any]) -> Record:
    scope = current.get()
    key = wanted["idempotency_key"]
    mine = _key_of(scope) if key is None and scope is not None else None
    made = _ask_for(wanted, key or mine)
    if mine is not None and str(made.state) in ("failed", "crashed", "cancelled"):
        # An earlier try or attempt started it. What ended badly is not waited for again, but tried again.
        assert scope is not None
        made = _ask_for(wanted, f"{mine}@{scope.root.attempt}.{scope.tries}")
    return made


def _key_of(scope: Any) -> str | None:
    """The same for the same step of the run, in whatever attempt."""
    if not scope.key:
        return None
    from hashlib import sha256

    return DEFAULT_KEY_PREFIX + sha256(f"{scope.root.run_id}/{scope.key}".encode()).hexdigest()


def _ask_for(wanted: dict[str, Any], key: str | None) -> Record:
    made: Record = ask(
        lambda api: api.trigger(
            wanted["deployment"],
            parameters=wanted["parameters"],
            due_at=wanted["due_at"],
            name=wanted["name"],
            tags=wanted["tags"],
            idempotency_key=key,
        ),
        repeat=key is not None,
    )
    return made


def _wait(run_id: str, timeout: float | None) -> Record:
    end, said = None if timeout is None else monotonic() + timeout, ""
    while True:
        left = POLL_SECONDS if end is None else min(max(end - monotonic(), 0.0), POLL_SECONDS)
        found: Record = ask(lambda api, left=left: api.run(run_id, wait=left))  # type: ignore[misc]
        if str(found.state) in FINAL or (end is not None and monotonic() >= end):
            return found
        if found.wait_reason and found.wait_reason != said:
            said = found.wait_reason
            _say(f"run {found.name} of {found.deployment} waits: {said}")


def _facts(record: Record) -> dict[str, Any]:
    facts = {name: getattr(record, name) for name in _FACTS}
    return {**facts, "state": str(facts["state"]), "tags": list(facts["tags"]), "parameters": dict(facts["parameters"])}


def _hex(run_id: Any) -> str:
    return str(run_id).replace("-", "")


def _say(text: str) -> None:
    from turnout.engine.logs.run_logger import get_run_logger

    get_run_logger().info(text)
