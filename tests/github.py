"""A stand-in for GitHub's issuer of identity tokens: its own keys, discovery document and token endpoint on loopback.

It speaks what GitHub documents: RS256 tokens with its claims, keys at `jwks_uri`, and the address that a workflow asks
for a token with an audience.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

REQUEST_TOKEN = "what-the-runner-was-given"


class Issuer:
    """Claims of the tokens it gives are `claims`; `key` signs, `published` are the keys that it shows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key: RSAPrivateKey = generate_private_key(65537, 2048)
        self.published = {"key-1": self.key}
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {
            "repository_id": "42",
            "repository": "org/data",
            "ref": "refs/heads/main",
            "event_name": "push",
            "workflow_ref": "org/data/.github/workflows/turnout.yml@refs/heads/main",
            "sub": "repo:org/data:ref:refs/heads/main",
        }

    def token(self, audience: str, *, key: Any = None, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token for `audience`; `claims` replace, None removes."""
        now = int(time.time())
        times = {"iat": now, "nbf": now - 5, "exp": now + 300, "jti": str(uuid.uuid4()), "iss": self.url}
        whole = {**times, "aud": audience, **self.claims, **claims}
        named = {name: value for name, value in {"kid": "key-1", **(headers or {})}.items() if value is not None}
        algorithm = str(named.pop("alg", "RS256"))
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm=algorithm, headers=named)

    def environ(self) -> dict[str, str]:
        """What a job with `permissions: {id-token: write}` finds in its environment."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/request?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }

    def answer(self, path: str, authorization: str) -> Any:
        self.asked.append(path)
        parts = urlsplit(path)
        match parts.path:
            case "/.well-known/openid-configuration":
                return {"issuer": self.url, "jwks_uri": f"{self.url}/.well-known/jwks"}
            case "/.well-known/jwks":
                return {"keys": [_public(name, key) for name, key in self.published.items()]}
            case "/request" if authorization == f"Bearer {REQUEST_TOKEN}":
                return {"value": self.token(parse_qs(parts.query)["audience"][0])}
        return None


@contextmanager
def issuer() -> Iterator[Issuer]:
    """A running issuer."""
    made: list[Issuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = made[0].answer(self.path, self.headers.get("authorization", ""))
            content = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.append(Issuer(f"http://127.0.0.1:{server.server_address[1]}"))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield made[0]
        finally:
            server.shutdown()
            thread.join()


def _public(name: str, key: RSAPrivateKey) -> dict[str, Any]:
    made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**made, "kid": name, "use": "sig", "alg": "RS256"}
