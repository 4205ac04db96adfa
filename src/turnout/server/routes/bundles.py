"""Code bundles: stored under the SHA-256 of what was received, never under what the sender says it is."""

import hashlib
from typing import Any

from turnout.core.errors import Conflict
from turnout.core.limits import BUNDLE_BYTES
from turnout.core.ports import Tx
from turnout.server.auth.scope import check_may_apply
from turnout.server.call import Call
from turnout.server.routing import DEPLOYER, Route


async def put_bundle(call: Call) -> dict[str, Any]:
    """Receive a bundle piece by piece, check its digest, store it."""
    check_may_apply(call.principal)
    digest = call.path("digest")
    pieces, seen = [], hashlib.sha256()
    async for piece in call.pieces():
        seen.update(piece)
        pieces.append(piece)
    if seen.hexdigest() != digest:
        raise Conflict(
            "the bundle's content does not have the digest in its address", where=digest[:64], fix="send it again"
        )
    content = b"".join(pieces)

    def write(tx: Tx) -> None:
        if not tx.bundles.has(digest):
            tx.bundles.put(digest, content)

    await call.write(write)
    return {}


ROUTES = (
    Route(
        method="PUT",
        path="/api/v1/bundles/{digest}",
        access=DEPLOYER,
        doc="Store a code bundle under its SHA-256.",
        handler=put_bundle,
        answer=dict[str, Any],
        limit=BUNDLE_BYTES,
        accepts="application/octet-stream",
    ),
)
