"""Getting in and out with a browser."""

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from turnout.core.errors import Unauthorized
from turnout.core.limits import LOGIN_LINK_SECONDS
from turnout.core.ports import Tx
from turnout.core.tokens import token_hash
from turnout.server.auth.sessions import cookie_name, exchange, login_token, login_url, read_cookie, set_cookie
from turnout.server.auth.tokens import new_token
from turnout.server.bodies import LoginLinkAnswer, LoginQuery
from turnout.server.call import Call
from turnout.server.pages.errors import login_page
from turnout.server.routing import OPERATOR, PUBLIC, Route


async def login(call: Call) -> Response:
    """Exchange a one-time token for a session; without one, say how to get it."""
    token = call.query(LoginQuery).token
    if token is None:
        return Response(login_page(call.context.base), media_type="text/html")
    address = call.request.client.host if call.request.client else ""
    call.context.guesses.check(address)
    old, session = _session(call), new_token("session")
    try:
        await call.write(lambda tx: exchange(tx, token, old, session))
    except Unauthorized:
        call.context.guesses.wrong(address)
        raise
    # Fixed: where a login leads is never taken from the request.
    return _redirect(call, "" if call.context.ui.built else "status", session)


async def logout(call: Call) -> Response:
    """End the session, here and on the server."""
    session = _session(call)
    if session:
        await call.write(lambda tx: tx.credentials.remove(token_hash(session)))
    return _redirect(call, "login", "")


async def make_link(call: Call) -> LoginLinkAnswer:
    """A link that logs one browser in."""
    token, add = login_token(call.principal.name)

    def write(tx: Tx) -> None:
        add(tx)

    await call.write(write)
    return LoginLinkAnswer(url=login_url(_base(call), token), seconds=LOGIN_LINK_SECONDS)


def _base(call: Call) -> str:
    """The address that the caller used, which is one of this server's names: the gate saw to that."""
    host = call.request.headers["host"]
    return f"{call.context.schemes[-1] if not _local(host) else urlsplit(call.context.url).scheme}://{host}{call.context.base}"


def _local(host: str) -> bool:
    return urlsplit(f"//{host}").hostname in ("localhost", "127.0.0.1", "::1")


def _session(call: Call) -> str | None:
    cookies = "; ".join(call.request.headers.getlist("cookie"))
    return read_cookie(cookies, cookie_name(call.context.port, secure=call.context.secure))


def _redirect(call: Call, target: str, session: str) -> Response:
    name = cookie_name(call.context.port, secure=call.context.secure)
    headers = {"Set-Cookie": set_cookie(name, session, secure=call.context.secure)}
    return RedirectResponse(call.context.base + target, 303, headers)


ROUTES = (
    Route(
        method="GET",
        path="/login",
        access=PUBLIC,
        doc="Redeem a one-time login link for a session cookie; without a token, a page that says how to get one.",
        handler=login,
        query=LoginQuery,
        media="text/html",
    ),
    Route(method="POST", path="/logout", access=OPERATOR, doc="End the session.", handler=logout, media="text/html"),
    Route(
        method="POST",
        path="/api/v1/login-links",
        access=frozenset({"admin"}),
        doc="Make a one-time login link.",
        handler=make_link,
        answer=LoginLinkAnswer,
        status=201,
    ),
)
