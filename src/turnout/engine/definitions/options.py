"""What `@flow` and `@task` share: options, names, hooks, methods."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError, ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from turnout.engine.definitions.parameters import Signature
    from turnout.engine.reuse.keeping import Keeping
    from turnout.engine.states.state import State

_SHARED = {"name", "description", "version", "retries", "retry_delay_seconds", "timeout_seconds", "log_prints",
           "persist_result", "on_completion", "on_failure", "on_running", "result_storage", "result_serializer",
           "cache_result_in_memory"}  # fmt: skip
TASK_OPTIONS = _SHARED | {
    "viz_return_value",
    "isolation",
    "tags",
    "task_run_name",
    "retry_jitter_factor",
    "retry_condition_fn",
    "limit",
    "rate",
    "per",
    "occupy",
    "adaptive",
    "on_commit",
    "on_rollback",
    "cache_policy",
    "cache_key_fn",
    "cache_expiration",
    "refresh_cache",
    "result_storage_key",
}
LIMIT_OPTIONS = ("limit", "rate", "per", "occupy", "adaptive")
FLOW_OPTIONS = _SHARED | {
    "flow_run_name",
    "task_runner",
    "validate_parameters",
    "on_cancellation",
    "on_crashed",
    "strict",
    "acknowledge",
}
LATER = {"asset_deps"}
"""Options that other orchestrators know and that would have no effect here yet."""
_KEEPING = frozenset({"cache_policy", "cache_key_fn", "cache_expiration", "refresh_cache", "cache_result_in_memory",
                      "result_storage", "result_storage_key", "result_serializer", "on_commit",
                      "on_rollback"})  # fmt: skip
"""Options of which `keeping` knows what they mean."""
_DEFAULTS = {"cache_result_in_memory": True, "validate_parameters": True}
"""Defaults that are not None."""


class NotSet:
    """Stands for an option that nobody gave, where None would mean something."""


def given(arguments: dict[str, Any]) -> dict[str, Any]:
    """The options that a caller really gave, out of `locals()` of a function with `self` or `fn` and `**ours`."""
    arguments.update(arguments.pop("ours"))
    return {
        name: value
        for name, value in arguments.items()
        if value is not None and value is not NotSet and name not in _NO_OPTIONS and _DEFAULTS.get(name) is not value
    }


def changed(arguments: dict[str, Any], resettable: frozenset[str]) -> dict[str, Any]:
    """The same for `with_options`: there False and True always count, and None does for what is `resettable`."""
    arguments.update(arguments.pop("ours"))
    return {
        name: value
        for name, value in arguments.items()
        if value is not NotSet and name not in _NO_OPTIONS and (value is not None or name in resettable)
    }


class Definition:
    """A function and how its runs are to be treated.

    fn: the function. name, description: by default the function's name and docstring. retries: further tries after a
    failure. retry_delay_seconds: a number, one number a retry, or a function of the number of retries.
    timeout_seconds: for one try. log_prints: `print` writes to the run's log. persist_result: True makes a result
    that cannot be stored an error, False never stores it.
    """

    kind = ""
    hook_names: tuple[str, ...] = ()
    hook_of = {"completed": "on_completion", "failed": "on_failure", "cancelled": "on_cancellation"}
    """State type -> the hooks that it calls."""

    if TYPE_CHECKING:

        def __init__(self, fn: Any, **options: Any) -> None: ...

    @classmethod
    def of(cls, fn: Any, options: dict[str, Any]) -> Self:
        """The same as `cls(fn, **options)`, of options that `given` has looked through."""
        made = object.__new__(cls)
        made._define(fn, options)
        return made

    def _define(self, fn: Any, options: dict[str, Any]) -> None:
        plain = getattr(fn, "__func__", fn)  # inside a classmethod or a staticmethod
        code = getattr(plain, "__code__", None)
        if code is None:
            raise ConfigurationError(
                f"@{self.kind} was put on {fn!r}", fix=f"put @{self.kind} on a function; options go by name"
            )
        if not _RESERVED.isdisjoint(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]):
            raise ParameterError(
                f"{self.kind} '{plain.__name__}' has a parameter 'return_state' or 'wait_for'", where=_place(code),
                fix="call it something else: calls of flows and tasks take these two themselves",
            )  # fmt: skip
        self.fn: Callable[..., Any] = plain
        self.options = options
        self.is_async = bool(code.co_flags & 0x280)
        self.body: Callable[..., Any] = plain
        """What a run calls."""
        if code.co_flags & 0x220:
            self._become_streaming()
        self.name: str = options.get("name") or self._default_name(plain.__name__)
        self.description: str | None = options.get("description") or plain.__doc__
        self.version: str | None = options.get("version")
        self.retries = int(check_number("retries", options.get("retries")) or 0)
        self.retry_delay_seconds = options.get("retry_delay_seconds")
        self.timeout_seconds = check_number("timeout_seconds", options.get("timeout_seconds"))
        if self.timeout_seconds == 0:
            raise ConfigurationError("timeout_seconds is 0", where=_place(code), fix="give seconds, or leave it out")
        self.log_prints: bool | None = options.get("log_prints")
        self.persist_result: bool | None = options.get("persist_result")
        self.hooks: dict[str, tuple[Callable[..., Any], ...]] = {
            hook: _hooks(hook, options[hook]) if options.get(hook) is not None else () for hook in self.hook_names
        }
        self.keeping: Keeping | None = None
        """What the options say of results, caching and transactions; None if nothing."""
        if self.persist_result or not _KEEPING.isdisjoint(options):
            self._keep()
        self.bound: tuple[Any, ...] = ()
        self._descriptor = fn if fn is not plain else None
        self._signature: Signature | None = None
        self.__name__ = plain.__name__
        self.__qualname__ = plain.__qualname__
        self.__module__ = plain.__module__
        self.__doc__ = plain.__doc__
        self.__wrapped__ = plain

    @property
    def signature(self) -> Signature:
        """The parameters of the function."""
        if self._signature is None:
            from turnout.engine.definitions.parameters import Signature

            self._signature = Signature(self.fn)
        return self._signature

    @property
    def isasync(self) -> bool:
        """The same as `is_async`."""
        return self.is_async

    @property
    def isclassmethod(self) -> bool:
        """Whether it was put on a `@classmethod`."""
        return isinstance(self._descriptor, classmethod)

    @property
    def isstaticmethod(self) -> bool:
        """Whether it was put on a `@staticmethod`."""
        return isinstance(self._descriptor, staticmethod)

    @property
    def ismethod(self) -> bool:
        """Whether it is the method of an instance."""
        return bool(self.bound) and not self.isclassmethod

    def copy_with(self, changes: dict[str, Any]) -> Self:
        """A copy with other options; None takes one back."""
        copy = type(self)(self._descriptor or self.fn, **{**self.options, **changes})
        copy.bound = self.bound
        copy.hooks |= {event: hooks for event, hooks in self.hooks.items() if event not in changes}
        if copy.keeping is None and (copy.hooks.get("on_commit") or copy.hooks.get("on_rollback")):
            copy._keep()
        return copy

    def on_completion(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(definition, run, state)` when a run completed."""
        return self._add_hook("on_completion", fn)

    def on_failure(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(definition, run, state)` when a run failed."""
        return self._add_hook("on_failure", fn)

    def on_running(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: call `fn(definition, run, state)` before each try."""
        return self._add_hook("on_running", fn)

    def hooks_for(self, state: State) -> tuple[Callable[..., Any], ...]:
        """The hooks that a run which ended in `state` calls."""
        return self.hooks.get(self.hook_of.get(state.type, ""), ())

    def __get__(self, instance: Any, owner: type | None = None) -> Self:
        """As a method: the same definition with `self` (or the class) as its first argument."""
        receiver = owner if isinstance(self._descriptor, classmethod) else instance
        if receiver is None or isinstance(self._descriptor, staticmethod):
            return self
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__)
        bound.bound = (receiver,)
        return bound

    def __repr__(self) -> str:
        return f"<{self.kind} '{self.name}'>"

    @property
    def isgenerator(self) -> bool:
        """Whether it is made of a generator function."""
        return self.body is not self.fn

    def _become_streaming(self) -> None:
        from turnout.engine.runs import streaming

        self.body = streaming.whole(self.fn, self.is_async)
        made = streaming.StreamingTask if self.kind == "task" else streaming.StreamingFlow
        self.__class__ = made  # decided once: plain ones are not asked at each call

    def _keep(self) -> None:
        from turnout.engine.reuse.keeping import Keeping

        self.keeping = Keeping(self.options)

    def _default_name(self, function_name: str) -> str:
        return function_name

    def _add_hook(self, event: str, hook: Callable[..., Any]) -> Callable[..., Any]:
        self.hooks[event] = (*self.hooks[event], hook)
        return hook

    @staticmethod
    def _is_async(function: Any) -> bool:
        code = getattr(function, "__code__", None)
        return code is not None and bool(code.co_flags & 0x80)


def check_options(kind: str, options: dict[str, Any], known: set[str]) -> None:
    """Refuse what would have no effect. Raises ConfigurationError."""
    for name in options.keys() - known:
        if name in LATER and options[name] is None:
            continue
        if name in LATER:
            raise ConfigurationError(f"@{kind}({name}=...) is not supported by this version", fix=f"leave {name} out")
        raise ConfigurationError(f"@{kind} has no option '{name}'", fix=_instead(name, known))


def check_number(name: str, value: Any) -> float | None:
    """`value`, a number of zero or more, or None. Raises ConfigurationError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ConfigurationError(f"{name} is {value!r}", fix="give a number, zero or more")
    return value


def check_isolation(isolation: Any, *, streams: bool) -> str | None:
    """`isolation`, "process" or None. Raises ConfigurationError, also for a task that `streams` its values."""
    if isolation is not None and streams:
        raise ConfigurationError("a generator task cannot have isolation", fix="return a list from it")
    if isolation is None or isolation == "process":
        return isolation  # type: ignore[no-any-return]
    raise ConfigurationError(f"isolation is {isolation!r}", fix='give "process", or leave it out')


def _hooks(event: str, hooks: Any) -> tuple[Callable[..., Any], ...]:
    if callable(hooks) or not hasattr(hooks, "__iter__") or not all(map(callable, hooks)):
        raise ConfigurationError(f"{event} is {hooks!r}", fix=f"give a list of functions: {event}=[tell]")
    return tuple(hooks)


def _instead(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    return f"did you mean {close[0]}?" if close else f"its options are: {', '.join(sorted(known))}"


def _place(code: Any) -> str:
    return f"{code.co_filename}:{code.co_firstlineno}"


_NO_OPTIONS = frozenset({"self", "fn"})
_RESERVED = frozenset({"return_state", "wait_for"})
