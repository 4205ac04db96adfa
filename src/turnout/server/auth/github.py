"""Identity tokens of GitHub workflows: signed by GitHub's keys, issued for this server, used once.

The keys come from the issuer's own discovery document. They are fetched again when a token names a key that is not
among them, but not more than once a minute, so that strangers cannot make this server ask and ask.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from turnout.core.deploy_identity import Workflow
from turnout.core.errors import IssuerUnreachable, Unauthorized

ALGORITHMS = ("RS256",)
LEEWAY_SECONDS = 30
FETCH_SECONDS = 10.0
REFRESH_SECONDS = 60.0
_CLAIMS = ("exp", "nbf", "iat", "iss", "aud", "jti", "repository_id", "repository", "ref", "event_name", "workflow_ref")


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What a token proves. jti: its own name, so that it is taken once; expires: Unix seconds."""

    workflow: Workflow
    jti: str
    expires: float


class GithubIdentity:
    """Verifies tokens of one issuer. Threads may share it.

    monotonic: seconds that only grow.
    """

    def __init__(self, issuer: str, monotonic: Callable[[], float]) -> None:
        self._issuer = issuer.rstrip("/")
        self._monotonic = monotonic
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._fetching = threading.Lock()

    def verify(self, token: str, audience: str) -> Proven:
        """Who sent the token. Raises Unauthorized, in the same words whatever is wrong with it but its time and its
        audience; IssuerUnreachable while the issuer's keys cannot be had."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _refused("it is not signed with RS256")
            claims = jwt.decode(
                token, self._key(header.get("kid")), algorithms=list(ALGORITHMS), audience=audience,
                issuer=self._issuer, leeway=LEEWAY_SECONDS, options={"require": list(_CLAIMS), "strict_aud": True},
            )  # fmt: skip
            return _proven(claims)
        except jwt.ExpiredSignatureError:
            raise _refused("it has expired") from None
        except jwt.InvalidAudienceError:
            raise _refused(f"it was not issued for this server, which is {audience}") from None
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise _refused("its signature or its content is wrong") from None

    def _key(self, name: Any) -> jwt.PyJWK:
        if not isinstance(name, str):
            raise _refused("it names no key")
        found = self._keys.get(name)
        if found is None:
            with self._fetching:
                if name not in self._keys:
                    self._refresh()
            found = self._keys.get(name)
        if found is None:
            raise _refused("its key is not one of the issuer's")
        return found

    def _refresh(self) -> None:
        now = self._monotonic()
        if self._fetched is not None and now - self._fetched < REFRESH_SECONDS:
            return
        try:
            with httpx.Client(timeout=FETCH_SECONDS, follow_redirects=False) as client:
                where = _document(client, f"{self._issuer}/.well-known/openid-configuration")["jwks_uri"]
                if urlsplit(where)[:2] != urlsplit(self._issuer)[:2]:
                    raise ValueError("its keys are on another server")
                listed = _document(client, where)["keys"]
                self._keys = {
                    key["kid"]: jwt.PyJWK(key) for key in listed if key.get("kty") == "RSA" and key.get("use") == "sig"
                }
        except (httpx.HTTPError, jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise IssuerUnreachable(
                f"the keys of {self._issuer} cannot be had: {type(error).__name__}",
                fix="try again in a moment; this server must be able to reach that address",
            ) from error
        self._fetched = now


def _document(client: httpx.Client, url: str) -> Any:
    answer = client.get(url)
    answer.raise_for_status()
    return answer.json()


def _proven(claims: dict[str, Any]) -> Proven:
    text = {name: claims[name] for name in ("repository", "ref", "event_name", "workflow_ref", "jti")}
    if not all(isinstance(value, str) and value for value in text.values()):
        raise ValueError("a claim is not text")
    environment = claims.get("environment")
    return Proven(
        workflow=Workflow(
            repository_id=int(claims["repository_id"]),
            repository=text["repository"],
            ref=text["ref"],
            event=text["event_name"],
            # Of a reusable workflow it is the file that runs, wherever it was called from.
            file=str(claims.get("job_workflow_ref") or text["workflow_ref"]),
            environment=environment if isinstance(environment, str) else None,
        ),
        jti=text["jti"],
        expires=float(claims["exp"]),
    )


def _refused(why: str) -> Unauthorized:
    return Unauthorized(
        f"the identity token is not accepted: {why}",
        fix="let the workflow ask for one with `permissions: {id-token: write}` and this server's address as audience",
    )
