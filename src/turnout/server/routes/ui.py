"""The UI's document at every address that is a page of it, and the files that it is made of."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from turnout._version import __version__
from turnout.core.errors import NotFound
from turnout.core.ports import Tx
from turnout.server.call import Call
from turnout.server.pages.errors import not_built_page
from turnout.server.routing import OPERATOR, Route
from turnout.server.ui import IMMUTABLE

PAGES = {
    "/": "home",
    "/runs": "runs",
    "/runs/{id}": "run",
    "/deployments": "deployments",
    "/deployments/{name}": "deployment",
    "/calendar": "calendar",
    "/production": "production",
    "/changes": "changes",
    "/where": "where",
    "/settings": "settings",
}
"""The page map, as `ui/src/app/router.tsx` has it: address -> folder of `ui/src/features`. Each is there below
`/p/{project}`, too."""
_PROJECT = "/p/{project}"


async def page(call: Call) -> Response:
    """The document; which page it is, the script finds out. What cannot be a run's id has no page."""
    context = call.context
    run = call.run_id if call.route.path.endswith("/runs/{id}") else None
    if not context.ui.built:
        return _without(call, run)
    boot = {"version": __version__, "user": call.principal.name, **await call.point(_told)}
    feature = PAGES[call.route.path.removeprefix(_PROJECT)]
    content = context.ui.document(context.base, boot, page=feature)
    return Response(content, 200, {"Content-Security-Policy": context.ui.policy}, "text/html")


async def asset(call: Call) -> Response:
    """A file of the build, compressed as the browser likes it."""
    found = call.context.ui.built and call.context.ui.asset(
        call.path("name"), call.request.headers.get("accept-encoding", "")
    )
    if not found:
        raise NotFound("there is no such file", fix="load the page again: the server may have been upgraded")
    headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    return Response(found.content, 200, headers, found.media)


def _without(call: Call, run: str | None) -> Response:
    """Runs have a page without the UI, too."""
    if run is not None:
        return RedirectResponse(f"{call.context.base}status/runs/{run}", 303)
    return Response(not_built_page(call.context.base), 503, media_type="text/html")


def _told(tx: Tx) -> dict[str, Any]:
    """What a page may be about, and what time it is: a browser's clock may be wrong."""
    names = [{"project": name.project, "environment": name.environment} for name in tx.projects.names()]
    return {"at": tx.now, "namespaces": names}


def _route(path: str) -> Route:
    return Route(method="GET", path=path, access=OPERATOR, doc="A page of the UI.", handler=page, media="text/html")


ROUTES = (
    *(_route(path) for path in PAGES),
    *(_route(_PROJECT + path) for path in PAGES),
    Route(
        method="GET",
        path="/assets/{name}",
        access=OPERATOR,
        doc="A file of the UI's build.",
        handler=asset,
        media="application/octet-stream",
    ),
)
