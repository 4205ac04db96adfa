"""What is in production: the inventory, one deployment with all its page shows, its code, its form."""

import csv
import io
from collections.abc import Iterable

import anyio.to_thread
from starlette.responses import Response

from turnout.core.errors import NotFound
from turnout.core.inventory import CodeFile, DeployedThing, DeploymentDetail, Misfit
from turnout.core.records import Namespace
from turnout.orchestration import bundle_files, inventory, misfits
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.release_bodies import CheckBody
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import CodeQuery, InventoryQuery

DEPLOYMENT = "/api/v1/deployments/{name}"
HEADINGS = (
    "deployment", "flow", "file", "description", "schedules", "timezone", "paused", "next run", "last run", "state",
    "last success", "pool", "limits", "connection", "secrets", "after", "commit", "declared since release", "since",
    "by", "author", "tags",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def list_production(call: Call) -> list[DeployedThing]:
    """Everything that runs."""
    asked = call.query(InventoryQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    return await call.read(lambda tx: inventory.inventory(tx, namespace, asked.runs))


async def export_production(call: Call) -> Response:
    """The same as a table for a spreadsheet."""
    namespace = _namespace(call)
    found = await call.read(lambda tx: inventory.inventory(tx, namespace, 1))
    name = f"production-{namespace.project}-{namespace.environment}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_table(found), media_type="text/csv; charset=utf-8", headers=headers)


async def show_detail(call: Call) -> DeploymentDetail:
    """One deployment."""
    name, namespace = call.path("name"), _namespace(call)
    return await call.read(lambda tx: inventory.detail(tx, namespace, name))


async def show_code(call: Call) -> CodeFile:
    """A file of its code; without a path that of the deployment."""
    name, asked = call.path("name"), call.query(CodeQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)

    bundle, own, commit = await call.read(lambda tx: bundle_files.deployed_code(tx, namespace, name))
    if bundle is None:
        raise NotFound("the deployed code is not on this server", fix="apply the project again")
    # In a thread, and in no transaction: an archive may take a second to read.
    return await anyio.to_thread.run_sync(bundle_files.read_file, bundle, asked.path or own, commit)


async def check_parameters(call: Call) -> list[Misfit]:
    """What is wrong with parameters; nothing is started."""
    name, namespace, body = call.path("name"), _namespace(call), await call.body(CheckBody)
    return await call.read(lambda tx: misfits.misfits(tx, namespace, name, body.parameters))


def _table(found: Iterable[DeployedThing]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for one in found:
        writer.writerow([_safe(str(cell)) for cell in _cells(one)])
    return ("\ufeff" + file.getvalue()).encode()


def _cells(one: DeployedThing) -> Iterable[object]:
    last, good, since = one.runs[0] if one.runs else None, one.last_success, one.since
    yield from (one.name, one.flow_name, one.entrypoint, one.description or "")
    yield "; ".join(schedule.sentence for schedule in one.schedules)
    yield ", ".join(dict.fromkeys(schedule.timezone for schedule in one.schedules))
    yield "deployment" if one.pause else ", ".join(schedule.slug for schedule in one.schedules if schedule.paused)
    yield from (one.next_run or "", (last.started_at or last.due_at) if last else "", last.state_name if last else "")
    yield (good.ended_at or "") if good else ""
    yield from (one.pool, ", ".join(one.limits), one.connection or "", ", ".join(one.secrets), ", ".join(one.after))
    yield from (one.commit or "", since.number if since else "", since.applied_at if since else "")
    yield from (since.applied_by if since else "", (since.author or "") if since else "", ", ".join(one.tags))


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _namespace(call: Call) -> Namespace:
    asked = call.query(NamespaceQuery)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/production",
        access=OPERATOR,
        doc="Every deployment with its file, schedules, newest `runs` (at most 50), last success, and since which "
        "release it is declared as it is.",
        handler=list_production,
        query=InventoryQuery,
        answer=list[DeployedThing],
    ),
    Route(
        method="GET",
        path="/api/v1/production.csv",
        access=OPERATOR,
        doc="The same as a table for a spreadsheet.",
        handler=export_production,
        query=NamespaceQuery,
        media="text/csv",
    ),
    Route(
        method="GET",
        path=DEPLOYMENT + "/detail",
        access=OPERATOR,
        doc="One deployment with its schedules, newest runs, next runs and the form of its parameters.",
        handler=show_detail,
        query=NamespaceQuery,
        answer=DeploymentDetail,
    ),
    Route(
        method="GET",
        path=DEPLOYMENT + "/code",
        access=OPERATOR,
        doc="A file of the code that its next run executes, its own without `path`, with the names of all files.",
        handler=show_code,
        query=CodeQuery,
        answer=CodeFile,
    ),
    Route(
        method="POST",
        path=DEPLOYMENT + "/check",
        access=OPERATOR,
        doc="What is wrong with the parameters of a run, the first 50 of it; starts nothing.",
        handler=check_parameters,
        query=NamespaceQuery,
        body=CheckBody,
        answer=list[Misfit],
    ),
)
