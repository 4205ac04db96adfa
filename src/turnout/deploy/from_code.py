"""Deployments that code declares: `flow.to_deployment(...)`, as the control plane keeps them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, ParameterError
from turnout.core.snapshot import Concurrency, DeploymentSpec, ScheduleSpec
from turnout.deploy.discover import discover
from turnout.schedules.authoring import Cron, Interval, RRule, Schedule

POOL = "default"


@dataclass(frozen=True, kw_only=True)
class RunnerDeployment:
    """A deployment that is not registered yet. file, function: where the flow is."""

    name: str
    flow_name: str
    file: Path
    function: str
    schedules: tuple[ScheduleSpec, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    tags: tuple[str, ...] = ()
    concurrency_limit: int | None = None
    paused: bool = False
    pool: str = POOL

    @property
    def full_name(self) -> str:
        """`flow/name`."""
        return f"{self.flow_name}/{self.name}"

    def spec(self, root: Path, *, absolute: bool) -> DeploymentSpec:
        """The deployment with what its code says, read in a child process. absolute: the file is named by its full
        path, for workers that run it where it is; else relative to `root`. Raises ConfigurationError, among them
        DiscoveryError."""
        if not self.file.is_relative_to(root):
            raise ConfigurationError(f"{self.file} is not in {root}", fix="deploy a flow of this project")
        entrypoint = f"{self.file.relative_to(root)}:{self.function}"
        found, wrong = discover(root, [entrypoint])
        if entrypoint in wrong:
            raise wrong[entrypoint]
        flow = found[entrypoint]
        return DeploymentSpec(
            name=self.name,
            flow_name=flow.flow_name,
            entrypoint=f"{self.file}:{self.function}" if absolute else entrypoint,
            description=self.description or flow.description,
            pool=self.pool,
            schedules=self.schedules,
            parameters=dict(self.parameters),
            parameter_schema=flow.parameter_schema,
            tags=self.tags or tuple(flow.options.get("tags") or ()),
            concurrency=None if self.concurrency_limit is None else Concurrency(limit=self.concurrency_limit),
        )


def to_deployment(
    flow: Any,
    name: str,
    *,
    interval: Any = None,
    cron: Any = None,
    rrule: Any = None,
    paused: bool | None = None,
    schedule: Schedule | None = None,
    schedules: Iterable[Schedule] | None = None,
    concurrency_limit: Any = None,
    parameters: Mapping[str, Any] | None = None,
    description: str | None = None,
    tags: Iterable[str] | None = None,
    version: str | None = None,
    enforce_parameter_schema: bool = True,
    work_pool_name: str | None = None,
    entrypoint_type: Any = None,
    **others: Any,
) -> RunnerDeployment:
    """See `engine.definitions.deploying`. The version is the code's commit: `version` is taken and not kept."""
    _refuse(others, enforce_parameter_schema)
    file = Path(os.path.realpath(flow.fn.__code__.co_filename))
    if not file.is_file() or "<locals>" in flow.__qualname__:
        raise ConfigurationError(
            f"the flow '{flow.name}' is not in a file that a worker could load",
            fix="define it at the top of a .py file",
        )
    given = [*_several(interval, Interval), *_several(cron, Cron), *_several(rrule, RRule), *(schedules or ())]
    if schedule is not None:
        given.append(schedule)
    return RunnerDeployment(
        name=name.lower().replace("_", "-").replace(" ", "-"),
        flow_name=flow.name,
        file=file,
        function=flow.__qualname__,
        schedules=tuple(_schedule(each).spec() for each in given),
        parameters=dict(parameters or {}),
        description=description,
        tags=tuple(tags or ()),
        concurrency_limit=getattr(concurrency_limit, "limit", concurrency_limit),
        paused=bool(paused),
        pool=work_pool_name or POOL,
    )


def _schedule(given: Any) -> Schedule:
    if isinstance(given, Schedule):
        return given
    raise ParameterError(f"{given!r} is no schedule", fix="use Cron, Interval or RRule of turnout.schedules")


def _several(given: Any, kind: Any) -> list[Schedule]:
    """One of them, or several."""
    if given is None:
        return []
    one = isinstance(given, str | int | float | timedelta)
    return [kind(each) for each in ([given] if one else given)]


def _refuse(others: Mapping[str, Any], enforce: bool) -> None:
    for option, value in others.items():
        if value is not None:
            raise ParameterError(f"a deployment cannot take `{option}`", fix=f"leave `{option}` out")
    if not enforce:
        raise ParameterError("parameters are always checked", fix="leave `enforce_parameter_schema` out")
