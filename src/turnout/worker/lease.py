"""Keeps an attempt's lease and brings the server's commands: a long poll in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Protocol

from turnout.core import errors
from turnout.worker import clock
from turnout.worker.shipping import Backoff


class LeaseApi(Protocol):
    """The one call that this needs."""

    def heartbeat(
        self, run_id: str, attempt: int, *, wait: float, timeout: float | None = None
    ) -> tuple[str | None, str | None]: ...


class LeaseKeeper:
    """Renews every third of the lease until `stop`. A server that does not answer is asked again, for ever: whether
    the run still holds its lease is the server's to say, by `fenced`.

    An answer that was lost on the way is missed while the lease still holds, and the next question does not wait in
    line: a network that swallows something for a moment ends no run. A server that is slow gets longer each time.
    """

    def __init__(
        self,
        api: LeaseApi,
        run_id: str,
        attempt: int,
        lease_seconds: float,
        *,
        on_cancel: Callable[[str], None],
        on_fenced: Callable[[], None],
    ) -> None:
        self._api = api
        self._run = (run_id, attempt)
        self._interval = lease_seconds / 3
        self._hurry = lease_seconds / 12
        self._on_cancel = on_cancel
        self._on_fenced = on_fenced
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, in a daemon thread."""
        threading.Thread(target=self._loop, name="lease", daemon=True).start()

    def stop(self) -> None:
        """Renew no more. A poll that is under way is not waited for."""
        self._stopped.set()

    def _loop(self) -> None:
        backoff = Backoff(self._stopped.wait)
        told, missed = False, 0
        while not self._stopped.is_set():
            asked = clock.monotonic()
            try:
                # Two thirds of the lease are left when a poll begins, a sixth when it is given up: time for two more.
                wait = 0.0 if told or missed else self._interval
                patience = self._hurry * 2 ** min(missed - 1, 8) if missed else 2 * self._hurry
                command, reason = self._api.heartbeat(*self._run, wait=wait, timeout=patience)
            except (errors.Fenced, errors.Unauthorized):
                # A token that nobody knows was given in a time that a restored backup knows nothing of.
                self._on_fenced()
                return
            except Exception:  # whatever it was, the lease must be asked for again
                missed += 1
                backoff.pause()
                continue
            missed = 0
            backoff.reset()
            if command == "cancel" and not told:
                told = True
                self._on_cancel(reason or "cancelled")
            self._rest(asked, told=told)

    def _rest(self, asked: float, *, told: bool) -> None:
        """A server that answers early must not be asked without pause; after a command there is nothing to wait for."""
        least = self._interval if told else min(0.02, self._interval)
        left = least - (clock.monotonic() - asked)
        if left > 0:
            self._stopped.wait(left)
