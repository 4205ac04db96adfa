"""News for open pages: which topics changed, never what they say now. Pages ask for that themselves.

A topic is `run:<id>`, `runs` (any run), or one of KEPT. Runs come from the outbox, so each change is told once and a
page that lost its connection learns what it missed; the rest is told by the route that changed it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from turnout.core.ports import Store, Tx
from turnout.server.hints import Bell, LoopHints

T = TypeVar("T")
TOPIC = "feed"
"""The hint that wakes those who wait for news."""
CHANGED = "changed:"
"""Before the topic, in hints of what routes changed."""
KEPT = ("deployments", "workers", "values", "attention")
ANY_RUN = "run:*"
SETTLE_SECONDS = 0.2
"""How long news are gathered before they are told."""
PAGE_EVENTS = 1000
"""Who missed more than this is told that everything may have changed."""
NAMED_RUNS = 100
"""Of so many runs at once, each is named; of more, none."""
KEPT_NEWS = 256

_TOUCHED = (
    ("/api/v1/attention", "attention"),
    ("/api/v1/work/register", "workers"),
    ("/api/v1/credentials", "values"),
    ("/api/v1/values", "values"),
    ("/api/v1/saved-views", "values"),
    ("/api/v1/views/runs/actions", "runs"),
    ("/api/v1/limits", "deployments"),
    ("/api/v1/pauses", "deployments"),
    ("/api/v1/apply", "deployments"),
    ("/api/v1/rollback", "deployments"),
    ("/api/v1/releases", "deployments"),
    ("/api/v1/deployments/{name}/pause", "deployments"),
    ("/api/v1/deployments/{name}/resume", "deployments"),
)


def touched(path: str) -> str | None:
    """The topic that a successful change at a route's path is news of; runs have the outbox."""
    return next((topic for prefix, topic in _TOUCHED if path.startswith(prefix)), None)


def topics_of(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """What events of the outbox are news of."""
    runs = {f"run:{event['run_id']}" for event in events}
    if not runs:
        return set()
    return {"runs", ANY_RUN} if len(runs) > NAMED_RUNS else {"runs", *runs}


class Feed:
    """The news of one server. On its event loop only, but for what `hints` calls."""

    def __init__(self, store: Store, hints: LoopHints) -> None:
        self._store = store
        self._hints = hints
        self._loop = asyncio.get_running_loop()
        self._readers = 0
        self._pending: set[str] = set()
        self._gathering: asyncio.Task[None] | None = None
        self._told: list[tuple[int, set[str]]] = []
        self._count = 0
        self.seq = 0
        """Of the outbox, what was told up to here."""
        hints.forward(self._hinted)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[None]:
        """Gather news from now on: with nobody to read them there are none."""
        self._readers += 1
        try:
            if self._readers == 1 or not self.seq:
                self.seq = await self._read(lambda tx: tx.outbox.last())
            yield
        finally:
            self._readers -= 1

    @property
    def count(self) -> int:
        """How many news there were."""
        return self._count

    def since(self, count: int) -> set[str] | None:
        """The topics of the news above `count`; None when they are not kept any more."""
        if count >= self._count:
            return set()
        if not self._told or self._told[0][0] > count + 1:
            return None
        return {topic for number, topics in self._told if number > count for topic in topics}

    async def missed(self, seq: int) -> set[str] | None:
        """What a page missed that was told everything up to `seq` of the outbox; None when it is too much to tell."""
        last, events = await self._read(lambda tx: (tx.outbox.last(), tx.outbox.after(seq, PAGE_EVENTS)))
        if seq > last or len(events) == PAGE_EVENTS:
            return None
        return topics_of(events) | set(KEPT)

    def _hinted(self, topic: str) -> None:
        """From any thread."""
        if self._readers and topic.startswith(("run:", "pool:", "log:", CHANGED)):
            try:
                self._loop.call_soon_threadsafe(self._gather, topic)
            except RuntimeError:
                return  # the loop is closed: nobody reads news any more

    def _gather(self, topic: str) -> None:
        if topic.startswith(CHANGED):
            self._pending.add(topic.removeprefix(CHANGED))
        elif topic.startswith("log:"):
            # Its tasks and log went on: news for its own page only.
            self._pending.add("run:" + topic.removeprefix("log:"))
        if self._gathering is None or self._gathering.done():
            self._gathering = self._loop.create_task(self._tell())

    async def _tell(self) -> None:
        await Bell(lambda: False).wait(SETTLE_SECONDS)  # a burst is told once
        seq = self.seq
        events = await self._read(lambda tx: tx.outbox.after(seq, PAGE_EVENTS))
        topics = topics_of(events) | self._pending
        self._pending = set()
        if events:
            self.seq = int(events[-1]["seq"])
        if topics:
            self._count += 1
            self._told = [*self._told[1 - KEPT_NEWS :], (self._count, topics)]
            self._hints.deliver(TOPIC)
        if len(events) == PAGE_EVENTS:
            self._gathering = self._loop.create_task(self._tell())

    async def _read(self, fn: Callable[[Tx], T]) -> T:
        return await self._loop.run_in_executor(None, self._store.read, fn)
