"""What a flow can do beyond running: be served, deployed, or loaded from elsewhere. The machinery is named by strings:
the engine knows nothing above itself."""

from __future__ import annotations

from turnout.engine.twins import dispatched, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TO_DEPLOYMENT = "turnout.deploy.from_code:to_deployment"
SERVE = "turnout.cli.serving:serve"
DEPLOY = "turnout.cli.serving:deploy"
FROM_SOURCE = "turnout.deploy.sources:load_flow"


def _upper(dotted: str, *args: Any, **options: Any) -> Any:
    from turnout.engine.definitions.load import resolve

    return resolve(dotted)(*args, **options)


class EntrypointType:
    """How a worker finds the flow. Here always by its file."""

    __members__: dict[str, Any] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = name.lower()
        self.__members__[name] = self
        setattr(EntrypointType, name, self)

    def __repr__(self) -> str:
        return f"EntrypointType.{self.name}"


_FILE_PATH = EntrypointType("FILE_PATH")
EntrypointType("MODULE_PATH")


class Deploying:
    """The part of `Flow` that leads to deployments."""

    def to_deployment(
        self,
        name: Any,
        interval: Any = None,
        cron: Any = None,
        rrule: Any = None,
        paused: Any = None,
        schedule: Any = None,
        schedules: Any = None,
        concurrency_limit: Any = None,
        parameters: Any = None,
        triggers: Any = None,
        description: Any = None,
        tags: Any = None,
        version: Any = None,
        version_type: Any = None,
        enforce_parameter_schema: Any = True,
        work_pool_name: Any = None,
        work_queue_name: Any = None,
        job_variables: Any = None,
        entrypoint_type: Any = _FILE_PATH,
        _sla: Any = None,
        **more: Any,
    ) -> Any:
        """A deployment of this flow, for `serve(...)` and `deploy(...)`. Raises ParameterError."""
        options = dict(locals())
        return _upper(TO_DEPLOYMENT, options.pop("self"), **options.pop("more"), **options)

    ato_deployment = in_thread(to_deployment)

    def serve(
        self,
        name: Any = None,
        interval: Any = None,
        cron: Any = None,
        rrule: Any = None,
        paused: Any = None,
        schedule: Any = None,
        schedules: Any = None,
        global_limit: Any = None,
        triggers: Any = None,
        parameters: Any = None,
        description: Any = None,
        tags: Any = None,
        version: Any = None,
        enforce_parameter_schema: Any = True,
        pause_on_shutdown: Any = True,
        print_starting_message: Any = True,
        limit: Any = None,
        webserver: Any = False,
        entrypoint_type: Any = _FILE_PATH,
    ) -> None:
        """Deploy this flow from this file and run what becomes due, here, until Ctrl-C."""
        made = self.to_deployment(
            name or self.name, interval=interval, cron=cron, rrule=rrule, paused=paused, schedule=schedule,  # type: ignore[attr-defined]
            schedules=schedules, concurrency_limit=global_limit, triggers=triggers, parameters=parameters,
            description=description, tags=tags, version=version,
        )  # fmt: skip
        _upper(
            SERVE, made, pause_on_shutdown=pause_on_shutdown, print_starting_message=print_starting_message, limit=limit
        )

    def _deploy(
        self,
        name: Any,
        work_pool_name: Any = None,
        image: Any = None,
        build: Any = True,
        push: Any = True,
        work_queue_name: Any = None,
        job_variables: Any = None,
        interval: Any = None,
        cron: Any = None,
        rrule: Any = None,
        paused: Any = None,
        schedule: Any = None,
        schedules: Any = None,
        concurrency_limit: Any = None,
        triggers: Any = None,
        parameters: Any = None,
        description: Any = None,
        tags: Any = None,
        version: Any = None,
        version_type: Any = None,
        enforce_parameter_schema: Any = True,
        entrypoint_type: Any = _FILE_PATH,
        print_next_steps: Any = True,
        ignore_warnings: Any = False,
        _sla: Any = None,
    ) -> Any:
        """Deploy this flow with the code of its git repository to the running server; the deployment's id, its name."""
        made = self.to_deployment(
            name, interval=interval, cron=cron, rrule=rrule, paused=paused, schedule=schedule, schedules=schedules,
            concurrency_limit=concurrency_limit, triggers=triggers, parameters=parameters, description=description,
            tags=tags, version=version, work_pool_name=work_pool_name, work_queue_name=work_queue_name,
            job_variables=job_variables,
        )  # fmt: skip
        return _upper(DEPLOY, made, image=image, print_next_steps_message=print_next_steps)[0]

    adeploy = in_thread(_deploy)
    deploy = dispatched(_deploy, adeploy)

    @classmethod
    def from_source(cls, source: Any, entrypoint: str) -> Any:
        """The flow `path/file.py:function` of a folder, or of a git repository, which is cloned first."""
        return _upper(FROM_SOURCE, source, entrypoint)

    @classmethod
    async def afrom_source(cls, source: Any, entrypoint: str) -> Any:
        """`from_source`, awaited."""
        return await in_thread(_upper)(FROM_SOURCE, source, entrypoint)


def serve(*args: Any, pause_on_shutdown: bool = True, print_starting_message: bool = True, limit: int | None = None,
          **kwargs: Any) -> None:  # fmt: skip
    """Serve several deployments (`flow.to_deployment(...)`) until Ctrl-C."""
    _upper(
        SERVE, *args, pause_on_shutdown=pause_on_shutdown, print_starting_message=print_starting_message, limit=limit
    )


aserve = in_thread(serve)


def _deploy_all(
    *deployments: Any, work_pool_name: str | None = None, image: Any = None, build: bool = True, push: bool = True,
    print_next_steps_message: bool = True, ignore_warnings: bool = False,
) -> Any:  # fmt: skip
    """Deploy several with the code of their git repository; their ids."""
    return _upper(
        DEPLOY, *deployments, work_pool_name=work_pool_name, image=image,
        print_next_steps_message=print_next_steps_message,
    )  # fmt: skip


deploy = dispatched(_deploy_all, in_thread(_deploy_all))
