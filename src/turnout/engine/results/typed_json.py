"""Results as typed JSON: what comes back is equal to what went in, type included, or it is not stored at all.

JSON's own values stand for themselves. Everything else is an object with a "$type":
    tuple set frozenset   {"items": [...]}             dict (keys not text, or with a "$type")  {"items": [[k, v], ...]}
    int (beyond 64 bits) float (nan, inf)              {"value": "..."}
    bytes                 {"value": base64}            text (lone surrogates)  {"value": base64 of UTF-8, surrogatepass}
    datetime date time    {"value": ISO 8601}          timedelta  {"value": [days, seconds, microseconds]}
    decimal uuid path     {"value": "..."}             enum  {"class": "module:name", "name": "..."}
    dataclass             {"class": "module:name", "fields": {...}}
    pydantic              {"class": "module:name", "fields": {...}, "set": [...], "extra": {...}, "private": {...}}
`restoring.py` reads it back.
"""

from __future__ import annotations

import sys

from turnout.core.errors import TurnoutError
from turnout.core.limits import INLINE_RESULT_BYTES
from turnout.engine.journal.entries import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_INT64 = 1 << 63
_DEPTH = 200


class NotStorable(TurnoutError):
    """This value has no typed JSON, or too much of it."""

    code = "not_storable"


class TooLargeToStore(NotStorable):
    """This value has too much typed JSON."""


def result_fact(value: Any, mask: tuple[str, ...] = ()) -> str:
    """The journal's `result`: {"inline": typed JSON} or {"unstored": why}, as JSON text. Never raises."""
    if value is None:
        return '{"inline":null}'
    if type(value) is int and not mask and -_INT64 <= value < _INT64:
        return f'{{"inline":{value}}}'
    try:
        text = typed_json(value)
    except NotStorable as error:
        return unstored(error.what)
    if mask and any(quote(secret)[1:-1] in text for secret in mask):
        return unstored("it contains the value of a secret")
    return f'{{"inline":{text}}}'


def unstored(why: str) -> str:
    """The journal's `result` for a value that stays in memory."""
    return f'{{"unstored":{quote(why)}}}'


def is_unstored(fact: str) -> bool:
    """Whether the journal's `result` says that there is none."""
    return fact.startswith('{"unstored"')


def typed_json(value: Any, limit: int = INLINE_RESULT_BYTES) -> str:
    """`value` as typed JSON of at most about `limit` characters. Raises NotStorable saying why not."""
    try:
        return _Writer(limit).text(value)
    except RecursionError:
        raise NotStorable("it is nested too deeply, or contains itself") from None
    except NotStorable:
        raise
    except Exception as error:  # a value of user code may do anything when it is read
        raise NotStorable(f"reading it failed: {error!r}") from error


class _Writer:
    """Writes nested values and gives up as soon as they are too large."""

    __slots__ = ("depth", "limit", "room")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.room = limit
        self.depth = 0

    def text(self, value: Any) -> str:
        kind = type(value)
        if kind is str:
            text = _text(value)
        elif kind is int:
            text = repr(value) if -_INT64 <= value < _INT64 else _tagged("int", f'"{value:#x}"')
        elif kind is float:
            text = repr(value) if value - value == 0.0 else _tagged("float", f'"{value!r}"')
        elif value is None:
            text = "null"
        elif kind is bool:
            text = "true" if value else "false"
        else:
            return self._compound(kind, value)
        self.room -= len(text)
        if self.room < 0:
            raise self._too_large()
        return text

    def items(self, values: Iterable[Any]) -> str:
        """The texts of `values`, comma-separated, in brackets."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise RecursionError
        text = ",".join(map(self.text, values))
        self.depth -= 1
        self.room -= 2
        return f"[{text}]"

    def members(self, values: Iterable[Any]) -> str:
        """A set's texts, in an order that does not change with the process."""
        texts = sorted(map(self.text, values))
        return f"[{','.join(texts)}]"

    def mapping(self, value: dict[Any, Any]) -> str:
        if "$type" in value or not all(map(_plain_key, value)):
            pairs = ",".join(map(self.items, value.items()))
            return f'{{"$type":"dict","items":[{pairs}]}}'
        self.depth += 1
        if self.depth > _DEPTH:
            raise RecursionError
        text = ",".join([f"{self.text(key)}:{self.text(item)}" for key, item in value.items()])
        self.depth -= 1
        self.room -= 2
        return f"{{{text}}}"

    def _compound(self, kind: type, value: Any) -> str:
        if kind is list:
            return self.items(value)
        if kind is dict:
            return self.mapping(value)
        if kind is tuple:
            return f'{{"$type":"tuple","items":{self.items(value)}}}'
        if kind is set or kind is frozenset:
            return f'{{"$type":"{kind.__name__}","items":{self.members(value)}}}'
        encode = _scalar_encoder(kind)
        if encode is not None:
            return self._count(encode(value))
        return self._object(kind, value)

    def _object(self, kind: type, value: Any) -> str:
        if _is_member(value):
            return self._count(f'{{"$type":"enum","class":{_class_name(kind)},"name":{quote(value.name)}}}')
        fields = getattr(kind, "__dataclass_fields__", None)
        if fields is None:
            if hasattr(kind, "__pydantic_fields_set__"):
                return self._model(kind, value)
            raise NotStorable(f"{_article(kind)} has no typed JSON")
        kept = {name: getattr(value, name) for name in fields}
        return f'{{"$type":"dataclass","class":{_class_name(kind)},"fields":{self.mapping(kept)}}}'

    def _model(self, kind: type, value: Any) -> str:
        """A pydantic model as it is, without its serializers and validators: they may change values."""
        parts = [f'"fields":{self.mapping(value.__dict__)}', f'"set":{self.members(value.__pydantic_fields_set__)}']
        for name, kept in (("extra", value.__pydantic_extra__), ("private", value.__pydantic_private__)):
            if kept is not None:
                parts.append(f'"{name}":{self.mapping(kept)}')
        return f'{{"$type":"pydantic","class":{_class_name(kind)},{",".join(parts)}}}'

    def _count(self, text: str) -> str:
        self.room -= len(text)
        if self.room < 0:
            raise self._too_large()
        return text

    def _too_large(self) -> NotStorable:
        return TooLargeToStore(f"it is larger than the inline limit of {self.limit:,} bytes")


def _is_member(value: Any) -> bool:
    """Whether `value` is an enum member that its name finds again; a combination of flags is not."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(value, enum.Enum) and value.name in type(value).__members__


def _text(value: str) -> str:
    if value.isascii() or _encodes(value):
        return quote(value)
    return _tagged("text", _base64(value.encode("utf-8", "surrogatepass")))


def _plain_key(key: Any) -> bool:
    return type(key) is str and (key.isascii() or _encodes(key))


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tagged(kind: str, value: str) -> str:
    return f'{{"$type":"{kind}","value":{value}}}'


def _base64(data: bytes) -> str:
    from binascii import b2a_base64

    return f'"{b2a_base64(data, newline=False).decode()}"'


def _scalar_encoder(kind: type) -> Callable[[Any], str] | None:
    """By the class's name first: a value of a module's class proves that the module is loaded already."""
    return _SCALARS.get(f"{kind.__module__}.{kind.__qualname__}")


def _iso(kind: str) -> Callable[[Any], str]:
    # A zone that ISO 8601 cannot carry (a ZoneInfo key, a fold) must not come back as another value.
    def encode(value: Any) -> str:
        zone = getattr(value, "tzinfo", None)
        if zone is not None and (type(zone).__module__, type(zone).__qualname__) != ("datetime", "timezone"):
            key = getattr(zone, "key", None)
            if key is None:
                raise NotStorable(f"its time zone is {_article(type(zone))}")
            fields = f'"value":"{value.replace(tzinfo=None).isoformat()}","zone":{quote(key)},"fold":{value.fold}'
            return f'{{"$type":"{kind}",{fields}}}'
        return _tagged(kind, f'"{value.isoformat()}"')

    return encode


def _path(value: Any) -> str:
    return _tagged("path", _text(str(value)))  # `_text`: a file name need not be UTF-8


_SCALARS: dict[str, Callable[[Any], str]] = {
    "builtins.bytes": lambda value: _tagged("bytes", _base64(value)),
    "builtins.bytearray": lambda value: _tagged("bytearray", _base64(bytes(value))),
    "datetime.datetime": _iso("datetime"),
    "datetime.date": _iso("date"),
    "datetime.time": _iso("time"),
    "datetime.timedelta": lambda value: _tagged("timedelta", f"[{value.days},{value.seconds},{value.microseconds}]"),
    "decimal.Decimal": lambda value: _tagged("decimal", f'"{value}"'),
    "uuid.UUID": lambda value: _tagged("uuid", f'"{value}"'),
    "pathlib.PosixPath": _path,
    "pathlib.WindowsPath": _path,
    "pathlib._local.PosixPath": _path,
    "pathlib._local.WindowsPath": _path,
}


def _class_name(kind: type) -> str:
    name = kind.__qualname__
    if "<locals>" in name or "<lambda>" in name:
        raise NotStorable(f"its class {name} is defined inside a function")
    if "[" in name:
        raise NotStorable(f"its class {name} has no name of its own: make a subclass")
    return quote(f"{kind.__module__}:{name}")


def _article(kind: type) -> str:
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
