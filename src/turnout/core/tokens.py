"""Tokens as they are kept: only hashes, so that a stolen database holds nothing usable.

A run token and the flow token of the same attempt are a chain: run token -> flow token -> hash. Who has the run token
can make the flow token, nobody can go back, and the one hash that is stored vouches for both.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode


def token_hash(token: str) -> str:
    """SHA-256 of the whole token in hex: what the store keeps and is asked for."""
    return hashlib.sha256(token.encode()).hexdigest()


def flow_token(run_token: str) -> str:
    """The token of the flow process, for the attempt that `run_token` is for: it opens less."""
    made = hmac.new(run_token.encode(), b"flow", hashlib.sha256).digest()
    return f"tn_flow_{urlsafe_b64encode(made).decode().rstrip('=')}"


def run_token_hash(run_token: str) -> str:
    """What the store keeps of a run token: the hash of its flow token."""
    return token_hash(flow_token(run_token))
