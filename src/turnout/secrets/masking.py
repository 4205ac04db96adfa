"""What to blot out of logs: a secret as it is, and as programs write it: base64, percent-encoded, inside JSON."""

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Shorter values are not masked: blotting out every `1` or `true` would make logs useless and hide nothing."""


def mask_values(values: Iterable[str]) -> list[str]:
    """Every text to replace, longest first, so that a value goes before another that is a part of it.

    Several lines (private keys) are masked line by line too, since logs show lines.
    """
    masked: set[str] = set()
    for value in values:
        for text in {value, *value.splitlines()}:
            if len(text) >= SHORTEST:
                masked |= _variants(text)
    return sorted(masked, key=lambda text: (-len(text), text))


def _variants(text: str) -> set[str]:
    content = text.encode()
    found = {text, text.strip(), quote(text), quote(text, safe=""), quote_plus(text)}
    found |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {_inner_base64(alphabet(b"\0" * shift + content).decode(), shift, len(content)) for shift in range(3)}
    return {variant for variant in found if len(variant) >= SHORTEST}


def _inner_base64(encoded: str, shift: int, length: int) -> str:
    """The characters that the content alone decides, wherever it stands in a longer base64 text (`user:password`)."""
    first = -(-shift * 8 // 6)
    last = (shift + length) * 8 // 6
    return encoded[first:last]
