"""Plan and apply, and what was applied."""

from collections.abc import Mapping
from typing import Any

import anyio.to_thread

from turnout.core.errors import NotFound
from turnout.core.inventory import ReleaseDetail
from turnout.core.plain import to_plain
from turnout.core.ports import Tx
from turnout.core.records import Namespace, Page, Release
from turnout.core.snapshot import Snapshot
from turnout.orchestration import releases, rollback
from turnout.server.auth.scope import check_may_apply, check_namespace
from turnout.server.bodies import NamespaceQuery
from turnout.server.call import Call
from turnout.server.release_bodies import (
    ApplyBody,
    PlanBody,
    ReleasesQuery,
    RollbackBody,
    RollbackQuery,
    SnapshotAnswer,
)
from turnout.server.routing import DEPLOYER, OPERATOR, Route


async def list_releases(call: Call) -> list[Release]:
    """What was applied, newest first."""
    asked = call.query(ReleasesQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    check_namespace(call.principal, namespace.project, namespace.environment)
    page = Page(limit=asked.limit, after=None if asked.after is None else str(asked.after))
    return await call.read(lambda tx: tx.projects.releases(namespace, page))


async def show_release(call: Call) -> ReleaseDetail:
    """One of them, with what it changed."""
    asked, number = call.query(NamespaceQuery), call.path("number")
    namespace = Namespace(project=asked.project, environment=asked.environment)
    if not number.isdecimal() or len(number) > 9:
        raise NotFound(f"there is no release '{number[:64]}'")
    return await call.read(lambda tx: releases.release_detail(tx, namespace, int(number)))


async def show_snapshot(call: Call) -> SnapshotAnswer:
    """What is deployed."""
    asked = call.query(NamespaceQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    check_namespace(call.principal, namespace.project, namespace.environment)
    found = await call.read(lambda tx: tx.projects.snapshot(namespace))
    return SnapshotAnswer(release=found[0], snapshot=found[1]) if found else SnapshotAnswer(release=None, snapshot=None)


async def plan(call: Call) -> Mapping[str, Any]:
    """The difference, computed here and now."""
    wanted = (await call.body(PlanBody)).snapshot
    check_namespace(call.principal, wanted.project, wanted.environment)
    return await call.read(lambda tx: releases.plan(tx, wanted).to_json())


async def apply(call: Call) -> Mapping[str, Any]:
    """Make the server equal what is wanted, in one transaction, then give new pools their tokens."""
    body = await call.body(ApplyBody)
    check_namespace(call.principal, body.snapshot.project, body.snapshot.environment)
    check_may_apply(call.principal)

    def write(tx: Tx) -> Mapping[str, Any]:
        return releases.apply_release(
            tx,
            body.snapshot,
            by=call.principal,
            bundle=body.bundle,
            commit=body.commit,
            author=body.author,
            message=body.message,
            expected_release=body.expected_release,
            expected_overrides=body.expected_overrides,
            allow_removals=body.allow_removals,
        )

    answer = await call.write(write)
    await anyio.to_thread.run_sync(call.context.files.pools, pools_of(body.snapshot))
    return answer


async def plan_rollback(call: Call) -> Mapping[str, Any]:
    """What going back would change, computed here and now."""
    asked = call.query(RollbackQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)

    def read(tx: Tx) -> Mapping[str, Any]:
        release, found = rollback.plan_rollback(tx, namespace, asked.number)
        return {"release": to_plain(release), "plan": found.to_json()}

    return await call.read(read)


async def roll_back(call: Call) -> Mapping[str, Any]:
    """Make the server equal an earlier release, in one transaction."""
    asked, body = call.query(NamespaceQuery), await call.body(RollbackBody)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    return await call.write(
        lambda tx: rollback.rollback(
            tx, namespace, body.number, by=call.principal, expected_release=body.expected_release
        )
    )


def pools_of(snapshot: Snapshot) -> set[tuple[str, str]]:
    """(project, pool) of the pools that a snapshot declares or uses."""
    pools = set(snapshot.pools) | {spec.pool for spec in snapshot.deployments.values()}
    return {(snapshot.project, pool) for pool in pools}


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/releases",
        access=DEPLOYER,
        doc="What was applied, newest first.",
        handler=list_releases,
        query=ReleasesQuery,
        answer=list[Release],
    ),
    Route(
        method="GET",
        path="/api/v1/releases/{number}",
        access=OPERATOR,
        doc="A release and what it changed of the one before, field by field.",
        handler=show_release,
        query=NamespaceQuery,
        answer=ReleaseDetail,
    ),
    Route(
        method="GET",
        path="/api/v1/snapshot",
        access=DEPLOYER,
        doc="What is deployed.",
        handler=show_snapshot,
        query=NamespaceQuery,
        answer=SnapshotAnswer,
    ),
    Route(
        method="POST",
        path="/api/v1/plan",
        access=DEPLOYER,
        doc="What applying the snapshot would change, with the runs that wait and the next runs; changes nothing.",
        handler=plan,
        body=PlanBody,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/api/v1/apply",
        access=DEPLOYER,
        doc="Make the server equal the snapshot, all or nothing.",
        handler=apply,
        body=ApplyBody,
        answer=dict[str, Any],
    ),
    Route(
        method="GET",
        path="/api/v1/rollback",
        access=OPERATOR,
        doc="What going back to an earlier release would change; changes nothing.",
        handler=plan_rollback,
        query=RollbackQuery,
        answer=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/api/v1/rollback",
        access=OPERATOR,
        doc="Make the server equal an earlier release, as a new one, all or nothing.",
        handler=roll_back,
        query=NamespaceQuery,
        body=RollbackBody,
        answer=dict[str, Any],
    ),
)
