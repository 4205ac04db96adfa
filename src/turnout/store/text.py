"""Text and JSON as the database keeps them."""

import json
from typing import Any

_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """Compact ASCII JSON of plain values."""
    return _encode(value)


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
