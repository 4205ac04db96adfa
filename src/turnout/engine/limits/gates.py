"""Places of a limit in this process, given in the order in which they are asked for.

A `Claim` is a latch: nobody holds a thread for it. A gate that stands alone counts for itself; one with `slots` has a
helper thread, while somebody waits, that fetches places which other processes share: it holds up nobody else.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, start_new_thread
from collections import deque
from functools import partial

from turnout.engine.clock import monotonic
from turnout.engine.futures.futures import Latch
from turnout.engine.limits.pace import OwnPace, Pace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from turnout.engine.context.scopes import Scope

    class Slots(Protocol):
        """Places that processes share."""

        def take_now(self, weight: int) -> Any:
            """A place if there is one at this moment and nobody waits; else None."""
            ...

        def take(self, claim: Claim, wanted: Callable[[], bool]) -> Any:
            """A place, after a while; None when nothing is `wanted` any more, or it is time to ask anew."""
            ...

        def keeps(self, place: Any, weight: int) -> bool:
            """Whether a place that is free may go on to the next claim of this process."""
            ...

        def give_back(self, place: Any) -> None:
            """Soon, without waiting."""
            ...


class Claim(Latch):
    """A wish for a place. Done once it is `granted`, once it failed (`error`), or once it was given up."""

    __slots__ = (
        "asked",
        "at",
        "error",
        "gate",
        "granted",
        "holder",
        "in_use",
        "over",
        "place",
        "scope",
        "told",
        "weight",
    )

    def __init__(self, gate: Gate, weight: int, holder: str, scope: Scope | None) -> None:
        super().__init__()
        self.gate = gate
        self.weight = weight
        self.holder = holder
        self.scope = scope
        self.granted = self.over = False
        self.in_use = False
        """Whether the try that it is for has begun: from then on it ends with that."""
        self.told = False
        """Whether the wait for it is recorded."""
        self.asked = 0.0
        """So many seconds the called API wants to be left alone."""
        self.at = 0.0
        """When it was granted, monotonic seconds."""
        self.place: Any = None
        self.error: BaseException | None = None

    def drop(self) -> None:
        """Release it, unless a try has begun with it."""
        if not self.in_use:
            self.release()

    def release(self) -> None:
        """Give the place back, or leave the line. Once is enough: again does nothing."""
        if not self.over:
            self.gate.leave(self)
        self.set()


class Gate:
    """A limit: `capacity` weights at once (None: any number), at the pace's rate."""

    def __init__(
        self, name: str, capacity: int | None, pace: Any = None, slots: Slots | None = None, *, rated: bool = True
    ) -> None:
        """rated: whether it has a rate, or may have one that only the server knows."""
        self.name = name
        self.rated = rated
        self.capacity = capacity
        self.pace = pace or OwnPace(0.0)
        self._slots = slots
        self._lock = allocate_lock()
        self._line: deque[Claim] = deque()
        self._held = 0
        self._working = False
        """Whether the helper thread, or a timer, goes on with the line."""

    def ask(self, weight: int = 1, holder: str = "", scope: Scope | None = None) -> Claim:
        """A place in line, or in."""
        claim = Claim(self, weight, holder, scope)
        with self._lock:
            self._line.append(claim)
        self._advance()
        return claim

    def leave(self, claim: Claim) -> None:
        """See `Claim.release`."""
        heir = None
        with self._lock:
            if claim.over:
                return
            claim.over = True
            if claim.granted:
                self._held -= self._fitting(claim.weight)
                heir = self._heir(claim)
        if heir is not None:
            heir.set()
        elif claim.granted and self._slots is not None:
            self._slots.give_back(claim.place)
        self._advance()

    def said(self) -> str:
        """Why one waits."""
        if self.capacity is None:
            return f"waits for its turn of limit {self.name}"
        return (
            f"waits for limit {self.name} ({min(self._held, self.capacity) or self.capacity} of {self.capacity} held)"
        )

    def _heir(self, claim: Claim) -> Claim | None:
        head = self._head()
        if self._slots is None or head is None or head.weight != claim.weight:
            return None
        if not self._slots.keeps(claim.place, claim.weight):
            return None
        self._let_in(head, claim.place, monotonic())
        return head

    def _fitting(self, weight: int) -> int:
        return weight if self.capacity is None else min(weight, self.capacity)

    def _advance(self) -> None:
        if self._slots is not None:
            self._advance_shared(self._slots)
            return
        granted: list[Claim] = []
        with self._lock:
            while (head := self._head()) is not None:
                weight, now = self._fitting(head.weight), monotonic()
                if self.capacity is not None and self._held + weight > self.capacity:
                    break
                delay = self.pace.update(partial(Pace.take_if_free, now=now, turns=head.weight))
                if delay > 0:
                    self._go_on_at(now + delay)
                    break
                self._let_in(head, None, now)
                granted.append(head)
        for claim in granted:
            claim.set()

    def _go_on_at(self, moment: float) -> None:
        if self._working:
            return
        self._working = True
        from turnout.engine.stopping.timers import at

        def go_on() -> None:
            self._working = False
            start_new_thread(self._advance, ())  # what a claim lets happen is not the timer's to wait for

        at(moment, go_on)

    def _head(self) -> Claim | None:
        while self._line and self._line[0].over:
            self._line.popleft()
        return self._line[0] if self._line else None

    def _let_in(self, claim: Claim, place: Any, now: float) -> None:
        self._line.popleft()
        claim.place, claim.at, claim.granted = place, now, True
        self._held += self._fitting(claim.weight)

    def _advance_shared(self, slots: Slots) -> None:
        granted = None
        with self._lock:
            head = self._head()
            if head is None or self._working:
                return
            place = self._at_once(slots, head) if len(self._line) == 1 else None
            if place is None:
                self._working = True
            else:
                granted = head
                self._let_in(head, place, monotonic())
        if granted is not None:
            granted.set()
        else:
            start_new_thread(self._fetch, (slots,))

    @staticmethod
    def _at_once(slots: Slots, claim: Claim) -> Any:
        try:
            return slots.take_now(claim.weight)
        except OSError:
            return None  # the helper thread meets the same, and can say so

    def _fetch(self, slots: Slots) -> None:
        while True:
            with self._lock:
                head = self._head()
                if head is None:
                    self._working = False
                    return
            try:
                place = slots.take(head, self._wanted)
            except Exception as error:
                self._fail(head, error)
                continue
            if place is not None:
                self._hand_over(slots, place, head.weight)

    def _hand_over(self, slots: Slots, place: Any, weight: int) -> None:
        with self._lock:
            head = self._head()
            if head is not None and head.weight == weight:
                self._let_in(head, place, monotonic())
            else:
                head = None
        if head is None:
            slots.give_back(place)
        else:
            head.set()

    def _wanted(self) -> bool:
        with self._lock:
            return self._head() is not None

    def _fail(self, claim: Claim, error: Exception) -> None:
        with self._lock:
            claim.over = True
        claim.error = error
        claim.set()


def gate(key: tuple[Any, ...], make: Callable[[], Gate]) -> Gate:
    """The gate of this process under that key, made when it is first asked for."""
    with _lock:
        found = _gates.get(key)
        if found is None:
            found = _gates[key] = make()
        return found


def _forget() -> None:
    """A forked child holds nothing, and has none of the threads."""
    global _lock  # noqa: PLW0603 - the parent's may be taken
    _lock = allocate_lock()
    _gates.clear()


_gates: dict[tuple[Any, ...], Gate] = {}
_lock = allocate_lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
