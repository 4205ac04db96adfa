"""Frozen dataclasses that are compiled when somebody needs them to be dataclasses.

`dataclasses.dataclass` imports `inspect` and compiles six methods a class, half a millisecond each time: 40 ms for the
records and events that a one-task script meets while it records itself, more than everything else it does. The
`dataclass` here takes the same arguments and gives the same frozen, keyword-only class at once, with shared methods;
the first who asks for `__dataclass_fields__` (msgspec, `dataclasses.asdict`) turns it into the real thing.

Type checkers are shown the real one:

    if TYPE_CHECKING:
        from dataclasses import dataclass
    else:
        from turnout.core.values import dataclass
"""

from _thread import RLock
from collections.abc import Callable
from typing import Any, NoReturn

_MISSING: Any = object()


class Later:
    """What `field` gives until the class is compiled: the options of a `dataclasses.field`."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def default(self) -> Any:
        """A default value, or the marker of a required field."""
        factory = self.options.get("default_factory")
        return factory() if factory else self.options.get("default", _MISSING)


field = Later


def dataclass(*, frozen: bool, kw_only: bool) -> Callable[[type], type]:
    """`dataclasses.dataclass(frozen=True, kw_only=True)`, later. No other form is offered, and no inheritance."""
    if not (frozen and kw_only):
        raise TypeError("values are frozen and keyword-only")
    return _declare


def replace(instance: Any, /, **changes: Any) -> Any:
    """`dataclasses.replace`, without turning the class into the real thing."""
    return type(instance)(**{**vars(instance), **changes})


def _declare(cls: type) -> type:
    names = tuple(cls.__annotations__)
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}

    def initialise(self: Any, **given: Any) -> None:
        values = self.__dict__
        for name in names:
            found = given.pop(name, _MISSING)
            if found is _MISSING:
                found = defaults.get(name, _MISSING)
                if type(found) is Later:
                    found = found.default()
                if found is _MISSING:
                    raise TypeError(f"{cls.__name__} lacks '{name}'")
            values[name] = found
        if given:
            raise TypeError(f"{cls.__name__} has no '{next(iter(given))}'")

    for name, method in {"__init__": initialise, **_SHARED}.items():
        setattr(cls, name, method)
    type.__setattr__(cls, "__dataclass_fields__", _Compile())
    return cls


class _Compile:
    """Asked for its fields, the class becomes a real dataclass; objects made before stay as they are.

    Other threads may be making objects of the class, or ask for its fields, too: everything is made on the side and put
    in place name by name, so that the class is whole at every moment, the fields last.
    """

    def __get__(self, instance: object, cls: type) -> Any:
        import dataclasses

        with learning:
            if cls.__dict__["__dataclass_fields__"] is not self:
                return cls.__dict__["__dataclass_fields__"]
            body = {name: _declared(cls.__dict__[name]) for name in cls.__annotations__ if name in cls.__dict__}
            body |= {"__annotations__": cls.__annotations__, "__module__": cls.__module__}
            body["__doc__"] = cls.__doc__ or cls.__name__
            made: Any = dataclasses.dataclass(frozen=True, kw_only=True)(type(cls.__name__, (), body))
            for name in cls.__annotations__:
                if name in made.__dict__:
                    setattr(cls, name, made.__dict__[name])
                elif name in cls.__dict__:
                    delattr(cls, name)
            for name in ("__init__", "__repr__", "__eq__", "__hash__", "__match_args__", "__dataclass_params__"):
                setattr(cls, name, made.__dict__[name])
            fields = made.__dict__["__dataclass_fields__"]
            type.__setattr__(cls, "__dataclass_fields__", fields)
            return fields


learning = RLock()
"""Held while a decoder is made for a class. msgspec must not learn the same class in two threads at once: the second
would use what the first has not finished (a crash of the whole process), and values are compiled meanwhile."""


def _declared(found: Any) -> Any:
    if type(found) is not Later:
        return found
    import dataclasses

    return dataclasses.field(**found.options)


def _repr(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={found!r}' for name, found in vars(self).items())})"


def _eq(self: Any, other: object) -> bool:
    return type(self) is type(other) and vars(self) == vars(other)


def _hash(self: Any) -> int:
    return hash(tuple(vars(self).values()))


def _refuse_set(self: Any, name: str, _: Any) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field '{name}'")


def _refuse_delete(self: Any, name: str) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field '{name}'")


_SHARED: dict[str, Any] = {
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
}
