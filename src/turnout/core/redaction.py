"""Texts that must not be seen: what stands in their place."""

from collections.abc import Iterable

MASK = "********"


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every one of `secrets` blotted out. Longer ones come first where one is a part of another."""
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, MASK)
    return text
