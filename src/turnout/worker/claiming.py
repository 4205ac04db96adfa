"""Claims jobs in a thread of its own, so that the loop is free while the long poll waits."""

import itertools
import threading
from collections.abc import Callable
from typing import Protocol

from turnout.core.jobs import Job
from turnout.worker import clock
from turnout.worker.shipping import AWAY, Backoff


class ClaimApi(Protocol):
    """The one call that this needs."""

    def claim(
        self, *, worker_id: str, key: str, slots: int, wait: float, session: str = "", number: int = 0
    ) -> list[Job]: ...


class Claimer:
    """`ask` for slots, get `on_jobs` or `on_error` once; a key is repeated until an answer to it was seen.

    Asking for no slots tells the server that the worker is there, and is answered at once, with no jobs.
    """

    def __init__(
        self,
        api: ClaimApi,
        worker_id: str,
        poll_seconds: float,
        *,
        on_jobs: Callable[[list[Job]], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._api = api
        self._worker_id = worker_id
        self._poll_seconds = poll_seconds
        self._on_jobs = on_jobs
        self._on_error = on_error
        self._slots = 0
        self._recalled = False
        self.session = ""
        """What the worker registered with last."""
        self._numbers = itertools.count(1)
        self._asked = threading.Semaphore(0)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="claim", daemon=True)

    def start(self) -> None:
        """Begin to wait for `ask`."""
        self._thread.start()

    def ask(self, slots: int) -> None:
        """Claim up to `slots` jobs; not again before the answer."""
        self._slots = slots
        self._recalled = False
        self._asked.release()

    def recall(self) -> None:
        """Let the claim under way be the last before the next `ask`, also if it brings nothing: `on_jobs` is called."""
        self._recalled = True

    def stop(self, seconds: float) -> bool:
        """Claim no more; wait for a poll under way so long. Whether it has come back: a later answer is lost, and the
        server is told so by the next registration."""
        self._stopped.set()
        self._asked.release()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            self._asked.acquire()
            if self._stopped.is_set():
                return
            self._claim()

    def _claim(self) -> None:
        key, number = self._fresh()
        backoff = Backoff(self._stopped.wait)
        jobs: list[Job] = []
        slots = self._slots
        wait = self._poll_seconds if slots else 0.0
        answered = False
        while not self._stopped.is_set() and not answered:
            try:
                jobs = self._api.claim(
                    worker_id=self._worker_id,
                    key=key,
                    slots=slots,
                    wait=wait,
                    session=self.session,
                    number=number,
                )
            except AWAY:
                backoff.pause()
            except Exception as error:  # a refusal, or a bug: the loop decides, the worker goes on
                self._on_error(error)
                return
            else:
                backoff.reset()
                key, number = self._fresh()
                answered = bool(jobs) or not slots or self._recalled
        if answered and not self._stopped.is_set():
            self._on_jobs(jobs)

    def _fresh(self) -> tuple[str, int]:
        """The key and number of the next claim."""
        return clock.fresh_key(), next(self._numbers)
