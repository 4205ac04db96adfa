"""A client that creates runs without pause and remembers what was acknowledged: the oracle of durable answers.

Each run has an idempotency key of its own. An answer that does not come leaves open whether the run was made, so the
same request is sent again: in the end each key must have exactly one run, and each acknowledged id must be there.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from turnout.client import HttpAdminApi
from turnout.core.errors import TurnoutError
from turnout.core.records import Namespace, Page, RunFilter

LATER = timedelta(days=30)


class AckWriter:
    """Creates runs of `deployment` that are due in a month, in a thread, between `start` and `stop`."""

    def __init__(self, api: HttpAdminApi, namespace: Namespace, deployment: str, tag: str, pause: float = 0.01) -> None:
        self._api = api
        self._namespace = namespace
        self._deployment = deployment
        self._tag = tag
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="acks", daemon=True)
        self.acked: dict[str, str] = {}
        self.unanswered = 0
        self.refused: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 60.0) -> None:
        """Stop once the request that is under way was answered."""
        self._stopping.set()
        self._thread.join(seconds)

    def faults(self, api: HttpAdminApi) -> list[str]:
        """What is missing or doubled, asked of a server that is well again."""
        where = RunFilter(project=self._namespace.project, deployment=self._deployment, tags=(self._tag,))
        stored = [run.id for run in api.runs(where, Page(limit=len(self.acked) + 1000))]
        found = [f"lost: acknowledged run {i} is not there" for i in sorted(set(self.acked.values()) - set(stored))]
        if len(stored) > len(self.acked):
            found.append(f"doubled: {len(stored)} runs for {len(self.acked)} keys of {self._tag}")
        if self._thread.is_alive():
            found.append(f"stuck: {self._tag}: a request was never answered")
        return found + self.refused

    def _loop(self) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            self._create(f"{self._tag}-{number}")
            time.sleep(self._pause)

    def _create(self, key: str) -> None:
        pause, due_at = 0.02, datetime.now(UTC) + LATER
        while True:
            try:
                run = self._api.trigger(
                    self._deployment,
                    namespace=self._namespace,
                    due_at=due_at,
                    idempotency_key=key,
                    tags=(self._tag,),
                )
            except TurnoutError as error:
                if error.code not in ("server_unreachable", "store_unavailable"):
                    self.refused.append(f"refused: {key}: {error}")
                    return
                self.unanswered += 1
                time.sleep(pause)
                pause = min(pause * 2, 0.5)
                continue
            self.acked[key] = run.id
            return
