"""Runs as bars, between their rows and their records."""

from turnout.core.inventory import RunBar
from turnout.core.states import RunState
from turnout.store.session import Row
from turnout.store.times import from_micros, optional_time


def bar_from_row(row: Row) -> RunBar:
    """The bar of a row of `runs/list_recent`."""
    _, run_id, name, state, state_name, due_at, started_at, ended_at = row
    return RunBar(
        id=run_id,
        name=name,
        state=RunState(state),
        state_name=state_name,
        due_at=from_micros(due_at),
        started_at=optional_time(started_at),
        ended_at=optional_time(ended_at),
    )
