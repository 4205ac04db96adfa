"""The table of routes: everything that the server answers to."""

from typing import Any

from starlette.responses import Response

from turnout.server.call import Call
from turnout.server.codec import encode
from turnout.server.openapi import document
from turnout.server.routes import (
    attempts,
    bundles,
    calendar,
    credentials,
    deployments,
    health,
    home,
    identity,
    inputs,
    live,
    login,
    overrides,
    pages,
    places,
    production,
    releases,
    run_log,
    run_views,
    runs,
    saved_views,
    slots,
    source,
    ui,
    values,
    work,
    workers,
)
from turnout.server.routing import ANYONE, Route


async def openapi(call: Call) -> Response:
    """The OpenAPI document."""
    return Response(_openapi(), media_type="application/json")


_made: list[bytes] = []


def _openapi() -> bytes:
    if not _made:
        _made.append(encode(document(ROUTES)))
    return _made[0]


ROUTES: tuple[Route, ...] = (
    *health.ROUTES,
    *login.ROUTES,
    *identity.ROUTES,
    *pages.ROUTES,
    *ui.ROUTES,
    Route(
        method="GET",
        path="/api/v1/openapi.json",
        access=ANYONE,
        doc="This API as an OpenAPI 3.1 document.",
        handler=openapi,
        answer=dict[str, Any],
    ),
    *live.ROUTES,
    *home.ROUTES,
    *runs.ROUTES,
    *run_views.ROUTES,
    *run_log.ROUTES,
    *saved_views.ROUTES,
    *inputs.ROUTES,
    *deployments.ROUTES,
    *releases.ROUTES,
    *bundles.ROUTES,
    *source.ROUTES,
    *workers.ROUTES,
    *work.ROUTES,
    *attempts.ROUTES,
    *slots.ROUTES,
    *overrides.ROUTES,
    *values.ROUTES,
    *production.ROUTES,
    *calendar.ROUTES,
    *places.ROUTES,
    *credentials.ROUTES,
)
