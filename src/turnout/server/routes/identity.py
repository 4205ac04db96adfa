"""Continuous integration proves who it is, and gets a token for a quarter of an hour."""

from datetime import timedelta
from functools import partial

import anyio.to_thread

from turnout.core.deploy_identity import Grant, grant
from turnout.core.errors import Conflict, Forbidden, Unauthorized
from turnout.core.limits import DEPLOY_SECONDS
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.core.tokens import token_hash
from turnout.server.auth.tokens import new_token
from turnout.server.call import Call
from turnout.server.release_bodies import DeployTokenAnswer, IdentityBody
from turnout.server.routing import PUBLIC, Route

IDENTITY_BYTES = 32_768


async def exchange(call: Call) -> DeployTokenAnswer:
    """Verify a workflow's identity token, and give it what its project's manifest grants its repository."""
    body = await call.body(IdentityBody)
    address = call.request.client.host if call.request.client else ""
    call.context.guesses.check(address)
    audience = call.context.settings.oidc_audience or call.context.url
    try:
        verify = partial(call.context.github.verify, body.token, audience)
        proven = await anyio.to_thread.run_sync(verify)
        token = new_token("deploy")
        namespace = Namespace(project=body.project, environment=body.environment)

        def write(tx: Tx) -> Grant:
            deployed = tx.projects.snapshot(namespace)
            granted = grant(proven.workflow, deployed[1].deploy_github if deployed else None)
            used = token_hash(f"jti {proven.jti}")
            if tx.credentials.get(used) is not None:
                raise Conflict("the identity token was used already", fix="ask for a new one; each is taken once")
            tx.credentials.put(used, "jti", str(proven.workflow), None, tx.now + timedelta(seconds=3600))
            scope = f"{granted} {namespace.project} {namespace.environment}"
            until = tx.now + timedelta(seconds=DEPLOY_SECONDS)
            tx.credentials.put(token_hash(token), "deploy", f"github:{proven.workflow}", scope, until)
            return granted

        granted = await call.write(write)
    except (Unauthorized, Forbidden):
        call.context.guesses.wrong(address)
        raise
    return DeployTokenAnswer(token=token, may=granted, seconds=DEPLOY_SECONDS)


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/deploy/oidc",
        access=PUBLIC,
        doc="Exchange the identity token of a GitHub workflow for a deploy token of a project. The identity token is "
        "the credential.",
        handler=exchange,
        body=IdentityBody,
        answer=DeployTokenAnswer,
        status=201,
        limit=IDENTITY_BYTES,
    ),
)
