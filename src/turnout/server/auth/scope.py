"""Tokens that are for less than everything. Workers' tokens serve a pool in several projects, and what they do is done
for one of them; a flow's token is for its own project and environment."""

from dataclasses import replace

from turnout.core.errors import Forbidden
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Principal
from turnout.orchestration.access import check_flow, find_run
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


def check_namespace(who: Principal, project: str | None, environment: str | None) -> None:
    """Raises Forbidden for the code of a run that asks for something of another project or environment."""
    if who.kind == "flow" and (who.project, who.environment) != (project, environment):
        raise Forbidden(
            f"a flow of project '{who.project}', environment '{who.environment}', may not ask for what belongs to "
            f"project '{project}', environment '{environment}'",
            fix="a flow's token is for its own project and environment; use an admin's token for others",
        )


def visible_run(tx: Tx, who: Principal, run_id: str) -> FlowRun:
    """The run, if `who` may see it. Raises NotFound, Forbidden; Fenced for the code of an attempt that is over."""
    check_flow(tx, who)
    run = find_run(tx, run_id)
    check_namespace(who, run.project, run.environment)
    return run
