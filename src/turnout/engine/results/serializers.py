"""How stored results are written: `json` (typed), `pickle`, and both compressed."""

from __future__ import annotations

import json

from turnout.core.errors import ConfigurationError, ResultUnavailable
from turnout.engine.results.typed_json import NotStorable, typed_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RESULT_BYTES = 1_000_000_000
"""Typed JSON beyond this is not written."""


class Serializer:
    """Turns values into bytes and back. A subclass names its `type` and is known by that name from then on."""

    type = ""
    pickles = False
    """Whether reading may run code of whoever wrote the bytes."""

    def __init_subclass__(cls) -> None:
        if cls.type:
            _KNOWN[cls.type] = cls

    def dumps(self, obj: Any) -> bytes:
        """Raises NotStorable, or whatever the library raises."""
        raise NotImplementedError

    def loads(self, blob: bytes) -> Any:
        """Raises ResultUnavailable, or whatever the library raises."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.type}'>"


_KNOWN: dict[str, type[Serializer]] = {}


class JSONSerializer(Serializer):
    """Typed JSON: dataclasses, pydantic models, datetimes, Decimal, bytes, paths come back as what they were.

    With a `jsonlib`, an `object_encoder` or an `object_decoder` (dotted names) it is that library's JSON instead.
    """

    type = "json"

    def __init__(
        self,
        *,
        jsonlib: str = "json",
        object_encoder: str | None = None,
        object_decoder: str | None = None,
        dumps_kwargs: dict[str, Any] | None = None,
        loads_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.jsonlib = jsonlib
        self.object_encoder = object_encoder
        self.object_decoder = object_decoder
        self.dumps_kwargs = dumps_kwargs or {}
        self.loads_kwargs = loads_kwargs or {}
        for name, refused in (("dumps_kwargs", "default"), ("loads_kwargs", "object_hook")):
            if refused in (getattr(self, name) or {}):
                raise ConfigurationError(f"{name} holds '{refused}'", fix="give object_encoder or object_decoder")

    @property
    def typed(self) -> bool:
        """Whether it writes typed JSON."""
        given = self.object_encoder or self.object_decoder or self.dumps_kwargs or self.loads_kwargs
        return self.jsonlib == "json" and not given

    def dumps(self, obj: Any) -> bytes:
        if self.typed:
            return typed_json(obj, RESULT_BYTES).encode()
        more = {"default": _named(self.object_encoder)} if self.object_encoder else {}
        text = _module(self.jsonlib).dumps(obj, **self.dumps_kwargs, **more)
        return text if isinstance(text, bytes) else str(text).encode()

    def loads(self, blob: bytes) -> Any:
        if self.typed:
            from turnout.engine.results.restoring import restore

            return restore(json.loads(blob))
        more = {"object_hook": _named(self.object_decoder)} if self.object_decoder else {}
        return _module(self.jsonlib).loads(blob.decode(), **self.loads_kwargs, **more)


class PickleSerializer(Serializer):
    """Pickle, by cloudpickle where that is installed. Whoever can write to the storage can run code in the flow."""

    type = "pickle"
    pickles = True

    def __init__(self, *, picklelib: str = "cloudpickle", picklelib_version: str | None = None) -> None:
        self.picklelib = picklelib
        self.picklelib_version = picklelib_version

    def dumps(self, obj: Any) -> bytes:
        try:
            return bytes(self._library().dumps(obj))
        except Exception as error:
            raise NotStorable(f"it does not pickle: {error}") from error

    def loads(self, blob: bytes) -> Any:
        return self._library().loads(blob)

    def _library(self) -> Any:
        try:
            return _module(self.picklelib)
        except ImportError:
            if self.picklelib != "cloudpickle":
                raise
            return _module("pickle")  # nothing but classes and functions of __main__ needs the other


class CompressedSerializer(Serializer):
    """Another serializer's bytes, compressed by a library with `compress` and `decompress`: lzma, gzip, bz2, zlib."""

    type = "compressed"

    def __init__(self, serializer: Serializer | str, compressionlib: str = "lzma") -> None:
        self.serializer = resolve_serializer(serializer)
        self.compressionlib = compressionlib
        self.pickles = self.serializer.pickles

    def dumps(self, obj: Any) -> bytes:
        return bytes(_module(self.compressionlib).compress(self.serializer.dumps(obj)))

    def loads(self, blob: bytes) -> Any:
        return self.serializer.loads(_module(self.compressionlib).decompress(blob))


class CompressedJSONSerializer(CompressedSerializer):
    """Compressed typed JSON."""

    type = "compressed/json"

    def __init__(self, serializer: Serializer | str = "json", compressionlib: str = "lzma") -> None:
        super().__init__(serializer, compressionlib)


class CompressedPickleSerializer(CompressedSerializer):
    """Compressed pickle."""

    type = "compressed/pickle"

    def __init__(self, serializer: Serializer | str = "pickle", compressionlib: str = "lzma") -> None:
        super().__init__(serializer, compressionlib)


def resolve_serializer(given: Any) -> Any:
    """A serializer by its name, or any object with `type`, `dumps` and `loads`. Raises ConfigurationError."""
    if isinstance(given, str):
        name, _, inner = given.partition("/")
        if given in _KNOWN and given != "compressed":
            return _KNOWN[given]()
        if name == "compressed" and inner in _KNOWN:
            return CompressedSerializer(_KNOWN[inner]())
        raise ConfigurationError(
            f"there is no serializer '{given}'", fix=f"give one of {', '.join(sorted(_KNOWN))}, or a serializer"
        )
    if isinstance(given, type) and issubclass(given, Serializer):
        return given()
    if not (callable(getattr(given, "dumps", None)) and callable(getattr(given, "loads", None))):
        raise ConfigurationError(f"{given!r} is no serializer", fix='give "json" or "pickle", or dumps and loads')
    return given


def serializer_type(serializer: Any) -> str:
    """Its name in records."""
    return str(getattr(serializer, "type", None) or type(serializer).__name__)


def may_run_code(serializer: Any) -> bool:
    """Whether it reads pickles; an unknown one counts as if it did."""
    return bool(getattr(serializer, "pickles", True))


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(name)


def _named(reference: str | None) -> Any:
    module, _, name = str(reference).replace(":", ".").rpartition(".")
    try:
        return getattr(_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ResultUnavailable(f"{reference} cannot be imported: {error}") from error
