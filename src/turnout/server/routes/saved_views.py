"""Views of the list of runs that everybody of a project sees."""

from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.core.views import SavedView
from turnout.orchestration import saved_views
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import SavedViewBody, SavedViewChange

VIEWS = "/api/v1/saved-views"
VIEW = VIEWS + "/{id}"


async def list_views(call: Call) -> list[SavedView]:
    """All of them."""
    namespace = _namespace(call)
    return await call.read(lambda tx: saved_views.list_views(tx, namespace))


async def save_view(call: Call) -> SavedView:
    """A new one."""
    namespace, body = _namespace(call), await call.body(SavedViewBody)
    return await call.write(lambda tx: saved_views.save(tx, namespace, body.name, body.query, call.principal))


async def change_view(call: Call) -> SavedView:
    """Another name, other filters."""
    namespace, view_id, body = _namespace(call), call.path("id"), await call.body(SavedViewChange)
    return await call.write(
        lambda tx: saved_views.change(tx, namespace, view_id, body.name, body.query, call.principal)
    )


async def remove_view(call: Call) -> dict[str, bool]:
    """Forget it."""
    namespace, view_id = _namespace(call), call.path("id")

    def write(tx: Tx) -> None:
        saved_views.remove(tx, namespace, view_id)

    await call.write(write)
    return {"ok": True}


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path=VIEWS,
        access=OPERATOR,
        doc="The views of the list of runs that everybody of the project sees, by name.",
        handler=list_views,
        query=NamespaceQuery,
        answer=list[SavedView],
    ),
    Route(
        method="POST",
        path=VIEWS,
        access=OPERATOR,
        doc="Save a view for everybody: a name that no other has in any case, and the query of the list's address.",
        handler=save_view,
        query=NamespaceQuery,
        body=SavedViewBody,
        answer=SavedView,
    ),
    Route(
        method="PUT",
        path=VIEW,
        access=OPERATOR,
        doc="Rename a saved view, or let it show something else; what is left out stays.",
        handler=change_view,
        query=NamespaceQuery,
        body=SavedViewChange,
        answer=SavedView,
    ),
    Route(
        method="DELETE",
        path=VIEW,
        access=OPERATOR,
        doc="Delete a saved view.",
        handler=remove_view,
        query=NamespaceQuery,
        answer=dict[str, bool],
    ),
)
