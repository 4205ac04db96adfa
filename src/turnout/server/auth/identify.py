"""From a request's headers to a principal: one bearer token, or a session cookie, or nobody."""

from turnout.core.ports import Store, Tx
from turnout.core.records import Principal
from turnout.core.tokens import run_token_hash, token_hash
from turnout.orchestration.access import fenced, holds
from turnout.server.auth.files import ANY_PROJECT, TokenFiles
from turnout.server.auth.sessions import read_cookie
from turnout.server.auth.tokens import token_kind


def identify(store: Store, files: TokenFiles, authorization: str | None, cookie: str, name: str) -> Principal | None:
    """Who sent the headers. A wrong bearer token is nobody, whatever the cookie says; `name` is the cookie's."""
    if authorization is not None:
        return _bearer(store, files, authorization)
    session = read_cookie(cookie, name)
    return _stored(store, session, ("session",)) if session else None


def file_holder(files: TokenFiles, authorization: str | None) -> Principal | None:
    """Whose token file holds the bearer token; no database is asked."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    known = scheme.lower() == "bearer" and token_kind(token) in ("admin", "worker")
    return files.holder(token_hash(token)) if known else None


def _bearer(store: Store, files: TokenFiles, authorization: str) -> Principal | None:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    kind = token_kind(token)
    if scheme.lower() != "bearer" or kind is None:
        return None
    if kind in ("admin", "worker"):
        return files.holder(token_hash(token)) or _stored(store, token, ("admin", "worker"))
    if kind == "deploy":
        return _stored(store, token, ("deploy",))
    if kind == "run":
        return _run(store, token)
    if kind == "flow":
        return _flow(store, token)
    return None


def _stored(store: Store, token: str, kinds: tuple[str, ...]) -> Principal | None:
    hashed = token_hash(token)
    found = store.read(lambda tx: tx.credentials.get(hashed))
    if found is None or found[0] not in kinds:
        return None
    kind, name, scope = found
    if kind == "worker":
        project, _, pool = (scope or "").partition("/")
        return Principal(kind="worker", name=name, scope=pool, project=project or ANY_PROJECT)
    if kind == "deploy":
        may, project, environment = (scope or "").split(" ")
        return Principal(kind="deploy", name=name, scope=may, project=project, environment=environment)
    if kind == "session":
        return Principal(kind="session", name=name, scope=None)
    return Principal(kind="admin", name=name, scope=scope)


def _run(store: Store, token: str) -> Principal | None:
    kept, earlier = run_token_hash(token), token_hash(token)

    def find(tx: Tx) -> Principal | None:
        # An attempt that was claimed from the release before had its run token hashed as it is.
        held = tx.runs.token_holder(kept) or tx.runs.token_holder(earlier)
        if held is None:
            return None
        run, attempt = held
        return Principal(kind="run", name=run.id, scope=run.id, project=run.project, attempt=attempt)

    return store.read(find)


def _flow(store: Store, token: str) -> Principal | None:
    """The flow process of an attempt. Raises Fenced once that is over: the token is void then, whatever it asks."""
    kept = token_hash(token)

    def find(tx: Tx) -> Principal | None:
        held = tx.runs.token_holder(kept)
        if held is None:
            return None
        run, attempt = held
        if not holds(run, attempt):
            raise fenced(run, attempt)
        return Principal(
            kind="flow",
            name=run.id,
            scope=run.id,
            project=run.project,
            environment=run.environment,
            attempt=attempt,
        )

    return store.read(find)
