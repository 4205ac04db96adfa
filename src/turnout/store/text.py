"""Text and JSON as the database keeps them."""

import json
from json import encoder
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"))
# What `JSONEncoder.encode` makes anew for every call, made once: a third of the cost of storing a task. No markers: the
# values are trees, made from JSON or of it.
_MAKE: Any = getattr(encoder, "c_make_encoder", None)  # absent where the standard library has no C accelerator
_CHUNKS = _MAKE and _MAKE(None, _ENCODER.default, encoder.encode_basestring_ascii, None, ":", ",", False, False, True)


def to_json(value: Any) -> str:
    """Compact ASCII JSON of plain values."""
    return "".join(_CHUNKS(value, 0)) if _CHUNKS else _ENCODER.encode(value)


def from_json(text: str) -> Any:
    """What `to_json` was given, with lists for tuples."""
    return json.loads(text)


def presentable(value: Any) -> Any:
    """Plain values whose texts can be sent and shown: lone surrogates, which UTF-8 cannot hold, become visible
    escapes."""
    if type(value) is str:
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if type(value) is list:
        return [presentable(item) for item in value]
    if type(value) is dict:
        return {presentable(key): presentable(item) for key, item in value.items()}
    return value


def storable(text: str) -> str:
    """`text` without what a database refuses: NUL and lone surrogates become visible escapes."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
