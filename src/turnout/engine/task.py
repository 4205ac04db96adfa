"""`@task`: a function whose calls are recorded, retried, timed and submitted."""

from __future__ import annotations

from _contextvars import copy_context

from turnout.core.errors import ConfigurationError, MissingContext
from turnout.engine.context.scopes import Scope, current
from turnout.engine.definitions.options import (
    LIMIT_OPTIONS,
    TASK_OPTIONS,
    Definition,
    NotSet,
    changed,
    check_isolation,
    check_number,
    check_options,
    given,
)  # fmt: skip
from turnout.engine.futures import futures
from turnout.engine.futures.futures import Future, FutureList
from turnout.engine.runs.drivers import run_awaiting, run_blocking
from turnout.engine.runs.retries import resolve_delay
from turnout.engine.runs.run_task import TaskScope, begin, created_line, run_directly
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from typing import Any, Generic, Literal, NoReturn, ParamSpec, Self, TypeVar, overload

    from turnout.engine.limits.declared import TaskLimit
    from turnout.engine.runs.retries import Delay

    P = ParamSpec("P")
    R = TypeVar("R")

    class _Typed(Generic[P, R]):
        pass
else:
    P = R = None
    _Typed = futures._Typed


class Task(Definition, _Typed[P, R]):
    """A function as a task. Call it, `submit` it or `map` it; `fn` is the function itself."""

    kind = "task"
    hook_names = ("on_completion", "on_failure", "on_running", "on_commit", "on_rollback")
    hook_of = {**Definition.hook_of, "crashed": "on_failure"}

    if TYPE_CHECKING:

        def __init__(self, fn: Callable[P, R], **options: Any) -> None: ...
        def with_options(self, **changes: Any) -> Self:
            """A copy with other options."""

    else:
        # What tools see of the options; the types are those of `task`, below.
        def __init__(
            self, fn, name=None, description=None, tags=None, version=None, cache_policy=NotSet, cache_key_fn=None,
            cache_expiration=None, task_run_name=None, retries=None, retry_delay_seconds=None,
            retry_jitter_factor=None, persist_result=None, result_storage=None, result_serializer=None,
            result_storage_key=None, cache_result_in_memory=True, timeout_seconds=None, log_prints=None,
            refresh_cache=None, on_completion=None, on_failure=None, on_running=None, on_rollback=None,
            on_commit=None, retry_condition_fn=None, viz_return_value=None, asset_deps=None, **ours,
        ) -> None:  # fmt: skip
            self._define(fn, given(locals()))

        def with_options(
            self, *, name=None, description=None, tags=None, cache_policy=NotSet, cache_key_fn=None,
            task_run_name=NotSet, cache_expiration=None, retries=NotSet, retry_delay_seconds=NotSet,
            retry_jitter_factor=NotSet, persist_result=NotSet, result_storage=NotSet, result_serializer=NotSet,
            result_storage_key=NotSet, cache_result_in_memory=None, timeout_seconds=None, log_prints=NotSet,
            refresh_cache=NotSet, on_completion=None, on_failure=None, on_running=None, retry_condition_fn=None,
            viz_return_value=None, asset_deps=None, **ours,
        ):  # fmt: skip
            """A copy with other options."""
            return self.copy_with(changed(locals(), _RESETTABLE))

    def _define(self, fn: Callable[P, R], options: dict[str, Any]) -> None:
        check_options("task", options, TASK_OPTIONS)
        super()._define(fn, options)
        self.tags: tuple[str, ...] = tuple(sorted(set(options.get("tags") or ())))
        self.task_run_name: Any = options.get("task_run_name")
        self.viz_return_value: Any = options.get("viz_return_value")
        self.retry_jitter_factor = check_number("retry_jitter_factor", options.get("retry_jitter_factor"))
        self.retry_condition_fn = options.get("retry_condition_fn")
        self.condition_is_async = self._is_async(self.retry_condition_fn)
        self.isolation = check_isolation(options.get("isolation"), streams=self.isgenerator)
        self.limit: TaskLimit | None = self._limit(options)
        """What each of its tries needs a place of."""
        self.lane: str | None = self.isolation or ("async" if self.is_async else None)
        """How a thread pool runs it when it is submitted: None for a plain thread."""
        self.retry_delays = resolve_delay(self.retry_delay_seconds, self.retries)

    def __call__(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Any:
        """Run the task and return its value; for an async task called from async code, a coroutine of it."""
        __tracebackhide__ = True
        parent = current.get()
        scope = self._scope(parent, args, kwargs, wait_for)
        if self.is_async and (parent is None or parent.definition.is_async):
            return self._awaited(scope, return_state)
        try:
            state = run_blocking(run_directly(scope))
        except RecursionError:
            scope.root.unended.append(scope)
            raise
        if return_state:
            return state
        if state.type == "completed":
            return state.data
        _read_upstream(scope)
        raise state.failure()

    def submit(
        self, *args: Any, return_state: bool = False, wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> Future[R]:
        """Run the task when its dependencies have ended; a future of its value, at once.

        Futures among the arguments, also nested in lists, tuples, dicts and sets, become their values. A dependency
        that does not complete skips this task (state NotReady). With `return_state`, wait and return the final state.
        """
        future = self._submit(self._flow_scope("submit"), [(args, kwargs)], wait_for)[0]
        return future.wait().state if return_state else future  # type: ignore[return-value]

    def map(
        self,
        *args: Any,
        return_state: bool = False,
        wait_for: Iterable[Any] | None = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> FutureList[R]:
        """Submit the task for every element of its iterable arguments, walked together.

        Text, bytes, dicts and `unmapped(...)` values go whole to every call. Raises MappingLengthMismatch.
        """
        from turnout.engine.futures.arguments import spread

        if deferred:
            raise self._no_task_workers("map(deferred=True)")
        scope = self._flow_scope("map")
        made = self._submit(scope, list(spread(args, kwargs, is_strict(scope))), wait_for)
        if return_state:
            return [future.wait().state for future in made]  # type: ignore[return-value]
        return made

    def delay(self, *args: Any, **kwargs: Any) -> Future[R]:
        """Not offered: raises ConfigurationError naming what to use."""
        raise self._no_task_workers("delay()")

    def apply_async(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        wait_for: Iterable[Any] | None = None,
        dependencies: dict[str, Any] | None = None,
    ) -> Future[R]:
        """Not offered: raises ConfigurationError naming what to use."""
        raise self._no_task_workers("apply_async()")

    def serve(self) -> NoReturn:
        """Not offered: raises ConfigurationError naming what to use."""
        raise self._no_task_workers("serve()")

    async def aserve(self) -> NoReturn:
        """`serve`, awaited."""
        self.serve()

    def _no_task_workers(self, what: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self.name}.{what} needs a task worker, which Turnout does not have: tasks run inside flows",
            fix=f"call {self.name}.submit() in a flow, or run_deployment() on a flow that calls it",
        )

    def _flow_scope(self, what: str) -> Scope:
        scope = current.get()
        if scope is None or scope.flow is None:
            raise MissingContext(
                f"{self.name}.{what}() needs a running flow",
                fix=f"call {what} inside a function decorated with @flow, or call {self.name}(...) directly; a thread "
                "of your own knows the flow if its function is wrapped in turnout.context.with_context",
            )
        return scope

    def _scope(
        self, parent: Scope | None, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Iterable[Any] | None
    ) -> TaskScope:
        if self.bound:
            args = (*self.bound, *args)
        if not futures.any_made and wait_for is None:  # nothing was ever submitted: there is nothing to find
            return begin(self, parent, args, kwargs, (), _NONE)
        if futures.find_futures is None:
            from turnout.engine.futures import arguments  # noqa: F401 - it sets what is used here
        given = (*args, *kwargs.values()) if kwargs else args
        found = futures.find_futures(given)
        if wait_for is not None:
            given = (*given, wait_for if type(wait_for) is list else list(wait_for))
            found.extend(futures.find_futures(given[-1:]))
        if not found:
            return begin(self, parent, args, kwargs, (), _NONE)
        needs = tuple(found) if len(found) == 1 else tuple(sorted(set(found), key=_number))
        return begin(self, parent, args, kwargs, needs, futures.tolerated(given))

    def _submit(
        self, parent: Scope, calls: list[tuple[tuple[Any, ...], dict[str, Any]]], wait_for: Iterable[Any] | None
    ) -> FutureList[R]:
        flow = parent.flow
        assert flow is not None
        runner = flow.pool()
        futures.any_made = True
        waits = None if wait_for is None else list(wait_for)
        scopes = [self._scope(parent, args, kwargs, waits) for args, kwargs in calls]
        if runner.remote or self.isolation is not None:
            from turnout.engine.runners.pickling import check_sendable

            check_sendable(self, scopes, runner.by_value)
        run_id = f"{parent.root.run_id}-{parent.root.attempt}"
        made: FutureList[R] = FutureList()
        for scope in scopes:
            future: Future[R] = Future(scope.name, scope.number, run_id, scope.needs, self.is_async)
            scope.future = future
            made.append(future)
        flow.submitted(len(scopes))
        parent.root.journal.write("".join([created_line(scope, "pending") for scope in scopes]))
        context = copy_context()
        enter: Callable[[TaskScope, Any], None] = runner.enter
        if self.limit is not None:
            from turnout.engine.limits.limiting import entrance

            enter = entrance(runner)
        for index, scope in enumerate(scopes):
            own = context if index == 0 else context.copy()
            if len(scope.needs) == 1:
                scope.needs[0].when_done(lambda scope=scope, own=own: enter(scope, own))  # type: ignore[misc]
            elif scope.needs:
                _Countdown(scope, lambda scope=scope, own=own: enter(scope, own))  # type: ignore[misc]
            else:
                enter(scope, own)
        return made

    async def _awaited(self, scope: TaskScope, return_state: bool) -> Any:
        __tracebackhide__ = True
        try:
            state = await run_awaiting(run_directly(scope))
        except RecursionError:
            scope.root.unended.append(scope)
            raise
        if return_state:
            return state
        if state.type == "completed":
            return state.data
        _read_upstream(scope)
        raise state.failure()

    def _limit(self, options: dict[str, Any]) -> TaskLimit | None:
        if not any(options.get(name) is not None for name in LIMIT_OPTIONS):
            return None
        from turnout.engine.limits.declared import TaskLimit

        code = self.fn.__code__
        return TaskLimit(options, f"{self.__module__}.{self.__qualname__}", f"{code.co_filename}:{code.co_firstlineno}")

    def on_commit(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(transaction)` when the transaction of a run of this task is committed."""
        return self._add_transaction_hook("on_commit", fn)

    def on_rollback(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(transaction)` when a completed run of this task is rolled back."""
        return self._add_transaction_hook("on_rollback", fn)

    def _add_transaction_hook(self, event: str, fn: Callable[..., Any]) -> Callable[..., Any]:
        if self.keeping is None:
            self._keep()
        return self._add_hook(event, fn)

    def make_run_name(self, scope: TaskScope) -> str:
        from turnout.engine.definitions.names import run_name

        return run_name(self.task_run_name, self.bound_arguments(scope.args, scope.kwargs), self.name, scope)

    def bound_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """name -> value; as far as they fit, for names and hooks."""
        from turnout.core.errors import ParameterError

        try:
            return self.signature.bind(args, kwargs)
        except ParameterError:
            return dict(kwargs)


class _Countdown:
    """Calls `start` when the last of a task's dependencies has ended, in the thread that ends it."""

    __slots__ = ("_left", "_start")

    def __init__(self, scope: TaskScope, start: Callable[[], None]) -> None:
        self._left = len(scope.needs)
        self._start = start
        for future in scope.needs:
            future.when_done(self._one_less)

    def _one_less(self) -> None:
        with futures._lock:
            self._left -= 1
            last = self._left == 0
        if last:
            self._start()


def _number(future: Future[Any]) -> int:
    return future.number


def _read_upstream(scope: TaskScope) -> None:
    for future in scope.needs:
        future.mark_read()


_NONE: set[Future[Any]] = set()

if TYPE_CHECKING:

    @overload
    def task(fn: Callable[P, R], /) -> Task[P, R]: ...
    @overload
    def task(
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        version: str | None = None,
        task_run_name: str | Callable[[], str] | None = None,
        retries: int | None = None,
        retry_delay_seconds: Delay | None = None,
        retry_jitter_factor: float | None = None,
        retry_condition_fn: Callable[..., Any] | None = None,
        isolation: Literal["process"] | None = None,
        limit: int | None = None,
        rate: str | None = None,
        per: str | None = None,
        occupy: int | None = None,
        adaptive: bool | None = None,
        timeout_seconds: float | None = None,
        log_prints: bool | None = None,
        persist_result: bool | None = None,
        result_storage: Any = None,
        result_storage_key: str | None = None,
        result_serializer: Any = None,
        cache_result_in_memory: bool = True,
        cache_policy: Any = NotSet,
        cache_key_fn: Callable[..., str | None] | None = None,
        cache_expiration: timedelta | None = None,
        refresh_cache: bool | None = None,
        viz_return_value: Any = None,
        asset_deps: Iterable[Any] | None = None,
        on_completion: Iterable[Callable[..., Any]] | None = None,
        on_failure: Iterable[Callable[..., Any]] | None = None,
        on_running: Iterable[Callable[..., Any]] | None = None,
    ) -> Callable[[Callable[P, R]], Task[P, R]]: ...

    def task(fn: Any = None, /, **options: Any) -> Any: ...

else:

    def task(
        fn=None, /, *, name=None, description=None, tags=None, version=None, cache_policy=NotSet, cache_key_fn=None,
        cache_expiration=None, task_run_name=None, retries=None, retry_delay_seconds=None, retry_jitter_factor=None,
        persist_result=None, result_storage=None, result_storage_key=None, result_serializer=None,
        cache_result_in_memory=True, timeout_seconds=None, log_prints=None, refresh_cache=None, on_completion=None,
        on_failure=None, on_running=None, retry_condition_fn=None, viz_return_value=None, asset_deps=None, **ours,
    ):  # fmt: skip
        """Make a function a task: `@task`, or `@task(retries=2, ...)`. The options are `Task`'s attributes."""
        options = given(locals())
        if fn is None:
            return lambda function: Task.of(function, options)
        return Task.of(fn, options)


_RESETTABLE = frozenset({
    "task_run_name", "retries", "retry_delay_seconds", "retry_jitter_factor", "persist_result", "result_storage",
    "result_serializer", "result_storage_key", "log_prints", "refresh_cache",
})  # fmt: skip
