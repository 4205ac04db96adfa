"""Workers' tokens serve a pool in several projects; what they do is done for one of them."""

from dataclasses import replace

from turnout.core.errors import Forbidden
from turnout.core.ports import Tx
from turnout.core.records import Principal
from turnout.server.auth.files import ANY_PROJECT, pool_file


def narrowed(who: Principal, project: str, pool: str) -> Principal:
    """The worker's principal, narrowed to the project it acts for. Raises Forbidden for a pool that is not its own."""
    if who.scope != pool or who.project not in (ANY_PROJECT, project):
        raise Forbidden(
            f"this token is for pool '{who.scope}', not for pool '{pool}' of project '{project}'",
            fix=f"use the token in {pool_file(project, pool)}.token of the server's data folder",
        )
    return replace(who, scope=f"{project}/{pool}", project=project)


def for_run(tx: Tx, who: Principal, run_id: str) -> Principal:
    """The principal as the use cases judge it: a worker narrowed to the run's project, if it may act in that."""
    if who.kind != "worker":
        return who
    run = tx.runs.get(run_id)
    return narrowed(who, run.project, run.pool or "") if run else who
