"""The repository that this server follows."""

from typing import Any

import msgspec

from turnout.core.errors import Unauthorized
from turnout.core.source import Source, SourceReport
from turnout.orchestration import source
from turnout.server.auth.webhook import check_webhook, delivery
from turnout.server.call import Call, countdown
from turnout.server.release_bodies import FollowerBody, SourceBody, SourceQuery
from turnout.server.routing import OPERATOR, PUBLIC, Route

WEBHOOK_BYTES = 1_000_000
SLOW_POLL_SECONDS = 5.0
"""How often a follower's waiting question looks for news of which no hint came."""


async def show(call: Call) -> Source:
    """How far it is; with `asked` and `wait`, once somebody said that there is news."""
    query = call.query(SourceQuery)
    left = countdown(query.wait)
    async with call.waiting(source.TOPIC) as bell:
        while True:
            found = await call.read(source.source)
            if query.asked is None or found.asked != query.asked or left() <= 0 or bell.stopped():
                return found
            await bell.wait(min(left(), SLOW_POLL_SECONDS))


async def report_source(call: Call) -> Source:
    """The follower tells what came of the newest commit."""
    told = SourceReport(**msgspec.structs.asdict(await call.body(SourceBody)))
    return await call.write(lambda tx: source.report(tx, told, call.principal))


async def take(call: Call) -> dict[str, Any]:
    """One follower at a time."""
    holder = (await call.body(FollowerBody)).holder
    return {"mine": await call.write(lambda tx: source.take(tx, holder, call.principal))}


async def refresh(call: Call) -> dict[str, Any]:
    """A person says that there is news."""
    return {"asked": await call.write(lambda tx: source.ask(tx, str(call.principal)))}


async def webhook(call: Call) -> dict[str, Any]:
    """The git server says that somebody pushed. What it says besides is not read."""
    address = call.request.client.host if call.request.client else ""
    call.context.guesses.check(address)
    body, headers = await call.raw(), call.request.headers
    try:
        check_webhook(headers, body, call.context.settings.webhook_secret)
    except Unauthorized:
        call.context.guesses.wrong(address)
        raise
    return {"asked": await call.write(lambda tx: source.ask(tx, "webhook", delivery(headers)))}


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/source",
        access=OPERATOR,
        doc="The repository that this server follows, and what came of its newest commit; `wait` holds the answer "
        "until `asked` is another.",
        handler=show,
        query=SourceQuery,
        answer=Source,
    ),
    Route(
        method="PUT",
        path="/api/v1/source",
        access=OPERATOR,
        doc="The follower's report.",
        handler=report_source,
        body=SourceBody,
        answer=Source,
    ),
    Route(
        method="POST",
        path="/api/v1/source/follower",
        access=OPERATOR,
        doc="Be the one that follows, for a minute; `mine` is false while another is. Asked again and again.",
        handler=take,
        body=FollowerBody,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/api/v1/source/refresh",
        access=OPERATOR,
        doc="Let the follower look at the repository now.",
        handler=refresh,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/api/v1/source/webhook",
        access=PUBLIC,
        doc="A push, told by GitHub, Gitea, Forgejo or GitLab. The signature, or GitLab's token, is the credential; "
        "`asked` is false for a delivery that was told before.",
        handler=webhook,
        answer=dict[str, Any],
        limit=WEBHOOK_BYTES,
    ),
)
