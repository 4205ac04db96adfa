"""Wake-ups inside the server's process: a commit in any thread wakes the requests that wait for its topic.

A hint may be lost without harm: whoever waits looks at the database again when its time is up. The order is always
listen, look, wait, so that what happens between looking and waiting rings the bell.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Bell:
    """Rung when the topic it listens to has news, its client has gone, or the server stops."""

    def __init__(self, closed: Callable[[], bool]) -> None:
        self._event = asyncio.Event()
        self._closed = closed
        self._gone = False

    def stopped(self) -> bool:
        """Whether waiting makes no sense any more."""
        return self._gone or self._closed()

    def gone(self) -> bool:
        """Whether nobody reads the answer any more."""
        return self._gone

    def ring(self) -> None:
        """Wake the waiter. On the event loop only."""
        self._event.set()

    def leave(self) -> None:
        """The client has gone: nobody reads the answer. On the event loop only."""
        self._gone = True
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """True when the bell rings, at once if it rang since the last wait; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class LoopHints:
    """`core.ports.Hints` on one event loop. `notify` may be called from any thread, at any time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: dict[str, set[Bell]] = {}
        self._others: list[Callable[[str], None]] = []
        self._far: list[Callable[[str], None]] = []
        self._closed = False

    def start(self) -> None:
        """Take the running event loop; hints that came before had nobody to wake."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """Let every waiter go, now and from now on. On the event loop only."""
        self._closed = True
        for topic in list(self._bells):
            self._ring(topic)

    def notify(self, topic: str) -> None:
        """Wake whoever listens to `topic`, on other servers, too."""
        self.deliver(topic)
        for far in self._far:
            far(topic)

    def deliver(self, topic: str) -> None:
        """Wake whoever listens to `topic` here: what another server notified."""
        for other in self._others:
            other(topic)
        if self._loop is None or topic not in self._bells:
            return
        try:
            self._loop.call_soon_threadsafe(self._ring, topic)
        except RuntimeError:
            # The loop has closed between the check and the call: nobody is left to wake.
            self._loop = None

    def forward(self, other: Callable[[str], None]) -> None:
        """Also tell `other`, in the notifying thread, of every hint."""
        self._others.append(other)

    def broadcast(self, far: Callable[[str], None]) -> None:
        """Also tell `far`, which reaches other servers, of what is notified here."""
        self._far.append(far)

    @contextmanager
    def listen(self, topic: str) -> Iterator[Bell]:
        """A bell that rings on every hint for `topic` from now on."""
        bell = Bell(lambda: self._closed)
        bells = self._bells.setdefault(topic, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells and self._bells.get(topic) is bells:
                del self._bells[topic]

    def _ring(self, topic: str) -> None:
        for bell in self._bells.get(topic, ()):
            bell.ring()


class NearHints:
    """`core.ports.Hints` for what every server finds out by itself: wakes who waits here, and tells no other server."""

    def __init__(self, hints: LoopHints) -> None:
        self.notify = hints.deliver
