"""Futures of submitted tasks."""

from turnout.engine.futures import Future, FutureList, as_completed, wait

# Under these names for people who come from Prefect.
PrefectFuture = Future
PrefectFutureList = FutureList

__all__ = ["Future", "FutureList", "PrefectFuture", "PrefectFutureList", "as_completed", "wait"]
