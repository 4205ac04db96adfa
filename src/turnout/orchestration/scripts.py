"""Runs that scripts started by themselves: known from the header of their journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from turnout.core.names import run_name
from turnout.core.records import FlowRun, HistoryEntry, RunSpec
from turnout.core.states import DEFAULT_NAME, RunState
from turnout.orchestration.access import find_run

if TYPE_CHECKING:
    from turnout.core.ports import Tx

SCRIPT: Final = "script"
"""The trigger of such a run."""
SCRIPT_PROJECT = "local"
"""The project of scripts that belong to none."""
SCRIPT_ACTOR = "local:script"


def register_script(tx: Tx, run_id: str, header: Mapping[str, Any], at: datetime) -> FlowRun:
    """A run that a script started by itself, known from its journal's header; `at` is when it says it started."""
    run = _script_run(run_id, header, at)
    first = HistoryEntry(
        version=1, attempt=run.attempt, state=run.state, name=run.state_name, reason=None, at=at, by=run.created_by
    )
    tx.runs.record_script(run, [first])
    return find_run(tx, run_id)


def _script_run(run_id: str, header: Mapping[str, Any], at: datetime) -> FlowRun:
    flow_name = str(header.get("flow") or "flow")
    return FlowRun(
        id=run_id,
        project=str(header.get("project") or SCRIPT_PROJECT),
        environment=str(header.get("environment") or "production"),
        deployment=None,
        flow_name=flow_name,
        name=str(header.get("run_name") or run_name(run_id)),
        state=RunState.SCHEDULED,
        state_name=DEFAULT_NAME[RunState.SCHEDULED],
        reason=None,
        state_at=at,
        version=1,
        attempt=1,
        failures=0,
        crashes=0,
        trigger=SCRIPT,
        created_by=SCRIPT_ACTOR,
        pool=None,
        priority=0,
        parameters=dict(header.get("parameters") or {}),
        tags=tuple(str(tag) for tag in header.get("tags") or ()),
        due_at=at,
        created_at=at,
        started_at=None,
        ended_at=None,
        occurrence=None,
        spec=RunSpec(entrypoint=str(header.get("entrypoint") or "")),
    )
