"""Who may write to which attempt: the fencing rules, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnout.core.errors import Fenced, Forbidden, NotFound
from turnout.core.records import FlowRun, Principal
from turnout.core.states import FINAL, RunState

if TYPE_CHECKING:
    from turnout.core.ports import Tx

TRUSTED = frozenset({"admin", "local", "system"})


def find_run(tx: Tx, run_id: str) -> FlowRun:
    """The run. Raises NotFound."""
    run = tx.runs.get(run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id}", fix="`turnout runs ls` shows the runs")
    return run


def executor_run(tx: Tx, principal: Principal, run_id: str, *, flow: bool = False) -> FlowRun:
    """The run, for its executor: the holder of a token of this run, or of its pool; with `flow`, for its own code too.
    Raises NotFound, Forbidden."""
    run = find_run(tx, run_id)
    scopes = {"run": run.id, "worker": f"{run.project}/{run.pool}"} | ({"flow": run.id} if flow else {})
    if principal.kind not in TRUSTED and scopes.get(principal.kind) != principal.scope:
        raise Forbidden(
            f"this credential is not for run {run.name}", where=str(principal), fix="use the run's or its pool's token"
        )
    return run


def check_attempt(principal: Principal, run: FlowRun, attempt: int) -> None:
    """Raises Fenced when `attempt` is not the one the run is at, or not the one the credential was made for."""
    if attempt != run.attempt or principal.attempt not in (None, attempt):
        raise fenced(run, attempt)


def holds(run: FlowRun, attempt: int) -> bool:
    """Whether an executor may hold this attempt now: it is the latest, was claimed, and is not over."""
    return attempt == run.attempt and run.state not in FINAL and run.state != RunState.SCHEDULED and not run.suspended


def check_flow(tx: Tx, principal: Principal) -> None:
    """Raises Fenced when `principal` is the code of an attempt that is over: it may have ended since it was identified.
    Others pass."""
    if principal.kind != "flow":
        return
    run = find_run(tx, principal.name)
    if not holds(run, principal.attempt or 0):
        raise fenced(run, principal.attempt or 0)


def fenced(run: FlowRun, attempt: int) -> Fenced:
    """What an executor is told that must stop."""
    return Fenced(
        f"attempt {attempt} no longer holds run {run.name}: it is at attempt {run.attempt}, {run.state_name}",
        where=f"run {run.id}",
        fix="stop this process; its journal lines are kept where they are",
    )
