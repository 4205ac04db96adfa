"""What a route is. The table of routes drives dispatch, access, the OpenAPI document, its reference page and the test
that calls every route without a credential."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from turnout.core.errors import Forbidden, Unauthorized
from turnout.core.limits import BODY_BYTES
from turnout.core.records import Principal

if TYPE_CHECKING:
    from turnout.server.call import Call

Handler = Callable[["Call"], Awaitable[Any]]
Method = Literal["GET", "POST", "PUT", "DELETE"]
Access = frozenset[str]

PUBLIC: Access = frozenset()
OPERATOR: Access = frozenset({"admin", "session"})
DEPLOYER: Access = OPERATOR | {"deploy"}
"""Continuous integration, too: for the project and environment of its token."""
WORKER: Access = frozenset({"worker"})
EXECUTOR: Access = frozenset({"worker", "run"})
FLOW: Access = frozenset({"flow"})
"""The code of a run, with the token of its attempt: in its own project and environment, until the attempt is over. A
route that it may call narrows what it does by `auth.scope`."""
ANYONE: Access = OPERATOR | EXECUTOR | FLOW


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one path.

    path: Starlette's syntax. access: the kinds of principal that may call it; empty means the public.
    query, body: types that the query string and the JSON body are decoded to; None: there is none.
    answer: the type of the JSON answer; None when `media` is not JSON. limit: the largest body in bytes.
    handler returns the answer, or a Response for what is not JSON.
    """

    method: Method
    path: str
    access: Access
    doc: str
    handler: Handler
    query: type | None = None
    body: Any = None
    answer: Any = None
    status: int = 200
    limit: int = BODY_BYTES
    media: str = "application/json"
    accepts: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Request headers with a meaning, for the documents."""


CREDENTIAL_NEEDED = "a valid credential is needed"


def authorise(route: Route, who: Principal | None) -> Principal:
    """The principal, if it may call `route`. Raises Unauthorized without a credential, Forbidden with a wrong one."""
    if not route.access:
        return who or Principal(kind="system", name="public")
    if who is None:
        raise unauthorized()
    if who.kind not in route.access:
        raise Forbidden(f"a {who.kind} credential may not do this", fix=f"it takes one of: {words(route.access)}")
    return who


def unauthorized() -> Unauthorized:
    """The same words for a missing, a malformed and a wrong credential."""
    return Unauthorized(
        CREDENTIAL_NEEDED,
        fix="send `Authorization: Bearer <token>` (the admin token is in admin.token in the data folder), "
        "or open the link that `turnout login` prints",
    )


def words(access: Access) -> str:
    """The kinds of credential in a fixed order."""
    order = ("admin", "session", "deploy", "worker", "run", "flow")
    return ", ".join(kind for kind in order if kind in access) or "public"
