"""Journal lines become tasks, logs, artifacts, and the root flow's own words become transitions, in one transaction.

Delivery is at least once and may be late. What is already stored is acknowledged again; an attempt that is over or
superseded takes lines as data and never as state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from turnout.core import events as ev
from turnout.core.errors import Conflict
from turnout.core.journal import FLOW_STREAM
from turnout.core.records import FlowRun, Principal
from turnout.core.states import RunState
from turnout.core.transitions import SUSPENDED
from turnout.orchestration.access import check_attempt, executor_run, fenced, find_run, holds
from turnout.orchestration.scripts import SCRIPT, register_script
from turnout.orchestration.transition import apply

if TYPE_CHECKING:
    from turnout.core.ports import Ingested, Tx

LATE = "its attempt was over before its journal arrived"
SCRIPT_LOST = "the process ended without a word"


def ship(
    tx: Tx, principal: Principal, run_id: str, attempt: int, stream: int, first: int, lines: Sequence[bytes]
) -> int:
    """Store lines `first`.. of a stream and apply what the flow says of itself; the highest stored line number.

    Raises NotFound, Forbidden; Fenced for a run token whose attempt was superseded (a pool's token may still bring
    what an orphan left on disk, as data); Conflict for a gap; ParameterError for a malformed line.
    """
    run = executor_run(tx, principal, run_id)
    if principal.kind == "run":
        check_attempt(principal, run, attempt)
    elif attempt != run.attempt and all(step.attempt != attempt for step in tx.runs.history(run_id)):
        # It belongs to a time that a restored backup knows nothing of.
        raise fenced(run, attempt)
    batch = tx.journal.store(run_id, attempt, stream, first, lines)
    tx.after_commit(f"log:{run_id}")
    if not holds(run, attempt):
        # Nobody will speak for what these lines leave open: the attempt was over before they came.
        tx.journal.close_open_tasks(run_id, attempt, RunState.CRASHED, LATE)
    elif stream == FLOW_STREAM:
        _apply_entries(tx, run, attempt, batch, str(principal))
    return batch.acked


def ship_script(
    tx: Tx,
    principal: Principal,
    run_id: str,
    stream: int,
    first: int,
    lines: Sequence[bytes],
    header: Mapping[str, Any],
) -> int:
    """Like `ship`, for the spool of a script (attempt 1); a run that is not known yet is registered from `header`.
    Raises Conflict for a run that no script started."""
    began = _moment(float(header["at"]), tx.now)
    run = tx.runs.get(run_id)
    if run is None:
        run = register_script(tx, run_id, header, began)
    if run.trigger != SCRIPT:
        raise Conflict(f"run {run.name} was not started by a script", where=f"run {run_id}", fix="remove the journal")
    if run.state == RunState.SCHEDULED:
        run = apply(tx, run, ev.Claimed(worker=_host(header)), str(principal), at=began)
    return ship(tx, principal, run_id, 1, stream, first, lines)


def script_lost(tx: Tx, principal: Principal, run_id: str, at: datetime | None = None) -> FlowRun:
    """A script's process is gone and its journal has no end: its run crashed, at its last word if `at` says when that
    was. Nothing happens to a run that is over, or that no script started. Raises NotFound."""
    run = find_run(tx, run_id)
    lost = run.trigger == SCRIPT and holds(run, 1)
    return apply(tx, run, ev.Lost(reason=SCRIPT_LOST), str(principal), at=at) if lost else run


def _apply_entries(tx: Tx, run: FlowRun, attempt: int, batch: Ingested, by: str) -> None:
    for state, at, extra in batch.flow_entries:
        if not holds(run, attempt):
            return
        event = _event(run, state, extra)
        if event is not None:
            run = apply(tx, run, event, by, at=_moment(at, tx.now), spoken=True)
            if run.state == RunState.PAUSED:
                from turnout.orchestration.answering import note_question  # on use: few runs ask for anything

                note_question(tx, run, extra)


def _event(run: FlowRun, state: str, extra: Mapping[str, Any]) -> ev.RunEvent | None:
    """What the root flow's own entry means for the run; None when it says nothing new."""
    name, reason = extra.get("name"), extra.get("reason")
    match state:
        case RunState.RUNNING:
            if run.state == RunState.PAUSED:
                return ev.Resumed(due=run.due_at, reason=reason or "nobody answered in time")
            return ev.Started() if run.state == RunState.PENDING else None
        case RunState.PAUSED:
            return ev.Suspended(reason=reason) if name == SUSPENDED else ev.Paused(reason=reason)
        case RunState.COMPLETED:
            return ev.Completed(name=name, reason=reason)
        case RunState.FAILED | RunState.CRASHED:
            return ev.Failed(reason=reason or _raised(extra), name=name)
        case RunState.CANCELLED:
            # The engine only knows that it was told to stop; the run knows by whom and why.
            return ev.Cancelled(reason=run.reason if run.state == RunState.CANCELLING else reason)
    return None


def _raised(extra: Mapping[str, Any]) -> str:
    error = extra.get("error") or {}
    return f"{error.get('type', 'error')}: {error.get('message', '')}" if error else "the flow failed"


def _moment(seconds: float, now: datetime) -> datetime:
    """A journal's time, never later than now; now itself when it is no time at all."""
    try:
        return min(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


def _host(header: Mapping[str, Any]) -> str:
    return f"script (process {header.get('pid', '?')})"
