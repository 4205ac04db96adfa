"""What happens when a run is made while its deployment is at its limit: the four strategies, as one pure function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from turnout.core import events as ev
from turnout.core.records import FlowRun
from turnout.core.states import RunState

if TYPE_CHECKING:
    from turnout.core.snapshot import Concurrency


def admit(
    new: FlowRun, concurrency: Concurrency | None, live: Sequence[FlowRun], queued: Sequence[FlowRun]
) -> Iterator[tuple[FlowRun, ev.RunEvent]]:
    """The events that `new` brings about, on itself or on others, oldest run first.

    live: runs that an executor may hold. queued: the other runs that wait and are due or between two attempts. A run
    that is asked for at a later time collides with nothing when it is made: it queues when its time has come.
    """
    if concurrency is None or concurrency.on_collision == "queue":
        return
    if concurrency.on_collision == "queue-latest":
        yield from ((run, _replaced(new)) for run in queued)
        return
    occupants = [*(run for run in live if run.state != RunState.CANCELLING), *queued]
    if concurrency.on_collision == "skip":
        occupants = [*live, *queued]
        if len(occupants) >= concurrency.limit:
            yield new, ev.Skipped(reason=_skip_reason(concurrency.limit, occupants[0]))
        return
    for run in occupants[: max(0, len(occupants) - concurrency.limit + 1)]:
        yield run, _replaced(new) if run in queued else ev.CancelRequested(reason=f"replaced by run {new.name}")


def _replaced(new: FlowRun) -> ev.Skipped:
    return ev.Skipped(reason=f"replaced by run {new.name} before it started")


def _skip_reason(limit: int, holder: FlowRun) -> str:
    return f"on_collision is 'skip' and the limit of {limit} was held by run {holder.name}"
