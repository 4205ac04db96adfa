"""Code bundles: stored under the SHA-256 of what was received, never under what the sender says it is."""

import hashlib
from typing import Any

import anyio.to_thread

from turnout.core.archives import check_archive
from turnout.core.errors import Conflict
from turnout.core.limits import BUNDLE_BYTES
from turnout.core.ports import Tx
from turnout.server.auth.scope import check_may_apply
from turnout.server.call import Call
from turnout.server.routing import DEPLOYER, Route


async def put_bundle(call: Call) -> dict[str, Any]:
    """Receive a bundle piece by piece, check its digest and what is in it, store it."""
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
    await anyio.to_thread.run_sync(check_archive, content)

    def write(tx: Tx) -> None:
        if not tx.bundles.has(digest):
            tx.bundles.put(digest, content)

    await call.write(write)
    return {}


async def has_bundle(call: Call) -> dict[str, Any]:
    """Whether it is here already."""
    check_may_apply(call.principal)
    digest = call.path("digest")
    return {"stored": await call.read(lambda tx: tx.bundles.has(digest))}


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/bundles/{digest}/stored",
        access=DEPLOYER,
        doc="Whether a code bundle is stored, so that it need not be sent.",
        handler=has_bundle,
        answer=dict[str, Any],
    ),
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
