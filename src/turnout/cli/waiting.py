"""Waiting for a run, without silence."""

from turnout.cli import output
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun
from turnout.core.states import is_final
from turnout.worker import clock

NEWS_SECONDS = 2.0
"""How long one request waits for news of the run."""


def situation(run: FlowRun) -> str:
    """What the run does now and why, as markup."""
    why = run.wait_reason or run.reason or ""
    state = output.state_cell(run.state, run.state_name)
    return f"{output.escape(run.name)}  {state}{f': {output.escape(why.splitlines()[0])}' if why else ''}"


def wait_for(api: AdminApi, run: FlowRun) -> FlowRun:
    """The run once it is final; where a person looks, a spinner says what it waits for."""
    cursor: str | None = None
    with output.busy(_doing(run)) as tell:
        while not is_final(run.state):
            _, cursor = api.logs(run.id, cursor=cursor, wait=NEWS_SECONDS)
            run = api.run(run.id)
            tell(_doing(run))
            if cursor is None and not is_final(run.state):
                clock.sleep(0.2)
    return run


def _doing(run: FlowRun) -> str:
    why = (run.wait_reason or "").partition("\n")[0]
    return f"{run.name} {run.state_name}{f': {why}' if why else ''}"
