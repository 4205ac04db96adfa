"""Who is believed to have pushed."""

import hashlib
import hmac

import pytest

from turnout.core.errors import Unauthorized
from turnout.server.auth.webhook import MOST_CHARACTERS, check_webhook, delivery

BODY, SECRET = b'{"ref": "refs/heads/main"}', "between us"
SIGNATURE = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hub-signature-256": f"sha256={SIGNATURE}"},
        {"x-gitea-signature": SIGNATURE},
        {"x-gitea-signature": SIGNATURE, "x-hub-signature-256": f"sha256={SIGNATURE}"},
        {"x-gitlab-token": SECRET},
    ],
)
def test_signed_with_the_secret(headers: dict[str, str]) -> None:
    check_webhook(headers, BODY, SECRET)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": SIGNATURE},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": f"sha1={SIGNATURE}"},
        {"x-gitlab-token": ""},
        {"x-gitlab-token": "guess"},
        {"x-gitlab-token": SECRET, "x-hub-signature-256": "sha256=" + "0" * 64},
        {"x-hub-signature-256": "sha256=é"},
    ],
)
def test_signed_otherwise(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="not signed with this server's secret"):
        check_webhook(headers, BODY, SECRET)


def test_another_body() -> None:
    with pytest.raises(Unauthorized):
        check_webhook({"x-hub-signature-256": f"sha256={SIGNATURE}"}, BODY + b" ", SECRET)


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_there_are_none(secret: str | None) -> None:
    signed_with_nothing = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    with pytest.raises(Unauthorized, match="takes no webhooks"):
        check_webhook({"x-hub-signature-256": f"sha256={signed_with_nothing}", "x-gitlab-token": ""}, BODY, secret)


def test_deliveries_are_told_apart() -> None:
    assert delivery({"x-github-delivery": "a-b"}) == "a-b"
    assert delivery({"x-gitlab-event-uuid": "c" * 1000}) == "c" * MOST_CHARACTERS
    assert delivery({}) is None
