"""Which calls of a task are the same: policies that make a key of a call, and their algebra."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass, field

from turnout.core.errors import ConfigurationError, ParameterError
from turnout.engine.results.typed_json import NotStorable, typed_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

STABLE_TRANSFORMS: dict[type, Callable[[Any], Any]] = {}
"""Class -> what stands for its instances in keys; for values that have no stable form of their own."""
_HASHED_BYTES = 1_000_000_000
_LEVELS = ("READ_COMMITTED", "SERIALIZABLE")


class UncacheableInput(ParameterError):
    """An argument that cannot be part of a cache key."""

    code = "uncacheable_input"


@dataclass
class CachePolicy:
    """Subclass it with `compute_key`, or make one with `from_cache_key_fn`.

    key_storage: where cached results are, if not where the task's results are. isolation_level: SERIALIZABLE lets one
    run at a time compute a key, under `lock_manager`.
    """

    key_storage: Any = field(default=None, kw_only=True, repr=False)
    isolation_level: Any = field(default=None, kw_only=True, repr=False)
    lock_manager: Any = field(default=None, kw_only=True, repr=False)

    @classmethod
    def from_cache_key_fn(cls, cache_key_fn: Callable[[Any, dict[str, Any]], str | None]) -> CacheKeyFnPolicy:
        """The policy whose key is `cache_key_fn(context, parameters)`."""
        return CacheKeyFnPolicy(cache_key_fn=cache_key_fn)

    def configure(self, key_storage: Any = None, lock_manager: Any = None, isolation_level: Any = None) -> Self:
        """A copy with what is given. Raises ConfigurationError."""
        made = copy(self)
        for name, value in (("key_storage", key_storage), ("lock_manager", lock_manager)):
            if value is not None:
                setattr(made, name, value)
        if isolation_level is not None:
            if level_name(isolation_level) not in _LEVELS:
                raise ConfigurationError(f"isolation_level is {isolation_level!r}", fix=f"give one of {_LEVELS}")
            made.isolation_level = isolation_level
        return made

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """The key of a call; None where it has none and is not cached."""
        raise NotImplementedError

    def __sub__(self, other: str) -> CachePolicy:
        """Only inputs can be left out: other policies stay as they are."""
        if not isinstance(other, str):
            raise TypeError("only the name of an argument can be subtracted from a cache policy")
        return self

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Both have to agree. Raises ConfigurationError if they are configured differently."""
        if isinstance(other, NoCache):
            return self
        made = CompoundCachePolicy(policies=[*_parts(self), *_parts(other)])
        for name in ("key_storage", "isolation_level", "lock_manager"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours is not None and theirs is not None and ours != theirs:
                raise ConfigurationError(f"two cache policies with a different {name} cannot be added")
            setattr(made, name, ours if ours is not None else theirs)
        return made

    def __str__(self) -> str:
        return type(self).__name__


@dataclass
class CacheKeyFnPolicy(CachePolicy):
    """The key that a function of the run's context and the parameters gives."""

    cache_key_fn: Callable[[Any, dict[str, Any]], str | None] | None = None

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        return self.cache_key_fn(task_ctx, inputs) if self.cache_key_fn is not None else None

    def __str__(self) -> str:
        return f"cache_key_fn {getattr(self.cache_key_fn, '__name__', '')}".rstrip()


@dataclass
class CompoundCachePolicy(CachePolicy):
    """All of several policies; those without a key do not count."""

    policies: list[CachePolicy] = field(default_factory=list)

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        keys = [policy.compute_key(task_ctx, inputs, flow_parameters, **kwargs) for policy in self.policies]
        known = [key for key in keys if key is not None]
        return digest_of(known) if known else None

    def __sub__(self, other: str) -> CachePolicy:
        super().__sub__(other)
        made = copy(self)
        made.policies = [policy - other for policy in self.policies]
        return made

    def __str__(self) -> str:
        return " + ".join(map(str, self.policies))


@dataclass
class NoCache(CachePolicy):
    """Never the same."""

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        return None

    def __add__(self, other: CachePolicy) -> CachePolicy:
        return other

    def __str__(self) -> str:
        return "NO_CACHE"


@dataclass
class TaskSource(CachePolicy):
    """The task's own code, as `step_code` compares it: comments and line numbers change nothing."""

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any] | None, flow_parameters: dict[str, Any] | None, **kwargs: Any
    ) -> str | None:
        import sys

        from turnout.engine.reuse.step_code import digest

        return f"{sys.implementation.cache_tag}-{digest(task_ctx.task)}" if task_ctx is not None else None

    def __str__(self) -> str:
        return "TASK_SOURCE"


@dataclass
class FlowParameters(CachePolicy):
    """The parameters of the flow around the task."""

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        return digest_of(_each(flow_parameters, "flow parameter")) if flow_parameters else None

    def __str__(self) -> str:
        return "FLOW_PARAMETERS"


@dataclass
class RunId(CachePolicy):
    """The flow run; outside of flows the task run."""

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        if task_ctx is None:
            return None
        run = task_ctx.task_run
        return str(run.flow_run_id or f"{run.id}-{id(task_ctx._scope.root)}")

    def __str__(self) -> str:
        return "RUN_ID"


@dataclass
class Inputs(CachePolicy):
    """The arguments, but those named in `exclude`."""

    exclude: list[str] = field(default_factory=list)

    def compute_key(
        self, task_ctx: Any, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        if not inputs:
            return None
        return digest_of(_each({name: inputs[name] for name in inputs if name not in self.exclude}, "argument"))

    def __sub__(self, other: str) -> CachePolicy:
        super().__sub__(other)
        made = copy(self)
        made.exclude = [*self.exclude, other]
        return made

    def __str__(self) -> str:
        return " - ".join(["INPUTS", *map(repr, self.exclude)])


def digest_of(values: Any) -> str:
    """SHA-256 of values that have typed JSON."""
    return hashlib.sha256(typed_json(values, _HASHED_BYTES).encode()).hexdigest()


def task_input_hash(context: Any, arguments: dict[str, Any]) -> str | None:
    """For `cache_key_fn`: the task's name and code, and its arguments."""
    code = TaskSource().compute_key(context, None, None)
    return digest_of([context.task.name, code, _each(arguments, "argument")])


def level_name(level: Any) -> str:
    """READ_COMMITTED or SERIALIZABLE, of a member of `IsolationLevel` or a text."""
    return str(getattr(level, "name", level))


def _each(values: dict[str, Any], what: str) -> dict[str, str]:
    """name -> digest of the value. Raises UncacheableInput naming the one that has none."""
    return {name: _digest(value, f"{what} '{name}'") for name, value in sorted(values.items())}


def _digest(value: Any, what: str) -> str:
    transform = next((change for kind, change in STABLE_TRANSFORMS.items() if isinstance(value, kind)), None)
    value = value if transform is None else transform(value)
    try:
        return digest_of(value)
    except NotStorable as without_json:
        return _digest_of_pickle(value, what, without_json)


def _digest_of_pickle(value: Any, what: str, without_json: NotStorable) -> str:
    """For data frames and objects of user classes: nothing is ever read back from it."""
    try:
        try:
            from cloudpickle import dumps
        except ImportError:
            from pickle import dumps
        return hashlib.sha256(dumps(value, protocol=5)).hexdigest()
    except Exception as error:
        raise UncacheableInput(
            f"{what}, a {type(value).__qualname__}, cannot be part of a cache key: {without_json.what}; {error}",
            fix=f"leave it out of the key (cache_policy=INPUTS - {what.rsplit(maxsplit=1)[-1]}), or give cache_key_fn",
        ) from error


def _parts(policy: CachePolicy) -> list[CachePolicy]:
    return policy.policies if isinstance(policy, CompoundCachePolicy) else [policy]


INPUTS = Inputs()
NONE = NoCache()
NO_CACHE = NONE
_None = NoCache
TASK_SOURCE = TaskSource()
FLOW_PARAMETERS = FlowParameters()
RUN_ID = RunId()
DEFAULT = INPUTS + TASK_SOURCE + RUN_ID
