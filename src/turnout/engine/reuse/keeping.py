"""What a definition's options say of results, caching and transactions; loaded by definitions that have such."""

from __future__ import annotations

from datetime import timedelta

from turnout.core.errors import ConfigurationError
from turnout.engine.definitions.options import NotSet
from turnout.engine.results.serializers import JSONSerializer, resolve_serializer
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.reuse.cache_policies import CachePolicy


class Keeping:
    """The options, checked. None where nothing is said.

    persist: store results. explicit: `persist_result=True` was said: a result that cannot be stored is an error.
    """

    __slots__ = ("expiration", "explicit", "in_memory", "persist", "policy", "refresh", "serializer", "storage",
                 "storage_key")  # fmt: skip

    def __init__(self, options: Mapping[str, Any]) -> None:
        serializer = options.get("result_serializer")
        self.serializer = None if serializer is None else resolve_serializer(serializer)
        self.storage: Any = options.get("result_storage")
        self.storage_key: str | None = _key_template(options.get("result_storage_key"))
        self.in_memory = options.get("cache_result_in_memory") is not False
        self.policy = _policy(options)
        self.expiration = _expiration(options.get("cache_expiration"))
        self.refresh = bool(options.get("refresh_cache"))
        said = options.get("persist_result")
        self.explicit = said is True
        self.persist: bool | None = said if said is not None else (True if self._asks() else None)

    def _asks(self) -> bool:
        from turnout.engine.reuse.cache_policies import NoCache

        caches = self.policy is not None and not isinstance(self.policy, NoCache)
        return caches or any(each is not None for each in (self.serializer, self.storage, self.storage_key))

    @property
    def elsewhere(self) -> bool:
        """Whether even small results go to the storage and not into the record."""
        plain = self.serializer is None or (isinstance(self.serializer, JSONSerializer) and self.serializer.typed)
        return self.storage is not None or self.storage_key is not None or not plain or not self.in_memory

    def within(self, around: Keeping) -> Keeping:
        """These options inside a flow with those."""
        made = Keeping({})
        for name in ("serializer", "storage", "storage_key", "policy", "expiration", "persist"):
            own = getattr(self, name)
            inherited = None if name in ("storage_key", "policy", "expiration") else getattr(around, name)
            setattr(made, name, own if own is not None else inherited)
        made.in_memory = self.in_memory
        made.refresh = self.refresh
        made.explicit = self.explicit
        return made


def settings(scope: Scope) -> Keeping:
    """What holds for a run: its own options, then those of the flows around it, then those of the strict switch."""
    said = scope.definition.keeping or NOTHING
    around = scope.parent
    while around is not None:
        if around.kind == "flow" and around.definition.keeping is not None:
            said = said.within(around.definition.keeping)
        around = around.parent
    if said.policy is None and said.persist and scope.kind == "task" and is_strict(scope):
        from turnout.engine.reuse.cache_policies import DEFAULT

        said = said.within(NOTHING)
        said.policy = DEFAULT
    return said


def _policy(options: Mapping[str, Any]) -> CachePolicy | None:
    policy, function = options.get("cache_policy", NotSet), options.get("cache_key_fn")
    if function is not None:
        from turnout.engine.reuse.cache_policies import CacheKeyFnPolicy

        if policy not in (NotSet, None):
            raise ConfigurationError("both cache_policy and cache_key_fn are given", fix="give one of them")
        return CacheKeyFnPolicy(cache_key_fn=function)
    if policy is NotSet:
        return None
    from turnout.engine.reuse.cache_policies import NO_CACHE, CachePolicy

    if policy is None:
        return NO_CACHE
    if not isinstance(policy, CachePolicy):
        raise ConfigurationError(
            f"cache_policy is {policy!r}", fix="give a policy of turnout.cache_policies, such as INPUTS"
        )
    return policy


def _expiration(given: Any) -> timedelta | None:
    if given is None or isinstance(given, timedelta):
        return given
    raise ConfigurationError(f"cache_expiration is {given!r}", fix="give a datetime.timedelta")


def _key_template(given: Any) -> str | None:
    if given is None or isinstance(given, str):
        return given or None
    raise ConfigurationError(f"result_storage_key is {given!r}", fix='give a text such as "{parameters[day]}.json"')


NOTHING = Keeping({})
