"""The first page's data, and what people say of what needs attention."""

from turnout.core.errors import ParameterError
from turnout.core.home import Home
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.orchestration import attention
from turnout.orchestration.home import home
from turnout.server.auth.scope import check_namespace
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import MarkBody

MARK = "/api/v1/attention/{cause}"


async def show_home(call: Call) -> Home:
    """What needs attention, the last day, what comes next."""
    namespace = _namespace(call)
    return await call.read(lambda tx: home(tx, namespace))


async def mark_cause(call: Call) -> dict[str, bool]:
    """Acknowledge or snooze."""
    namespace, cause, body = _namespace(call), _cause(call), await call.body(MarkBody)
    if body.until is not None and body.until.tzinfo is None:
        raise ParameterError("until has no time zone", fix="write it like 2026-01-31T09:00:00Z")
    await call.write(lambda tx: attention.set_mark(tx, namespace, cause, body.until, call.principal))
    return {"ok": True}


async def unmark_cause(call: Call) -> dict[str, bool]:
    """Bring it back."""
    namespace, cause = _namespace(call), _cause(call)

    def write(tx: Tx) -> None:
        attention.remove_mark(tx, namespace, cause)

    await call.write(write)
    return {"ok": True}


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    check_namespace(call.principal, asked.project, asked.environment)
    return Namespace(project=asked.project, environment=asked.environment)


def _cause(call: Call) -> str:
    cause = call.path("cause")
    if len(cause) != 16 or not set(cause) <= set("0123456789abcdef"):
        raise ParameterError("a cause is named by 16 hex digits")
    return cause


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/views/home",
        access=OPERATOR,
        doc="What needs attention by cause, the last 24 hours by deployment and hour, what runs next.",
        handler=show_home,
        query=NamespaceQuery,
        answer=Home,
    ),
    Route(
        method="PUT",
        path=MARK,
        access=OPERATOR,
        doc="Acknowledge a cause, which then stays quiet until it shows again; or with `until`, until then.",
        handler=mark_cause,
        query=NamespaceQuery,
        body=MarkBody,
        answer=dict[str, bool],
    ),
    Route(
        method="DELETE",
        path=MARK,
        access=OPERATOR,
        doc="Take back what was said of a cause.",
        handler=unmark_cause,
        query=NamespaceQuery,
        answer=dict[str, bool],
    ),
)
