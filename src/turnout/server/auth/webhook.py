"""Whether a webhook comes from whom it says: by the secret that both sides know."""

import hashlib
import hmac
from collections.abc import Mapping

from turnout.core.errors import Unauthorized

SIGNATURES = {"x-hub-signature-256": "sha256=", "x-gitea-signature": ""}
"""Headers that hold the body's HMAC-SHA256 in hexadecimal (GitHub, Gitea and Forgejo), and what stands before it."""
TOKENS = ("x-gitlab-token",)
"""Headers that hold the secret itself (GitLab)."""
DELIVERIES = ("x-github-delivery", "x-gitlab-event-uuid", "x-gitea-delivery")
MOST_CHARACTERS = 128


def check_webhook(headers: Mapping[str, str], body: bytes, secret: str | None) -> None:
    """Raises Unauthorized when it is not signed with the secret, and when this server has none."""
    if not secret:
        raise Unauthorized(
            "this server takes no webhooks", fix="set TURNOUT_WEBHOOK_SECRET on it, and the same at the git server"
        )
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    wanted = {name: before + digest for name, before in SIGNATURES.items()} | dict.fromkeys(TOKENS, secret)
    given = [(headers[name], expected) for name, expected in wanted.items() if name in headers]
    # Every header that is there has to be right: one that is not is no mistake.
    if not given or not all(hmac.compare_digest(value.encode(), expected.encode()) for value, expected in given):
        raise Unauthorized(
            "the webhook is not signed with this server's secret",
            fix="give the git server the secret of TURNOUT_WEBHOOK_SECRET",
        )


def delivery(headers: Mapping[str, str]) -> str | None:
    """By what a repeated delivery is known, if the git server says it. It is not signed: a forged one only makes the
    follower look once more."""
    found = next((headers[name] for name in DELIVERIES if name in headers), None)
    return found[:MOST_CHARACTERS] if found else None
