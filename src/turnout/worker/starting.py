"""What must be known before a flow may start: that the attempt is still ours, and what it did before."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from turnout.core import errors
from turnout.worker import clock
from turnout.worker.run_client import RunClient
from turnout.worker.shipping import Backoff
from turnout.worker.spool_files import AttemptFiles, write_private

T = TypeVar("T")

FRESH_SHARE = 0.3
"""The part of a lease within which a claim needs no confirmation."""
FRESH_SECONDS = 1.0
"""An older claim is confirmed however long the lease is: a run that was cancelled meanwhile must not begin."""


class Withdrawn(Exception):
    """The attempt is not to start. settled: the server knows; nothing is left to do but delete its files."""

    def __init__(self, *, settled: bool) -> None:
        super().__init__(settled)
        self.settled = settled


def prepare(
    order: Mapping[str, Any], files: AttemptFiles, client: RunClient, stopped: Callable[[], bool]
) -> str | None:
    """The path of the checkpoints file, None for a fresh run. Waits for a server that is away, until `stopped`.

    A resumed run does not start without its checkpoints: it would repeat what it has done. An attempt whose claim is
    not fresh (a slow bundle, a stopped machine) starts only if its lease still holds. Raises Withdrawn.
    """
    path = None
    if order["resume"]:
        content = _insist(lambda: client.checkpoints(files.run_id, files.attempt), stopped)
        write_private(files.checkpoints, content)
        path = str(files.checkpoints)
    fresh = min(FRESH_SECONDS, FRESH_SHARE * order["lease_seconds"])
    if path or clock.monotonic() - order["claimed_at"] > fresh:
        _confirm(files, client, stopped)
    client.close()
    return path


def _confirm(files: AttemptFiles, client: RunClient, stopped: Callable[[], bool]) -> None:
    command, reason = _insist(lambda: client.heartbeat(files.run_id, files.attempt, wait=0), stopped)
    if command == "cancel":
        words = reason or "cancelled before it started"
        _insist(lambda: client.report(files.run_id, files.attempt, "cancelled", words), stopped)
        raise Withdrawn(settled=True)


def _insist(call: Callable[[], T], stopped: Callable[[], bool]) -> T:
    """The answer, however long the server is away."""
    backoff = Backoff(clock.sleep)
    while True:
        try:
            return call()
        except (errors.Fenced, errors.Unauthorized) as error:
            raise Withdrawn(settled=True) from error
        except errors.TurnoutError as error:
            if stopped():
                raise Withdrawn(settled=False) from error
            backoff.pause()
