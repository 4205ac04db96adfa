"""News as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from turnout.server.bodies import LiveQuery
from turnout.server.call import Call
from turnout.server.codec import encode
from turnout.server.feed import TOPIC
from turnout.server.routing import OPERATOR, Route

SILENCE_SECONDS = 15.0
"""After so much of it the stream says that it is there: proxies keep the connection, a page learns when it is gone."""
STREAM_SECONDS = 120.0
"""Then the page connects anew, and shows its session again."""


async def live(call: Call) -> Response:
    """Topics as they change."""
    asked = call.request.headers.get("last-event-id") or call.query(LiveQuery).after
    return EventStream(_news(call, int(asked) if asked and asked.isdigit() and len(asked) < 19 else None))


class EventStream(Response):
    """An answer that goes on while there are pieces."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream")
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _news(call: Call, after: int | None) -> AsyncIterator[bytes]:
    """after: the id of the last event that the page saw."""
    clock = asyncio.get_running_loop().time
    end = clock() + STREAM_SECONDS
    feed = call.context.feed
    async with feed.reader(), call.waiting(TOPIC) as bell:
        seen, seq = feed.count, feed.seq
        missed = set() if after is None else await feed.missed(after)
        yield _event(missed, seq)
        while not bell.stopped() and (left := end - clock()) > 0:
            rung = await bell.wait(min(SILENCE_SECONDS, left))
            if bell.stopped():
                break
            seq, count = feed.seq, feed.count
            topics, seen = feed.since(seen), count
            if topics is None or topics:
                yield _event(topics, seq)
            elif not rung and left > SILENCE_SECONDS:  # not by the clock: a timer may end a millisecond early
                yield b"event: here\ndata: {}\n\n"
        if not bell.gone():
            yield b"event: again\ndata: {}\n\n"


def _event(topics: Iterable[str] | None, seq: int) -> bytes:
    if topics is None:
        return f"event: lost\nid: {seq}\ndata: {{}}\n\n".encode()
    return b"event: news\nid: %d\ndata: %s\n\n" % (seq, encode({"topics": sorted(topics)}))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/live",
        access=OPERATOR,
        doc="Server-sent events: `news` names topics that changed (`run:<id>`, `runs`, `deployments`, `workers`, "
        "`values`, `attention`; `run:*` for very many runs), `lost` says that anything may have changed, `here` that "
        "nothing did for a while, `again` asks to connect anew. An event's id, given back as Last-Event-ID or `after`, "
        "has what was missed told first.",
        handler=live,
        query=LiveQuery,
        media="text/event-stream",
        headers={"Last-Event-ID": "the id of the last event seen"},
    ),
)
