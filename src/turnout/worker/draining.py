"""Drains orphans one after the other in a thread of its own: a server that is away must not hold up the loop."""

import logging
import queue
import threading

from turnout.core.ports import WorkApi
from turnout.worker.orphans import drain
from turnout.worker.shipping import AWAY, Backoff
from turnout.worker.spool_files import AttemptFiles

log = logging.getLogger("turnout.worker")

AGAIN_SECONDS = 2.0


class Drainer:
    """`submit` an attempt without a supervisor; it is drained, however often that must be tried."""

    def __init__(self, api: WorkApi) -> None:
        self._api = api
        self._waiting: queue.SimpleQueue[tuple[AttemptFiles, str] | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.pending: set[str] = set()
        """Names of attempts that were submitted and are not done."""
        self._thread = threading.Thread(target=self._loop, name="drain", daemon=True)

    def start(self) -> None:
        """Begin with what was submitted."""
        self._thread.start()

    def submit(self, files: AttemptFiles, reason: str) -> None:
        """Drain it soon; `reason` is reported if the engine did not say how the run ended."""
        if files.name not in self.pending:
            self.pending.add(files.name)
            self._waiting.put((files, reason))

    def drain_now(self, files: AttemptFiles, reason: str) -> None:
        """Try once in this thread; what does not succeed is submitted."""
        if not self._try(files, reason):
            self.submit(files, reason)

    def stop(self, seconds: float = 2.0) -> None:
        """Finish the attempt under way, if that takes no longer; the next worker finds the others in the spool."""
        self._stopped.set()
        self._waiting.put(None)
        self._thread.join(seconds)

    def _loop(self) -> None:
        backoff = Backoff(self._stopped.wait, longest=AGAIN_SECONDS)
        while (item := self._waiting.get()) is not None and not self._stopped.is_set():
            if self._try(*item):
                self.pending.discard(item[0].name)
                backoff.reset()
                continue
            self._waiting.put(item)
            backoff.pause()

    def _try(self, files: AttemptFiles, reason: str) -> bool:
        try:
            result = drain(files, self._api, reason)
        except AWAY:
            return False
        except Exception:  # one damaged attempt must not hold up the others
            log.exception("run %s could not be accounted for yet", files.name)
            return False
        if result == "busy":
            return False
        log.info("run %s accounted for: %s", files.name, result)
        return True
