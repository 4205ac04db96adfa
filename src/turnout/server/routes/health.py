"""Whether the server answers."""

from turnout.server.bodies import Health
from turnout.server.call import Call
from turnout.server.routing import PUBLIC, Route


async def health(call: Call) -> Health:
    """Nothing but a sign of life: no version, no database text."""
    return Health(ok=True)


ROUTES = (
    Route(
        method="GET", path="/health", access=PUBLIC, doc="Whether the server answers.", handler=health, answer=Health
    ),
)
