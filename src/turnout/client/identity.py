"""A token without a stored key: a GitHub workflow proves to a server who it is."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from turnout.client.admin import API
from turnout.client.wire import Wire
from turnout.core.errors import Conflict, Forbidden, IssuerUnreachable, Unauthorized

_URL, _TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"


def can_prove(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a workflow that may ask for an identity token (`permissions: {id-token: write}`)."""
    return bool(environ.get(_URL) and environ.get(_TOKEN))


def deploy_token(
    server: str, project: str, environment: str, *, ca_file: str | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """A deploy token of `server` for a project, good for a quarter of an hour.

    Raises Unauthorized with the server's own words when it refuses, ServerUnreachable or IssuerUnreachable when one of
    the two is away.
    """
    audience = environ.get("TURNOUT_OIDC_AUDIENCE") or server.rstrip("/")
    wanted = {"token": _identity(environ, audience), "project": project, "environment": environment}
    try:
        with Wire(server, None, ca_file=ca_file) as wire:
            return str(wire.post(f"{API}/deploy/oidc", wanted, dict[str, Any])["token"])
    except (Unauthorized, Forbidden, Conflict) as error:
        raise Unauthorized(error.what, where=server, fix=error.fix) from error


def _identity(environ: Mapping[str, str], audience: str) -> str:
    """The identity token that GitHub makes for this workflow."""
    try:
        with httpx.Client(timeout=30.0) as client:
            asked = client.get(
                f"{environ[_URL]}&{urlencode({'audience': audience})}",
                headers={"Authorization": f"Bearer {environ[_TOKEN]}"},
            )
            asked.raise_for_status()
            return str(asked.json()["value"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise IssuerUnreachable(
            f"GitHub gives this workflow no identity token: {type(error).__name__}: {error}"[:300],
            fix="let the job have `permissions: {id-token: write}`, or run it again",
        ) from error
