"""Workers as they are shown."""

from dataclasses import replace

from turnout.core.ports import Tx
from turnout.core.records import Worker
from turnout.orchestration.explain import is_offline


def list_workers(tx: Tx) -> list[Worker]:
    """Every worker, the last heard of first; offline once it was silent for the lease that it was told."""
    return [replace(it, state="offline") if is_offline(it, tx.now) else it for it in tx.workers.all()]
