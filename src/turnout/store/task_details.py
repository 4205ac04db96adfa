"""Single facts from the details of tasks, for thousands of them at once: the whole is parsed only where it is shown."""

from typing import Any

import msgspec

from turnout.store.text import from_json


class _Facts(msgspec.Struct, frozen=True):
    upstream: tuple[int, ...] = ()
    inputs: str | None = None
    result: dict[str, msgspec.Raw] | None = None


_decoder = msgspec.json.Decoder(_Facts)
_KEPT = frozenset({"inline", "ref"})


def upstream_of(detail: str) -> tuple[int, ...]:
    """The numbers of the tasks that one waited for."""
    return _facts(detail).upstream if '"upstream":' in detail else ()


def kept_inputs(detail: str) -> str | None:
    """The digest of what a step was made from; None without one, or if its result is not kept."""
    if '"inputs":' not in detail:
        return None
    facts = _facts(detail)
    return None if _KEPT.isdisjoint(facts.result or ()) else facts.inputs


def _facts(detail: str) -> _Facts:
    try:
        return _decoder.decode(detail)
    except msgspec.DecodeError:  # a result that is NaN or infinite, which only Python's JSON knows
        found: Any = from_json(detail)
        return _Facts(tuple(found.get("upstream") or ()), found.get("inputs"), found.get("result"))
