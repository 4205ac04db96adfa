"""Tokens: `tn_<kind>_<43 characters>`, 256 random bits. Only their SHA-256 is kept, so that a stolen database holds
nothing usable, and finding one by its hash needs no comparison whose time tells anything about the secret."""

import base64
import hashlib
import hmac
import re
import secrets
from typing import Literal

Kind = Literal["admin", "deploy", "worker", "run", "flow", "session", "login"]

_TOKEN = re.compile(r"tn_(admin|deploy|worker|run|flow|session|login)_[A-Za-z0-9_-]{43}\Z")


def new_token(kind: Kind) -> str:
    """A fresh token. Its randomness is the operating system's on purpose: a seeded one could be guessed."""
    return f"tn_{kind}_{secrets.token_urlsafe(32)}"


def derived_token(kind: Kind, credential: str, text: str) -> str:
    """The token that `credential`, itself a token, makes of a text: who lacks the credential cannot tell it."""
    made = hmac.new(credential.encode(), text.encode(), hashlib.sha256).digest()
    return f"tn_{kind}_{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def token_kind(token: str) -> str | None:
    """The kind a token claims to be, or None if it is not spelled like one."""
    found = _TOKEN.match(token)
    return found.group(1) if found else None
