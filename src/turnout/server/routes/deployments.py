"""Deployments: what is in production, and starting a run of it by hand."""

from turnout.core.errors import ParameterError
from turnout.core.ports import Tx
from turnout.core.records import DeploymentStatus, FlowRun, Namespace
from turnout.orchestration import deployments, runs
from turnout.orchestration.access import check_flow
from turnout.orchestration.explain import explained
from turnout.server.auth.scope import check_namespace
from turnout.server.bodies import MaybeNamespaceQuery, NamespaceQuery, TriggerBody, TriggerQuery
from turnout.server.call import Call
from turnout.server.routing import FLOW, OPERATOR, Route

KEY_CHARACTERS = 200


async def list_deployments(call: Call) -> list[DeploymentStatus]:
    """Those of a namespace, or all."""
    asked, who = call.query(MaybeNamespaceQuery), call.principal
    project = asked.project or who.project
    check_namespace(who, project, asked.environment)
    namespace = Namespace(project=project, environment=asked.environment) if project else None
    return await call.read(lambda tx: deployments.statuses(tx, namespace))


async def show_deployment(call: Call) -> DeploymentStatus:
    """One of them."""
    name, namespace = call.path("name"), _namespace(call)
    return await call.read(lambda tx: deployments.status(tx, namespace, name))


async def trigger(call: Call) -> FlowRun:
    """Start a run; repeating the Idempotency-Key repeats the answer."""
    name, asked = call.path("name"), call.query(TriggerQuery)
    namespace = _checked(call, asked)
    body = await call.body(TriggerBody)
    key = call.request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= KEY_CHARACTERS:
        raise ParameterError(f"an Idempotency-Key has 1 to {KEY_CHARACTERS} characters")
    if body.due_at is not None and body.due_at.tzinfo is None:
        raise ParameterError("due_at has no time zone", fix="write it like 2026-01-31T09:00:00Z")

    def write(tx: Tx) -> FlowRun:
        check_flow(tx, call.principal)
        return runs.create(
            tx,
            namespace,
            name,
            trigger="manual",
            by=call.principal,
            parameters=body.parameters,
            due_at=body.due_at,
            tags=body.tags,
            priority=body.priority,
            idempotency_key=key,
            name=body.name,
            # Each run of a flow is another principal: its key is meant for the deployment.
            shared_key=call.principal.kind == "flow",
        )

    run = await call.write(write)
    # Explained afterwards, and only to who asks: whoever waits for the run shall not wait for this.
    return await call.point(lambda tx: explained(tx, [run])[0]) if asked.explain else run


def _namespace(call: Call) -> Namespace:
    return _checked(call, call.query(NamespaceQuery))


def _checked(call: Call, asked: NamespaceQuery) -> Namespace:
    check_namespace(call.principal, asked.project, asked.environment)
    return Namespace(project=asked.project, environment=asked.environment)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/deployments",
        access=OPERATOR | FLOW,
        doc="What is deployed, with the last and the next runs; of every project without `project`.",
        handler=list_deployments,
        query=MaybeNamespaceQuery,
        answer=list[DeploymentStatus],
    ),
    Route(
        method="GET",
        path="/api/v1/deployments/{name}",
        access=OPERATOR | FLOW,
        doc="One deployment.",
        handler=show_deployment,
        query=NamespaceQuery,
        answer=DeploymentStatus,
    ),
    Route(
        method="POST",
        path="/api/v1/deployments/{name}/runs",
        access=OPERATOR | FLOW,
        doc="Start a run. Parameters that do not fit the flow are refused, and no run is made. With `explain`, the "
        "answer's `wait_reason` says why it waits.",
        handler=trigger,
        query=TriggerQuery,
        body=TriggerBody,
        answer=FlowRun,
        status=201,
        headers={"Idempotency-Key": "repeating it repeats the answer and makes no second run"},
    ),
)
