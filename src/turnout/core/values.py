"""Frozen values that cost nothing to declare.

`dataclasses.dataclass` compiles six methods a class, about half a millisecond; a script that ends in 50 ms cannot
afford thirty of them. `value` gives the same frozen, keyword-only behaviour with shared methods. Values that travel as
JSON stay dataclasses, which msgspec knows.
"""

from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")
_MISSING: Any = object()


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only value whose fields are its annotations, with their defaults.

    Two values are equal if they are of one class and their fields are equal. `match` by keyword works.
    """
    names = tuple(cls.__annotations__)
    defaults = {name: getattr(cls, name, _MISSING) for name in names}

    def initialise(self: Any, **given: Any) -> None:
        for name in names:
            found = given.pop(name, defaults[name])
            if found is _MISSING:
                raise TypeError(f"{cls.__name__} lacks '{name}'")
            object.__setattr__(self, name, found)
        if given:
            raise TypeError(f"{cls.__name__} has no '{next(iter(given))}'")

    for name, method in {"__init__": initialise, **_SHARED}.items():
        setattr(cls, name, method)
    return cls


def _repr(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={found!r}' for name, found in vars(self).items())})"


def _eq(self: Any, other: object) -> bool:
    return type(self) is type(other) and vars(self) == vars(other)


def _hash(self: Any) -> int:
    return hash((type(self), *vars(self).values()))


def _refuse_set(self: Any, name: str, _: Any) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: '{name}' cannot be set")


def _refuse_delete(self: Any, name: str) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: '{name}' cannot be deleted")


_SHARED = {
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
}
