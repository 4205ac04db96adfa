"""Workers: who executes."""

from turnout.core.records import Worker
from turnout.orchestration import workers
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route


async def list_workers(call: Call) -> list[Worker]:
    """Every worker that was ever heard of, with when it was last."""
    return await call.read(workers.list_workers)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/workers",
        access=OPERATOR,
        doc="The workers and when they were last heard of.",
        handler=list_workers,
        answer=list[Worker],
    ),
)
