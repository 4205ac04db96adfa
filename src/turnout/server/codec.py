"""JSON in and out: `core` records as they are, and every malformed input as an error that names what is wrong."""

import re
from typing import Any, TypeVar

import msgspec

from turnout.core.errors import ParameterError
from turnout.core.limits import JSON_DEPTH
from turnout.core.values import learning
from turnout.server.problems import RequestRefused

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_decoders: dict[Any, "msgspec.json.Decoder[Any]"] = {}
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def encode(value: Any) -> bytes:
    """The JSON of a record, a struct or plain values."""
    return _encoder.encode(value)


def decode(raw: bytes, kind: type[T]) -> T:
    """The value of `kind` in `raw`. Raises RequestRefused for what is not JSON, ParameterError for a wrong shape."""
    if too_deep(raw, JSON_DEPTH):
        raise RequestRefused(f"the JSON nests deeper than {JSON_DEPTH} levels")
    try:
        return _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        raise ParameterError(f"the request's body does not fit: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestRefused(f"the request's body is not JSON: {error}") from error


def convert(values: Any, kind: type[T], what: str) -> T:
    """`values`, whose leaves are text, as a `kind`. Raises ParameterError naming `what`."""
    _decoder(kind)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ParameterError(f"the {what} does not fit: {error}") from error


def too_deep(raw: bytes, levels: int) -> bool:
    """Whether arrays and objects nest deeper than `levels`; cheap for documents with few of them."""
    if raw.count(b"[") + raw.count(b"{") <= levels:
        return False
    depth = 0
    for token in _BRACKETS.finditer(raw):
        match raw[token.start()]:
            case 0x5B | 0x7B:
                depth += 1
                if depth > levels:
                    return True
            case 0x5D | 0x7D:
                depth -= 1
    return False


def _decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    found = _decoders.get(kind)
    if found is None:
        with learning:
            found = _decoders[kind] = msgspec.json.Decoder(kind)
    return found
