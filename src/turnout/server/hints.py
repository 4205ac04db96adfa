"""Wake-ups inside the server's process: a commit in any thread wakes the requests that wait for its topic.

A hint may be lost without harm: whoever waits looks at the database again when its time is up. The order is always
listen, look, wait, so that what happens between looking and waiting rings the bell.

Where one waiter takes what another then finds gone (workers and the runs of their pool), waking all is a stampede: such
bells stand in line. A hint rings one of them; who is rung looks, calls as many others as it sees work for, and on
leaving rings the next.
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
        self.called = False
        """Whether another waiter has seen work for this one."""

    def stopped(self) -> bool:
        """Whether waiting makes no sense any more."""
        return self._gone or self._closed()

    def gone(self) -> bool:
        """Whether nobody reads the answer any more."""
        return self._gone

    def ring(self) -> None:
        """Wake the waiter. On the event loop only."""
        self._event.set()

    def rung(self) -> bool:
        """Whether it was rung since the last wait."""
        return self._event.is_set()

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


class Line:
    """Bells in the order they came. On the event loop only."""

    def __init__(self) -> None:
        self._bells: dict[Bell, None] = {}

    def __len__(self) -> int:
        return len(self._bells)

    def enter(self, bell: Bell) -> "Place":
        """Stand at the end."""
        self._bells[bell] = None
        return Place(self, bell)

    def leave(self, bell: Bell) -> None:
        """Go; whoever is next is rung: what rang here may be for more than one, or was not seen to."""
        del self._bells[bell]
        self.ring(1)

    def first(self, bell: Bell) -> bool:
        """Whether nobody stands before it."""
        return next(iter(self._bells)) is bell

    def ring(self, count: int, *, after: Bell | None = None, besides: Bell | None = None, called: bool = False) -> None:
        """Ring the first `count` that are not rung already, of those behind `after` if it is given."""
        for bell in self._behind(after):
            if count <= 0:
                return
            if bell is not besides and not bell.rung():
                bell.called = called
                bell.ring()
                count -= 1

    def ring_all(self) -> None:
        """Ring everybody."""
        self.ring(len(self._bells))

    def _behind(self, after: Bell | None) -> Iterator[Bell]:
        bells = iter(list(self._bells))
        if after is not None:
            for bell in bells:
                if bell is after:
                    break
        return bells


class Place:
    """A waiter's place in a line."""

    def __init__(self, line: Line, bell: Bell) -> None:
        self._line = line
        self.bell = bell

    @property
    def waiting(self) -> int:
        """How many stand in the line."""
        return len(self._line)

    def first(self) -> bool:
        """Whether nobody stands before this place: one is enough to watch the clock."""
        return self._line.first(self.bell)

    def call_others(self, count: int) -> None:
        """There is work for so many others."""
        self._line.ring(count, besides=self.bell, called=True)

    def pass_on(self) -> None:
        """What was seen could not be taken from here: let the next behind look, the last nobody."""
        self._line.ring(1, after=self.bell)


class LoopHints:
    """`core.ports.Hints` on one event loop. `notify` may be called from any thread, at any time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: dict[str, set[Bell]] = {}
        self._lines: dict[str, Line] = {}
        self._others: list[Callable[[str], None]] = []
        self._far: list[Callable[[str], None]] = []
        self._closed = False

    def start(self) -> None:
        """Take the running event loop; hints that came before had nobody to wake."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """Let every waiter go, now and from now on. On the event loop only."""
        self._closed = True
        for topic in [*self._bells, *self._lines]:
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
        if self._loop is None or (topic not in self._bells and topic not in self._lines):
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

    @contextmanager
    def stand_in(self, topic: str) -> Iterator["Place"]:
        """A place at the end of the line of those who share what `topic` tells of: a hint rings one of them."""
        line = self._lines.setdefault(topic, Line())
        place = line.enter(Bell(lambda: self._closed))
        try:
            yield place
        finally:
            line.leave(place.bell)
            if not line and self._lines.get(topic) is line:
                del self._lines[topic]

    def _ring(self, topic: str) -> None:
        for bell in self._bells.get(topic, ()):
            bell.ring()
        if topic in self._lines:
            self._lines[topic].ring_all() if self._closed else self._lines[topic].ring(1)


class NearHints:
    """`core.ports.Hints` for what every server finds out by itself: wakes who waits here, and tells no other server."""

    def __init__(self, hints: LoopHints) -> None:
        self.notify = hints.deliver
