"""From the table of routes to an ASGI application that denies what the table does not allow."""

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from turnout.core.errors import NotFound
from turnout.server.call import Call
from turnout.server.codec import encode
from turnout.server.context import Context
from turnout.server.problems import RequestRefused
from turnout.server.routing import Route, authorise, unauthorized


class Endpoint:
    """One route as an ASGI application: authorise, call the handler, encode."""

    def __init__(self, route: Route, context: Context) -> None:
        self.route = route
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = authorise(self.route, scope["turnout.principal"])
        call = Call(Request(scope, receive), self.route, principal, self._context)
        answer = await self.route.handler(call)
        if not isinstance(answer, Response):
            answer = Response(encode(answer), self.route.status, media_type=self.route.media)
        await answer(scope, receive, send)


def dispatcher(routes: Iterable[Route], context: Context) -> ASGIApp:
    """Dispatch by path and method. What no route names needs a credential to be told even that."""
    paths = [Path(route.path, Endpoint(route, context), methods=[route.method]) for route in routes]
    return _Guarded(Router(paths, redirect_slashes=False, default=_unknown))


class _Guarded:
    """Turns the router's own refusals into ours."""

    def __init__(self, router: Router) -> None:
        self.router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            # With "app" set the router raises what it would otherwise answer by itself, without asking who calls.
            await self.router({**scope, "app": self}, receive, send)
        except HTTPException as error:
            _known(scope)
            raise RequestRefused(
                f"{scope['method']} is not possible here" if error.status_code == 405 else str(error.detail),
                error.status_code,
            ) from error


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    _known(scope)
    raise NotFound("there is nothing at this address", where=scope["path"][:200])


def _known(scope: Scope) -> None:
    if scope["turnout.principal"] is None:
        raise unauthorized()
