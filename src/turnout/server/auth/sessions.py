"""Browser sessions: a one-time link is exchanged for a cookie; the store keeps hashes of both."""

from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from turnout.core.errors import Unauthorized
from turnout.core.limits import LOGIN_LINK_SECONDS, SESSION_IDLE_SECONDS, SESSION_SECONDS
from turnout.core.ports import Store, Tx
from turnout.core.tokens import token_hash
from turnout.server.auth.tokens import new_token, token_kind


def make_login_link(store: Store, url: str, name: str = "admin") -> str:
    """A link under the server's `url` that logs one browser in, once, within ten minutes."""
    token, add = login_token(name)
    store.write(add)
    return login_url(url, token)


def login_url(url: str, token: str) -> str:
    """Where a login token is redeemed."""
    return f"{url.rstrip('/')}/login?token={token}"


def login_token(name: str) -> "tuple[str, _Add]":
    """A fresh login token, and the write that makes it valid."""
    token = new_token("login")
    return token, _Add(token, "login", name, LOGIN_LINK_SECONDS)


def exchange(tx: Tx, login: str, old_session: str | None, session: str) -> None:
    """Take the one-time `login` token, end the browser's old session and make `session` valid. Raises Unauthorized."""
    taken = tx.credentials.take(token_hash(login)) if token_kind(login) == "login" else None
    if taken is None or taken[0] != "login":
        raise Unauthorized(
            "this login link was used already or is older than ten minutes", fix="`turnout login` prints a new one"
        )
    if old_session:
        tx.credentials.remove(token_hash(old_session))
    until = tx.now + timedelta(seconds=SESSION_SECONDS)
    _put_session(tx, token_hash(session), taken[1], until)


def renew_session(tx: Tx, hashed: str) -> None:
    """A session was used: it stays for another while, but not beyond its end. Nothing happens to one that is over."""
    found = tx.credentials.get(hashed)
    if found is not None and found[0] == "session" and found[2]:
        _put_session(tx, hashed, found[1], datetime.fromtimestamp(float(found[2]), UTC))


def _put_session(tx: Tx, hashed: str, name: str, until: datetime) -> None:
    """The scope of a session's row is its end, in Unix seconds; it expires earlier if it is not used."""
    idle = tx.now + timedelta(seconds=SESSION_IDLE_SECONDS)
    tx.credentials.put(hashed, "session", name, f"{until.timestamp():.0f}", min(idle, until))


def cookie_name(port: int, *, secure: bool) -> str:
    """The session cookie's name. Browsers share cookies between the ports of a host, so the port is part of it."""
    return f"__Host-turnout_{port}" if secure else f"turnout_{port}"


def set_cookie(name: str, session: str, *, secure: bool) -> str:
    """The `Set-Cookie` header that starts a session; an empty `session` ends it."""
    age = int(SESSION_SECONDS) if session else 0
    flags = "; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    return f"{name}={session}; Path=/; Max-Age={age}{flags}"


def read_cookie(header: str, name: str) -> str | None:
    """The session token in a `Cookie` header."""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return found.value if found and token_kind(found.value) == "session" else None


class _Add:
    """Make a credential valid for some seconds."""

    def __init__(self, token: str, kind: str, name: str, seconds: float) -> None:
        self._row = (token_hash(token), kind, name)
        self._seconds = seconds

    def __call__(self, tx: Tx) -> None:
        hashed, kind, name = self._row
        tx.credentials.put(hashed, kind, name, None, tx.now + timedelta(seconds=self._seconds))
