"""`@flow`: a function whose runs are recorded, with everything that happens in them."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError
from turnout.engine.context.scopes import current
from turnout.engine.definitions.options import FLOW_OPTIONS, Definition, NotSet, changed, check_options, given
from turnout.engine.futures import futures
from turnout.engine.runs.drivers import run_awaiting, run_blocking
from turnout.engine.runs.retries import resolve_delay
from turnout.engine.runs.run_flow import run_flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

    from turnout.engine.context.scopes import Root
    from turnout.engine.definitions.deploying import Deploying
    from turnout.engine.runners.port import TaskRunner
    from turnout.engine.states.state import State

    P = ParamSpec("P")
    R = TypeVar("R")

    class _Typed(Generic[P, R]):
        pass
else:
    P = R = None
    _Typed = futures._Typed

    class Deploying:
        """The methods of `definitions.deploying`, which is loaded by who uses one of them."""

    class _Later:
        def __init__(self, name):
            self.name = name

        def __get__(self, instance, owner):
            from turnout.engine.definitions import deploying

            return deploying.Deploying.__dict__[self.name].__get__(instance, owner)

    for _name in ("adeploy", "afrom_source", "ato_deployment", "deploy", "from_source", "serve", "to_deployment"):
        setattr(Deploying, _name, _Later(_name))


class Flow(Deploying, Definition, _Typed[P, R]):
    """A function as a flow. Call it to run it here; `fn` is the function itself."""

    kind = "flow"
    hook_names = ("on_completion", "on_failure", "on_running", "on_cancellation", "on_crashed")

    if TYPE_CHECKING:

        def __init__(self, fn: Callable[P, R], **options: Any) -> None: ...
        def with_options(self, **changes: Any) -> Self:
            """A copy with other options."""

    else:
        # What tools see of the options; the types are those of `flow`, below.
        def __init__(
            self, fn, name=None, version=None, flow_run_name=None, retries=None, retry_delay_seconds=None,
            task_runner=None, description=None, timeout_seconds=None, validate_parameters=True, persist_result=None,
            result_storage=None, result_serializer=None, cache_result_in_memory=True, log_prints=None,
            on_completion=None, on_failure=None, on_cancellation=None, on_crashed=None, on_running=None, **ours,
        ) -> None:  # fmt: skip
            self._define(fn, given(locals()))

        def with_options(
            self, *, name=None, version=None, retries=None, retry_delay_seconds=None, description=None,
            flow_run_name=None, task_runner=None, timeout_seconds=None, validate_parameters=None,
            persist_result=NotSet, result_storage=NotSet, result_serializer=NotSet, cache_result_in_memory=None,
            log_prints=NotSet, on_completion=None, on_failure=None, on_cancellation=None, on_crashed=None,
            on_running=None, **ours,
        ):  # fmt: skip
            """A copy with other options."""
            return self.copy_with(changed(locals(), _RESETTABLE))

    def _define(self, fn: Callable[P, R], options: dict[str, Any]) -> None:
        check_options("flow", options, FLOW_OPTIONS)
        super()._define(fn, options)
        self.flow_run_name = options.get("flow_run_name")
        self.task_runner: TaskRunner | None = _runner(options.get("task_runner"))
        self.should_validate_parameters = options.get("validate_parameters") is not False
        self.retry_delays = resolve_delay(self.retry_delay_seconds, self.retries)
        self.strict: bool | None = options.get("strict")
        self.acknowledge: str | None = options.get("acknowledge")
        """How safe the record of a step is before the next begins: "local", "server", or None for recorded."""
        if self.acknowledge is not None:
            from turnout.engine.journal.acknowledging import check_level

            check_level(self.acknowledge)
        self.tags: tuple[str, ...] = ()

    def __call__(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """Run the flow here and return its value; for an async flow, a coroutine of it.

        Raises what the flow raised; FlowRunFailed if it left a failed task unread; ParameterError, before a run is
        made, if an argument does not fit. With `return_state`, returns the final state instead of
        raising the first two.
        """
        __tracebackhide__ = True
        if self.is_async:
            return self._awaited(args, kwargs, wait_for, return_state)
        state = run_blocking(run_flow(self, current.get(), args, kwargs, wait_for))
        if return_state:
            return state
        if state.type == "completed":
            return state.data
        raise state.failure()

    @property
    def parameters(self) -> Any:
        """The JSON Schema of the parameters, as an object with properties, required and definitions."""
        from types import SimpleNamespace

        from turnout.engine.definitions.parameters import parameter_schema

        schema = parameter_schema(self.fn)
        return SimpleNamespace(
            title="Parameters", type="object", properties=schema["properties"], required=schema.get("required", []),
            definitions=schema.get("$defs", {}),
        )  # fmt: skip

    def validate_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """`parameters` complete, checked and coerced. Raises ParameterError."""
        from turnout.engine.definitions.parameters import validate

        bound = self.signature.bind(self.bound, parameters)
        return validate(self.signature, bound, [name for name in parameters if name in bound])

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """`parameters` as values of JSON; what JSON cannot say becomes its type's name in angle brackets."""
        from turnout.engine.definitions.parameters import jsonable

        return {name: jsonable(value) for name, value in parameters.items()}

    def visualize(self, *args: Any, **kwargs: Any) -> None:
        """Print the graph of a call in the language of Graphviz. The flow's function runs, its tasks do not.

        Raises ConfigurationError where the graph depends on results: such a task needs `viz_return_value`.
        """
        from turnout.engine.definitions.drawing import show

        show(self, args, kwargs)

    async def avisualize(self, *args: Any, **kwargs: Any) -> None:
        """`visualize`, awaited."""
        from asyncio import to_thread

        await to_thread(self.visualize, *args, **kwargs)

    def generate_mermaid_graph(self, *args: Any, **kwargs: Any) -> str:
        """The same graph as a Mermaid diagram."""
        from turnout.engine.definitions.drawing import drawn

        return drawn(self, args, kwargs).mermaid()

    async def agenerate_mermaid_graph(self, *args: Any, **kwargs: Any) -> str:
        """`generate_mermaid_graph`, awaited."""
        from asyncio import to_thread

        return await to_thread(self.generate_mermaid_graph, *args, **kwargs)

    def run_in(self, root: Root, parameters: Mapping[str, Any]) -> State:
        """Run the flow as the run `root`, to its final state: what a worker does."""
        __tracebackhide__ = True
        if not self.is_async:
            return run_blocking(run_flow(self, None, (), dict(parameters), None, root))
        import asyncio

        return asyncio.run(run_awaiting(run_flow(self, None, (), dict(parameters), None, root)))

    def on_cancellation(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(flow, run, state)` when a run was cancelled."""
        return self._add_hook("on_cancellation", fn)

    def on_crashed(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(flow, run, state)` when a run ended by SystemExit or the like.

        A process that is killed cannot call anything: use a notification for that.
        """
        return self._add_hook("on_crashed", fn)

    async def _awaited(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Iterable[Any] | None, return_state: bool
    ) -> Any:
        __tracebackhide__ = True
        state = await run_awaiting(run_flow(self, current.get(), args, kwargs, wait_for))
        if return_state:
            return state
        if state.type == "completed":
            return state.data
        raise state.failure()

    def _default_name(self, function_name: str) -> str:
        return "unknown-lambda" if function_name == "<lambda>" else function_name.replace("_", "-")


def _runner(given: Any) -> Any:
    if given is None:
        return None
    made = given() if isinstance(given, type) else given
    if not hasattr(made, "enter"):
        raise ConfigurationError(
            f"task_runner is {given!r}",
            fix="give a runner of turnout.task_runners, as ThreadPoolTaskRunner(max_workers=3)",
        )
    return made


if TYPE_CHECKING:

    @overload
    def flow(fn: Callable[P, R], /) -> Flow[P, R]: ...
    @overload
    def flow(
        *,
        name: str | None = None,
        description: str | None = None,
        version: str | None = None,
        flow_run_name: str | Callable[[], str] | None = None,
        retries: int | None = None,
        retry_delay_seconds: float | None = None,
        task_runner: TaskRunner | type[TaskRunner] | None = None,
        timeout_seconds: float | None = None,
        validate_parameters: bool = True,
        log_prints: bool | None = None,
        persist_result: bool | None = None,
        result_storage: Any = None,
        result_serializer: Any = None,
        cache_result_in_memory: bool = True,
        on_completion: Iterable[Callable[..., Any]] | None = None,
        on_failure: Iterable[Callable[..., Any]] | None = None,
        on_running: Iterable[Callable[..., Any]] | None = None,
        on_cancellation: Iterable[Callable[..., Any]] | None = None,
        on_crashed: Iterable[Callable[..., Any]] | None = None,
        strict: bool | None = None,
    ) -> Callable[[Callable[P, R]], Flow[P, R]]: ...

    def flow(fn: Any = None, /, **options: Any) -> Any: ...

else:

    def flow(
        fn=None, /, *, name=None, version=None, flow_run_name=None, retries=None, retry_delay_seconds=None,
        task_runner=None, description=None, timeout_seconds=None, validate_parameters=True, persist_result=None,
        result_storage=None, result_serializer=None, cache_result_in_memory=True, log_prints=None, on_completion=None,
        on_failure=None, on_cancellation=None, on_crashed=None, on_running=None, **ours,
    ):  # fmt: skip
        """Make a function a flow: `@flow`, or `@flow(retries=1, ...)`. The options are `Flow`'s attributes."""
        options = given(locals())
        if fn is None:
            return lambda function: Flow.of(function, options)
        return Flow.of(fn, options)


_RESETTABLE = frozenset({"persist_result", "result_storage", "result_serializer", "log_prints"})


def _from_source(source: Any, entrypoint: str) -> Any:
    """`Flow.from_source`, by the decorator's name."""
    return Flow.from_source(source, entrypoint)


flow.from_source = _from_source  # type: ignore[attr-defined]
