"""A run with everything that one has, for tests that care for a part of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from turnout.core.records import FlowRun, RunSpec
from turnout.core.states import DEFAULT_NAME, RunState

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def a_run(name: str, state: RunState = RunState.SCHEDULED, **changes: Any) -> FlowRun:
    """A run of deployment `load`, due at NOON; its id is made of its name."""
    run = FlowRun(
        id=name.encode().hex().ljust(32, "0")[:32],
        project="field",
        environment="production",
        deployment="load",
        flow_name="load",
        name=name,
        state=state,
        state_name=DEFAULT_NAME[state],
        reason=None,
        state_at=NOON,
        version=1,
        attempt=1,
        failures=0,
        crashes=0,
        trigger="manual",
        created_by="test",
        pool="default",
        priority=0,
        parameters={},
        tags=(),
        due_at=NOON,
        created_at=NOON,
        started_at=None,
        ended_at=None,
        occurrence=None,
        spec=RunSpec(entrypoint="flows/load.py:load"),
    )
    return replace(run, **changes)
