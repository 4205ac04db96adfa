"""Waiting for a run, without silence."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from turnout.cli import output
from turnout.core.errors import ServerUnreachable, StoreUnavailable
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun
from turnout.core.states import is_final
from turnout.worker import clock

T = TypeVar("T")

PATIENCE_SECONDS = 600.0
"""How long a command that follows a run goes on without a server: a restart must not end it."""
AGAIN_SECONDS = 0.5
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
            _, cursor = patiently(partial(api.logs, run.id, cursor=cursor, wait=NEWS_SECONDS))
            run = patiently(partial(api.run, run.id))
            tell(_doing(run))
            if cursor is None and not is_final(run.state):
                clock.sleep(0.2)
    return run


def patiently(ask: Callable[[], T]) -> T:
    """The answer of a question that may be repeated, however long the server or its database is away, up to
    PATIENCE_SECONDS; says once that it waits. Raises ServerUnreachable, StoreUnavailable."""
    since: float | None = None
    while True:
        try:
            answer = ask()
        except (ServerUnreachable, StoreUnavailable) as error:
            now = clock.monotonic()
            if since is None:
                since = now
                output.say(f"waiting for the server: {error.what}")
            elif now - since > PATIENCE_SECONDS:
                raise
            clock.sleep(AGAIN_SECONDS)
            continue
        if since is not None:
            output.say("the server is back")
        return answer


def _doing(run: FlowRun) -> str:
    why = (run.wait_reason or "").partition("\n")[0]
    return f"{run.name} {run.state_name}{f': {why}' if why else ''}"
