"""Whether the server answers, and its database takes writes."""

import msgspec
from starlette.responses import Response

from turnout.server.bodies import Health
from turnout.server.call import Call
from turnout.server.problems import problem_headers
from turnout.server.routing import PUBLIC, Route


async def health(call: Call) -> Response:
    """Nothing but a sign of life: no version, no database text. 503 while the database takes no writes."""
    good = await call.context.vitals.good()
    content = msgspec.json.encode(Health(ok=good))
    headers = {} if good else problem_headers(503)
    return Response(content, 200 if good else 503, headers, "application/json")


ROUTES = (
    Route(
        method="GET",
        path="/health",
        access=PUBLIC,
        doc="Whether the server answers; 503 and `ok` false while its database takes no writes.",
        handler=health,
        answer=Health,
    ),
)
