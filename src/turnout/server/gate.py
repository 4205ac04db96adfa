"""What every request passes before a handler: host, origin, identity; and every answer on its way out: headers that
keep browsers safe, errors as problem documents or pages, an opaque id for what nobody foresaw."""

import asyncio
import logging
from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from turnout.core.errors import TurnoutError
from turnout.core.records import Principal
from turnout.core.tokens import token_hash
from turnout.server.auth.identify import file_holder, identify
from turnout.server.auth.origin import allowed_names, check_origin, host_name
from turnout.server.auth.scope import check_machine
from turnout.server.auth.sessions import cookie_name, read_cookie, renew_session
from turnout.server.auth.tokens import new_token
from turnout.server.context import Context
from turnout.server.pages.errors import error_page
from turnout.server.pages.layout import STYLE_HASH
from turnout.server.problems import Problem, RequestRefused, fault, problem_headers, problem_of, problem_response

log = logging.getLogger("turnout.server")

RENEW_SECONDS = 600.0
"""How often the use of a session is written down."""
CONTENT_POLICY = (
    f"default-src 'none'; style-src '{STYLE_HASH}'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
SAFETY = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under it browsers send `Origin: null` from our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer."""
_WATCHED = frozenset({b"host", b"authorization", b"origin", b"cookie"})

RawHeaders = list[tuple[bytes, bytes]]
Watched = dict[str, list[str]]


class Gate:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context
        self._names = allowed_names(context.settings.host, context.settings.allowed_hosts)
        self._cookie = cookie_name(context.port, secure=context.secure)
        self._sessions = _Sessions(context)
        extra = {"Strict-Transport-Security": "max-age=31536000"} if context.secure else {}
        self._safety = [(name.lower().encode(), value.encode()) for name, value in (SAFETY | extra).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            # There are no websockets.
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send, self._safety)
        _take_off(scope, self._context.settings.root_path)
        try:
            await self._admit(scope)
            await self._app(scope, receive, answer)
        except TurnoutError as error:
            problem = problem_of(error)
            await self._tell(scope, receive, answer, problem or self._incident(error))
        except Exception as error:
            await self._tell(scope, receive, answer, self._incident(error))

    async def _admit(self, scope: Scope) -> None:
        """Check host and origin, and find out who asks. The route decides whether that is enough."""
        headers = _watched(scope)
        hosts = headers["host"]
        if len(hosts) != 1 or host_name(hosts[0]) not in self._names:
            raise RequestRefused(
                "this server does not answer to that host name", 421, "add the name to allowed_hosts in the settings"
            )
        if len(headers["authorization"]) > 1 or len(headers["origin"]) > 1:
            raise RequestRefused("a request carries one credential and comes from one place")
        address = _address(scope)
        scope["turnout.principal"] = who = await self._identify(headers, address)
        check_machine(who, address)
        session = who is not None and who.kind == "session"
        if session or headers["origin"]:
            check_origin(scope["method"], Request(scope).headers, self._context.schemes, session=session)

    async def _identify(self, headers: Watched, address: str) -> Principal | None:
        bearer = headers["authorization"][0] if headers["authorization"] else None
        known = file_holder(self._context.files, bearer)
        if known is not None:
            return known
        cookies = "; ".join(headers["cookie"])
        session = None if bearer is not None else read_cookie(cookies, self._cookie)
        if bearer is None and session is None:
            return None
        machine = bearer is not None and (" tn_run_" in bearer or " tn_flow_" in bearer)
        if not machine:
            self._context.guesses.check(address)
        ask = partial(identify, self._context.store, self._context.files, bearer, cookies, self._cookie)
        who = await anyio.to_thread.run_sync(ask) if self._context.remote else ask()
        if who is None and not machine:
            self._context.guesses.wrong(address)
        if who is not None and session is not None:
            self._sessions.used(session)
        return who

    def _incident(self, error: Exception) -> Problem:
        incident = new_token("run")[-12:]
        log.error("incident %s", incident, exc_info=error)
        return fault(incident)

    async def _tell(self, scope: Scope, receive: Receive, answer: "_Answer", problem: Problem) -> None:
        if answer.started:
            # Half an answer is out: breaking the connection is the only way left to say that it is not whole.
            raise ConnectionAbortedError(problem.detail)
        await _told(scope, problem, self._context.base)(scope, receive, answer)


class _Sessions:
    """Renews the sessions that are used, each at most every RENEW_SECONDS."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._renewed: dict[str, float] = {}

    def used(self, session: str) -> None:
        """Let the session stay; nobody waits for that."""
        now, hashed = asyncio.get_running_loop().time(), token_hash(session)
        if now < self._renewed.get(hashed, 0.0):
            return
        self._renewed = {known: until for known, until in self._renewed.items() if until > now}
        self._renewed[hashed] = now + RENEW_SECONDS
        self._context.store.submit(lambda tx: renew_session(tx, hashed))


def _take_off(scope: Scope, root: str) -> None:
    """The path below the one that a proxy shows the server at, whether or not the proxy has left that in."""
    if root and (scope["path"] == root or scope["path"].startswith(root + "/")):
        scope["path"] = scope["path"][len(root) :] or "/"


def _address(scope: Scope) -> str:
    """Where the request came from, which a trusted proxy may have said."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _told(scope: Scope, problem: Problem, base: str) -> Response:
    headers = Request(scope).headers
    if "text/html" in headers.get("accept", "") and not scope["path"].startswith("/api/"):
        return Response(
            error_page(problem, base), problem.status, problem_headers(problem.status), "text/html; charset=utf-8"
        )
    return problem_response(problem)


def _watched(scope: Scope) -> Watched:
    """The values of the headers that admission looks at, gathered in one pass."""
    found: Watched = {"host": [], "authorization": [], "origin": [], "cookie": []}
    for name, value in scope["headers"]:
        if name in _WATCHED:
            found[name.decode()].append(value.decode("latin-1"))
    return found


class _Answer:
    """Adds the safety headers to an answer, and remembers whether it has begun."""

    def __init__(self, send: Send, headers: RawHeaders) -> None:
        self._send = send
        self._headers = headers
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = message["headers"]
            names = {name.lower() for name, _ in own}
            message["headers"] = [*own, *(header for header in self._headers if header[0] not in names)]
        await self._send(message)
