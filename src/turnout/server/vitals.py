"""Whether the server can do its work: its database takes a write. Asked at most once in a while, whoever asks."""

import asyncio
from collections.abc import Callable

from turnout.core.errors import TurnoutError
from turnout.core.ports import Store

FRESH_SECONDS = 2.0
"""How long an answer holds: strangers may ask as often as they like."""
SLOW_SECONDS = 5.0
"""A database that takes longer is as good as gone."""


class Vitals:
    """The latest answer and when it was given."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = True
        self._until = 0.0
        self._asking: asyncio.Task[bool] | None = None

    async def good(self) -> bool:
        """Whether an empty write was committed just now."""
        now: Callable[[], float] = asyncio.get_running_loop().time
        if now() >= self._until:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.ensure_future(self._writes())
            # Shielded: who goes away must not end the question of the others.
            self._known = await asyncio.shield(self._asking)
            self._until = now() + FRESH_SECONDS
        return self._known

    async def _writes(self) -> bool:
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await asyncio.wrap_future(self._store.submit(lambda tx: None))
        except (TurnoutError, TimeoutError):
            return False
        return True
