"""Tokens as they are kept: only their hash, so that a stolen database holds nothing usable."""

import hashlib


def token_hash(token: str) -> str:
    """SHA-256 of the whole token in hex: what the store keeps and is asked for."""
    return hashlib.sha256(token.encode()).hexdigest()
