"""From the table of routes to an ASGI application that denies what the table does not allow."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from turnout.core.errors import NotFound
from turnout.server.call import Call
from turnout.server.codec import encode
from turnout.server.context import Context
from turnout.server.encoding import smaller
from turnout.server.feed import CHANGED, touched
from turnout.server.problems import RequestRefused
from turnout.server.routing import Route, authorise, unauthorized


class Endpoint:
    """One route as an ASGI application: authorise, call the handler, encode."""

    def __init__(self, route: Route, context: Context) -> None:
        self.route = route
        self._context = context
        self._touches = None if route.method == "GET" else touched(route.path)
        parts = route.path.split("/")
        self.places = [place for place, part in enumerate(parts) if part.startswith("{")]
        self.names = [parts[place].strip("{}") for place in self.places]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = authorise(self.route, scope["turnout.principal"])
        call = Call(Request(scope, receive), self.route, principal, self._context)
        answer = await self.route.handler(call)
        if self._touches:
            self._context.hints.notify(CHANGED + self._touches)
        if not isinstance(answer, Response):
            answer = self._response(encode(answer), call.request.headers.get("accept-encoding", ""))
        await answer(scope, receive, send)

    def _response(self, body: bytes, accepted: str) -> Response:
        packed, headers = smaller(body, accepted), {"Vary": "Accept-Encoding"}
        if packed is not None:
            headers["Content-Encoding"] = "gzip"
        return Response(packed or body, self.route.status, headers, self.route.media)


def dispatcher(routes: Iterable[Route], context: Context) -> ASGIApp:
    """Dispatch by path and method. What no route names needs a credential to be told even that."""
    return _Dispatcher([Endpoint(route, context) for route in routes])


class _Node:
    """What follows a part of a path: fixed words, else a parameter; and what the path names that ends here."""

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.methods: dict[str, Endpoint] = {}

    def follow(self, part: str) -> "_Node | None":
        """The node after one more part; a parameter is never empty."""
        return self.words.get(part) or (self.parameter if part else None)


class _Dispatcher:
    """A tree of the routes' paths: finding one takes as long as its path, however many there are."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root = _Node()
        for endpoint in endpoints:
            node = self._root
            for part in endpoint.route.path.split("/"):
                node = _grown(node, part)
            node.methods[endpoint.route.method] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        node: _Node | None = self._root
        parts: list[str] = scope["path"].split("/")
        for part in parts:
            node = node.follow(part) if node else None
        if node is None or not node.methods:
            await _unknown(scope, receive, send)
            return
        # A head is what the same GET would answer, without its body: the protocol leaves that out.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        endpoint = node.methods.get(method)
        if endpoint is None:
            _known(scope)
            raise RequestRefused(f"{scope['method']} is not possible here", 405)
        scope["path_params"] = dict(zip(endpoint.names, [parts[place] for place in endpoint.places], strict=True))
        await endpoint(scope, receive, send)


def _grown(node: _Node, part: str) -> _Node:
    if not part.startswith("{"):
        return node.words.setdefault(part, _Node())
    if node.parameter is None:
        node.parameter = _Node()
    return node.parameter


async def _unknown(scope: Scope, receive: Receive, send: Send) -> None:
    _known(scope)
    raise NotFound("there is nothing at this address", where=scope["path"][:200])


def _known(scope: Scope) -> None:
    if scope["turnout.principal"] is None:
        raise unauthorized()
