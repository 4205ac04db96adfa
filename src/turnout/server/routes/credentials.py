"""Who can come in: sessions and deploy tokens, and how to put an end to one."""

from typing import Any

from turnout.core.errors import NotFound
from turnout.core.inventory import Credential
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route

LISTED = 500
CREDENTIAL = "/api/v1/credentials"


async def list_credentials(call: Call) -> list[Credential]:
    """Those that are valid now."""
    return await call.read(lambda tx: tx.credentials.all(LISTED))


async def revoke_credential(call: Call) -> dict[str, Any]:
    """Put an end to one."""
    credential_id = call.path("id")
    if not await call.write(lambda tx: tx.credentials.revoke(credential_id)):
        raise NotFound(f"there is no credential '{credential_id[:64]}'", fix="it has ended already, or was revoked")
    return {"revoked": credential_id}


ROUTES = (
    Route(
        method="GET",
        path=CREDENTIAL,
        access=OPERATOR,
        doc="Sessions of browsers, login links and deploy tokens that are valid now; never what opens anything.",
        handler=list_credentials,
        answer=list[Credential],
    ),
    Route(
        method="DELETE",
        path=CREDENTIAL + "/{id}",
        access=OPERATOR,
        doc="Put an end to a credential at once.",
        handler=revoke_credential,
        answer=dict[str, Any],
    ),
)
