"""A token without a stored key: a GitHub workflow proves to a server who it is."""

import os
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from turnout.core.errors import ServerUnreachable, Unauthorized

_URL, _TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"


def can_prove(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a workflow that may ask for an identity token (`permissions: {id-token: write}`)."""
    return bool(environ.get(_URL) and environ.get(_TOKEN))


def deploy_token(
    server: str, project: str, environment: str, *, ca_file: str | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """A deploy token of `server` for a project, good for a quarter of an hour.

    Raises Unauthorized with the server's own words when it refuses, ServerUnreachable when one of the two is away.
    """
    audience = environ.get("TURNOUT_OIDC_AUDIENCE") or server.rstrip("/")
    try:
        with httpx.Client(timeout=30.0, verify=ca_file or True) as client:
            asked = client.get(
                f"{environ[_URL]}&{urlencode({'audience': audience})}",
                headers={"Authorization": f"Bearer {environ[_TOKEN]}"},
            )
            asked.raise_for_status()
            wanted = {"token": asked.json()["value"], "project": project, "environment": environment}
            answer = client.post(f"{server.rstrip('/')}/api/v1/deploy/oidc", json=wanted)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise ServerUnreachable(
            f"no deploy token: {type(error).__name__}: {error}"[:300], where=server, fix="check TURNOUT_SERVER"
        ) from error
    if answer.status_code != httpx.codes.CREATED:
        said = answer.json() if answer.headers.get("content-type", "").endswith("json") else {}
        raise Unauthorized(
            said.get("detail", f"the server answered {answer.status_code}"), where=server, fix=said.get("fix")
        )
    return str(answer.json()["token"])
