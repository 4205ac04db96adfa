"""Arguments of tasks: futures found in them, `unmapped` and `allow_failure` around them, the maps they span."""

from __future__ import annotations

from turnout.core.errors import MappingLengthMismatch
from turnout.engine.futures import futures
from turnout.engine.futures.futures import Future, FutureList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


class Annotation:
    """A value with a mark on it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def unwrap(self) -> Any:
        """The value."""
        return self.value

    def rewrap(self, value: Any) -> Self:
        """The same mark on another value."""
        return type(self)(value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class unmapped(Annotation):  # noqa: N801 - reads as a word at the call
    """`task.map(xs, unmapped(y))`: every call gets the whole of `y`."""

    __slots__ = ()


class allow_failure(Annotation):  # noqa: N801
    """`task.submit(allow_failure(future))`: run even if it failed, and get its exception in place of its value."""

    __slots__ = ()


class quote(Annotation):  # noqa: N801
    """`task.submit(quote(big))`: pass `big` as it is, without looking for futures in it."""

    __slots__ = ()

    def unquote(self) -> Any:
        """The value."""
        return self.value


class opaque(Annotation):  # noqa: N801
    """The same as `quote`."""

    __slots__ = ()


class freeze(Annotation):  # noqa: N801
    """The same as `quote`, for parameters of flows."""

    __slots__ = ()

    def unfreeze(self) -> Any:
        """The value."""
        return self.value


def find_futures(values: Any, found: list[Future[Any]] | None = None, depth: int = 0) -> list[Future[Any]]:
    """Every future in `values`, which is a tuple, list, set, frozenset or dict (its values), nested in those."""
    found = [] if found is None else found
    if type(values) is dict:
        values = values.values()
    kinds: set[Any] = set(map(type, values)) - _PLAIN  # C speed over the many plain values that data consists of
    if not kinds:
        return found
    for kind in kinds:
        if kind in _CONTAINERS and depth < _DEPTH:
            for value in values:
                if type(value) is kind:
                    find_futures(value, found, depth + 1)
        elif kind is Future:
            found.extend(value for value in values if type(value) is Future)
        elif kind in (allow_failure, unmapped):
            find_futures([value.value for value in values if type(value) is kind], found, depth)
    return found


def fill(value: Any, tolerant: bool = False, depth: int = 0) -> Any:
    """`value` with futures replaced by their values, or, where `allow_failure` says so, by their exceptions.

    Every future has ended. What holds no future is the same object as before.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Future:
        if value._state is None:  # put into a list after the call that was given the list
            return value
        return value.result(raise_on_failure=False) if tolerant else value._state.data
    if kind in _SEALED:
        return value.value
    if kind is allow_failure or kind is unmapped:
        return fill(value.value, tolerant or kind is allow_failure, depth)
    if kind not in _CONTAINERS or depth >= _DEPTH or not find_marks(value):
        return value
    if kind is dict:
        return {key: fill(item, tolerant, depth + 1) for key, item in value.items()}
    filled = [fill(item, tolerant, depth + 1) for item in value]
    return filled if kind is FutureList else kind(filled)


def find_marks(values: Any, depth: int = 0) -> bool:
    """Whether a future or an annotation is anywhere in `values`."""
    if type(values) is dict:
        values = values.values()
    kinds = set(map(type, values)) - _PLAIN
    if not kinds:
        return False
    if not kinds.isdisjoint(_MARKS):
        return True
    return depth < _DEPTH and any(
        type(value) in _CONTAINERS and find_marks(value, depth + 1) for value in (values if kinds & _CONTAINERS else ())
    )


def tolerated(values: Any) -> set[Future[Any]]:
    """The futures in `values` that are allowed to fail."""
    found: set[Future[Any]] = set()
    if type(values) is dict:
        values = values.values()
    if _HOLDING.isdisjoint(map(type, values)):
        return found
    for value in values:
        if type(value) is allow_failure:
            found.update(find_futures([value.value]))
        elif type(value) in _CONTAINERS:
            found.update(tolerated(value))
    return found


def resolve_futures_to_states(expr: Any) -> Any:
    """`expr` with every future in it, however nested, replaced by its final state, which is waited for."""
    return _resolved(expr, lambda future: future.wait().state)


def resolve_futures_to_results(expr: Any) -> Any:
    """`expr` with every future in it, however nested, replaced by its value, which is waited for. Raises the first
    failure."""
    return _resolved(expr, lambda future: future.result())


def _resolved(expr: Any, answer: Callable[[Future[Any]], Any], depth: int = 0) -> Any:
    kind = type(expr)
    if kind is Future:
        return answer(expr)
    if isinstance(expr, Annotation) and kind not in _SEALED:
        return expr.rewrap(_resolved(expr.value, answer, depth + 1))
    if kind not in _CONTAINERS or depth >= _DEPTH or not find_marks(expr):
        return expr
    if kind is dict:
        return {key: _resolved(item, answer, depth + 1) for key, item in expr.items()}
    items = [_resolved(item, answer, depth + 1) for item in expr]
    return items if kind is FutureList else kind(items)


def spread(
    args: tuple[Any, ...], kwargs: dict[str, Any], dicts: bool = False
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The calls that `map(*args, **kwargs)` stands for: iterables are walked together, all else is repeated.

    Text, bytes, dicts and `unmapped` values are repeated; of dicts, if `dicts`, the keys are walked. Raises
    MappingLengthMismatch.
    """
    columns: list[Any] = [
        list(value) if dicts and type(value) is dict else _column(value) for value in (*args, *kwargs.values())
    ]
    lengths = [len(column) for column in columns if type(column) is list]
    if not lengths:
        raise MappingLengthMismatch(
            "map was given nothing to map over", fix="pass at least one list, or call submit for a single run"
        )
    if len(set(lengths)) > 1:
        names = [*(f"argument {index + 1}" for index in range(len(args))), *kwargs]
        told = ", ".join(f"{name}: {len(c)}" for name, c in zip(names, columns, strict=True) if type(c) is list)
        raise MappingLengthMismatch(
            f"map needs iterables of one length, got {told}", fix="wrap what every call gets whole in unmapped(...)"
        )
    return _calls(columns, lengths[0], len(args), tuple(kwargs))


def _calls(
    columns: list[Any], length: int, positional: int, names: tuple[str, ...]
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    walks = [column if type(column) is list else (column[0],) * length for column in columns]
    for row in zip(*walks, strict=True):
        yield row[:positional], dict(zip(names, row[positional:], strict=True)) if names else {}


def _column(value: Any) -> list[Any] | tuple[Any]:
    """A list of what each call gets, or a tuple of the one thing that all get."""
    if type(value) is unmapped:
        return (value.value,)
    if type(value) is allow_failure:
        column = _column(value.value)
        return [allow_failure(item) for item in column] if type(column) is list else (value,)
    if type(value) is Future:
        return _column(value.result())
    if isinstance(value, (str, bytes, bytearray, dict, Annotation)) or not hasattr(value, "__iter__"):
        return (value,)
    return list(value)


_CONTAINERS = frozenset({tuple, list, dict, set, frozenset, FutureList})
_SEALED = frozenset({quote, opaque, freeze})
_MARKS = frozenset({Future, unmapped, allow_failure, *_SEALED})
_HOLDING = frozenset({allow_failure, *_CONTAINERS})
_DEPTH = 50
"""Futures nested deeper than this are not found; it also ends the search in a structure that contains itself."""

futures.find_marks = find_marks
futures.find_futures = find_futures
futures.tolerated = tolerated
