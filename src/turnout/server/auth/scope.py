"""Tokens that are for less than everything. Workers' tokens serve a pool in several projects, and what they do is done
for one of them; a flow's token is for its own project and environment."""

from dataclasses import replace
from ipaddress import ip_address

from turnout.core.errors import Forbidden
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Principal
from turnout.orchestration.access import check_flow, find_run
from turnout.server.auth.files import ANY_PROJECT, pool_file

BOUND = frozenset({"flow", "deploy"})
"""Kinds of principal that belong to one project and environment."""


def narrowed(who: Principal, project: str, pool: str) -> Principal:
    """The worker's principal, narrowed to the project it acts for. Raises Forbidden for a pool that is not its own."""
    if who.scope != pool or who.project not in (ANY_PROJECT, project):
        raise Forbidden(
            f"this token is for pool '{who.scope}', not for pool '{pool}' of project '{project}'",
            fix=f"use the token in {pool_file(project, pool)}.token of the server's data folder",
        )
    return replace(who, scope=f"{project}/{pool}", project=project)


def check_machine(who: Principal | None, address: str) -> None:
    """A pool's token for every project is for this machine, where it lies beside the store that holds them all. Raises
    Forbidden for one that comes over the network; `address`: of who asks, empty when that is no address."""
    if who is None or who.kind != "worker" or who.project != ANY_PROJECT or _is_own(address):
        return
    raise Forbidden(
        f"the token of pool '{who.scope}' for every project is for workers on the server's machine alone",
        where=f"a request from {address}",
        fix=f"give the worker the token in {pool_file('PROJECT', who.scope)}.token, which is for its project",
    )


def for_run(tx: Tx, who: Principal, run_id: str) -> Principal:
    """The principal as the use cases judge it: a worker narrowed to the run's project, if it may act in that."""
    if who.kind != "worker":
        return who
    run = tx.runs.get(run_id)
    return narrowed(who, run.project, run.pool or "") if run else who


def check_namespace(who: Principal, project: str | None, environment: str | None) -> None:
    """Raises Forbidden for who is bound to a project and environment and asks for something of another: the code of a
    run, continuous integration."""
    if who.kind in BOUND and (who.project, who.environment) != (project, environment):
        raise Forbidden(
            f"a {who.kind} of project '{who.project}', environment '{who.environment}', may not ask for what belongs "
            f"to project '{project}', environment '{environment}'",
            fix=f"a {who.kind} token is for its own project and environment; use an admin's token for others",
        )


def check_may_apply(who: Principal) -> None:
    """Raises Forbidden for continuous integration that may only plan."""
    if who.kind == "deploy" and who.scope != "apply":
        raise Forbidden(
            f"{who.name} may plan and not apply",
            fix="pushes to the branch that access.deploy.github names apply; see docs/how-to/ci.md",
        )


def visible_run(tx: Tx, who: Principal, run_id: str) -> FlowRun:
    """The run, if `who` may see it. Raises NotFound, Forbidden; Fenced for the code of an attempt that is over."""
    check_flow(tx, who)
    run = find_run(tx, run_id)
    check_namespace(who, run.project, run.environment)
    return run


def _is_own(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # a socket file, or a test's stand-in
        return True
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
