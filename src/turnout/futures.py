"""Futures of submitted tasks."""

from turnout.engine.futures.arguments import resolve_futures_to_results, resolve_futures_to_states
from turnout.engine.futures.futures import DoneAndNotDone, Future, FutureList, as_completed, wait

# Under these names for people who come from Prefect.
PrefectFuture = PrefectTaskRunFuture = PrefectConcurrentFuture = PrefectDistributedFuture = PrefectFlowRunFuture = (
    Future
)
PrefectFutureList = FutureList
DoneAndNotDoneFutures = DoneAndNotDone

__all__ = [
    "DoneAndNotDoneFutures",
    "Future",
    "FutureList",
    "PrefectConcurrentFuture",
    "PrefectDistributedFuture",
    "PrefectFlowRunFuture",
    "PrefectFuture",
    "PrefectFutureList",
    "PrefectTaskRunFuture",
    "as_completed",
    "resolve_futures_to_results",
    "resolve_futures_to_states",
    "wait",
]
