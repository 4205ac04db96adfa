"""The supervisor's shipping thread: follows the journals while the flow runs and settles the account when it ended."""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from turnout.core import errors
from turnout.worker import clock
from turnout.worker.shipping import Backoff, JournalApi, Shipper
from turnout.worker.stopping import Event

POLL_SECONDS = 0.01
IDLE_POLL_SECONDS = 0.08
STREAMS_SECONDS = 0.5
REFUSED_SECONDS = 60.0
"""How long a finished run goes on asking a server that refuses its token, before it leaves the rest to the worker."""


class ShippingApi(JournalApi, Protocol):
    """Journal and report."""

    def report(self, run_id: str, attempt: int, event: Event, reason: str) -> None: ...


class Verdict(NamedTuple):
    """What is reported if the engine did not say itself how the run ended."""

    event: Event
    reason: str


class ShippingLoop:
    """start, then finish, then wait; `complete` says whether the server has everything."""

    def __init__(
        self, shipper: Shipper, api: ShippingApi, run_id: str, attempt: int, *, on_fenced: Callable[[], None]
    ) -> None:
        self.complete = False
        self._shipper = shipper
        self._api = api
        self._run = (run_id, attempt)
        self._on_fenced = on_fenced
        self._nudge = threading.Event()
        self._verdict: Verdict | None = None
        self._hold_back: bytes | None = None
        self._give_up_at: float | None = None
        self._refused_since: float | None = None
        self._looked_at = 0.0
        self._thread = threading.Thread(target=self._loop, name="shipping", daemon=True)

    @property
    def outcome(self) -> str | None:
        """The final state that the engine wrote, once the server has it."""
        return self._shipper.outcome

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def nudge(self) -> None:
        """Something was written."""
        self._nudge.set()

    def overrule_cancelled(self) -> None:
        """From now on the flow's own `cancelled` is not shipped before the verdict: it is only the engine's answer to
        a TERM that was sent for another reason."""
        self._hold_back = b"cancelled"

    def finish(self, verdict: Verdict, unwritten: Sequence[bytes] = ()) -> None:
        """The writers are dead: ship the rest and what the disk had no room for, then report unless the engine said how
        it ended."""
        self._shipper.add_unwritten(unwritten)
        self._verdict = verdict
        self._nudge.set()

    def hurry(self, seconds: float) -> None:
        """Try for so long and no longer; what is left is the worker's to drain."""
        self._give_up_at = clock.monotonic() + seconds
        self._nudge.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        backoff = Backoff(self._pause)
        delay = POLL_SECONDS
        while True:
            verdict = self._verdict
            try:
                shipped = self._follow(everything=verdict is not None)
                if verdict is not None:
                    self._settle(verdict)
                    self.complete = True
                    return
            except errors.Fenced:
                self._on_fenced()
                return
            except Exception as error:  # the server or the disk: neither may end the shipping of a living run
                if self._gives_up(error):
                    return
                backoff.pause()
                continue
            backoff.reset()
            self._refused_since = None
            delay = POLL_SECONDS if shipped else min(delay * 1.5, IDLE_POLL_SECONDS)
            self._pause(delay)

    def _pause(self, seconds: float) -> None:
        self._nudge.wait(seconds)
        self._nudge.clear()

    def _follow(self, *, everything: bool) -> int:
        now = clock.monotonic()
        if everything or now - self._looked_at > STREAMS_SECONDS:
            self._shipper.look_for_streams()
            self._looked_at = now
        if not everything and not self._shipper.has_news():
            return 0
        return self._shipper.ship_all(hold_back=self._hold_back)

    def _settle(self, verdict: Verdict) -> None:
        if self._shipper.outcome is None:
            try:
                self._api.report(*self._run, verdict.event, verdict.reason)
            except errors.Fenced:
                raise
            except errors.Conflict:
                pass  # the attempt is over already
        self._hold_back = None
        self._shipper.ship_all()

    def _gives_up(self, error: Exception) -> bool:
        now = clock.monotonic()
        if self._give_up_at is not None and now >= self._give_up_at:
            return True
        if not isinstance(error, errors.Unauthorized | errors.Forbidden | errors.NotFound):
            self._refused_since = None
            return False
        self._refused_since = self._refused_since or now
        return self._verdict is not None and now - self._refused_since > REFUSED_SECONDS
