"""Journal lines as text; the format is described in `core.journal`. f-strings: a line costs about a microsecond."""

from __future__ import annotations

import codecs

try:
    from _json import encode_basestring as quote  # what `json` uses; importing `json` itself costs 4 ms
except ImportError:  # pragma: no cover - an interpreter without the accelerator
    from json.encoder import py_encode_basestring as quote

__all__ = ["END_LINE", "VISIBLE", "artifact", "birth", "created", "facts", "log", "quote", "transition", "visible"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

END_LINE = '["e",{:.6f}]\n'
VISIBLE = "turnout-visible"
"""Codec error handler: a lone surrogate, which UTF-8 cannot hold, becomes its escape, readable inside a JSON string."""


def created(
    number: int, parent: int, kind: str, key: str, name: str, at: float, state: str, extra: str = "null"
) -> str:
    """A task or subflow came to be, already in `state`. `extra` is JSON."""
    return f'["c",{number},{parent},"{kind}",{quote(key)},{quote(name)},{at:.6f},"{state}",{extra}]\n'


def transition(number: int, state: str, at: float, extra: str = "null") -> str:
    """A run entered `state`. `extra` is JSON."""
    return f'["s",{number},"{state}",{at:.6f},{extra}]\n'


def log(number: int, at: float, level: int, logger: str, message: str) -> str:
    """One log line."""
    return f'["l",{number},{at:.6f},{level},{quote(logger)},{quote(message)}]\n'


def artifact(number: int, at: float, kind: str, key: str, data: str) -> str:
    """An artifact; `data` is JSON."""
    return f'["a",{number},{at:.6f},{quote(kind)},{quote(key)},{data}]\n'


def birth(upstream: Sequence[int], tags: Sequence[str]) -> str:
    """The `extra` of a created entry."""
    if not upstream and not tags:
        return "null"
    parts = []
    if upstream:
        parts.append(f'"upstream":[{",".join(map(str, upstream))}]')
    if tags:
        parts.append(f'"tags":[{",".join(map(quote, tags))}]')
    return "{" + ",".join(parts) + "}"


def facts(**parts: str | None) -> str:
    """An object of JSON texts; None leaves a part out."""
    inner = ",".join(f'"{name}":{text}' for name, text in parts.items() if text is not None)
    return "{" + inner + "}" if inner else "null"


def visible(error: UnicodeError) -> tuple[str, int]:
    """Write what cannot be encoded as `\\xff` (a byte that was not UTF-8) or `\\ud800`, escaped for JSON."""
    assert isinstance(error, UnicodeEncodeError)
    characters = error.object[error.start : error.end]
    return "".join(map(_escape, characters)), error.end


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\\\u{code:04x}"


codecs.register_error(VISIBLE, visible)
