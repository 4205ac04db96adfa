"""Workers as they are shown."""

from dataclasses import replace

from turnout.core.ports import Tx
from turnout.core.records import Worker
from turnout.orchestration.explain import OFFLINE_AFTER


def list_workers(tx: Tx) -> list[Worker]:
    """Every worker, the last heard of first; offline once it was not heard of for a lease."""
    return [replace(it, state="offline") if tx.now - it.seen_at > OFFLINE_AFTER else it for it in tx.workers.all()]
