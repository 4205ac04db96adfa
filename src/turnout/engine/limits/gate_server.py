"""Places of a limit that the server gives out: those of `limits:` in turnout.yaml, shared by every host.

A place lives with the attempt of its run (ADR 0011), so nothing is renewed, and a server that is away for a while costs
nobody a place. Waiting is one long poll, in the gate's helper thread. A place without a rate may go on to the next
who waits in the same process, for `KEEP_SECONDS`: short calls are not slowed by questions, and nobody else waits much
longer. A limit that the server does not know is kept by
`otherwise`.
"""

from __future__ import annotations

from _queue import SimpleQueue
from _thread import allocate_lock, start_new_thread

from turnout.core.errors import NotFound, ServerUnreachable, StoreUnavailable, TurnoutError
from turnout.engine.clock import monotonic, sleep
from turnout.engine.context.scopes import current
from turnout.engine.control_plane.asking import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, POLL_SECONDS, ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.core.ports import RunApi
    from turnout.engine.context.scopes import Scope
    from turnout.engine.limits.gates import Claim, Slots

UNKNOWN_SECONDS = 5.0
"""How long a script waits until whoever stores its journal knows its run."""
GIVE_BACK_SECONDS = 900.0
"""How long a server that is away is told that a place is free; the end of the attempt frees it in any case."""


KEEP_SECONDS = 3.0
"""How long a process hands a place on among its own before it gives it back."""


class ServerSlots:
    """Places of the limit `name`, for one run. pace: what the server cannot know, how much the called API bears.
    otherwise: makes the places of a limit that the server does not know. rated: whether it has, or may have, a rate."""

    def __init__(self, name: str, pace: Any, otherwise: Callable[[], Slots], *, rated: bool) -> None:
        self._name = name
        self._rated = rated
        self._pace = pace
        self._make_other = otherwise
        self._other: Slots | None = None

    def take_now(self, weight: int) -> Any:
        """Nothing but what needs no question."""
        return self._other.take_now(weight) if self._other is not None else None

    def take(self, claim: Claim, wanted: Callable[[], bool]) -> Any:
        """A place, as soon as the server has one."""
        if self._other is not None:
            return self._other.take(claim, wanted)
        while (delay := self._pace.update(lambda pace: pace.wait(monotonic()))) > 0 and wanted():
            sleep(min(delay, POLL_SECONDS / 50))
        try:
            return self._ask(claim)
        except NotFound as error:
            if _is_the_run(error):
                return self._unknown_run(claim, wanted)
            self._other = self._make_other()
            return None

    def keeps(self, place: Any, weight: int) -> bool:
        """Whether it may go on in this process."""
        if self._rated or not isinstance(place, _Place) or monotonic() - place.since > KEEP_SECONDS:
            return False
        return bool(self._pace.update(lambda pace: pace.take_if_free(monotonic(), weight)) <= 0)

    def give_back(self, place: Any) -> None:
        """Tell the server, in a thread of its own."""
        if not isinstance(place, _Place):
            assert self._other is not None
            self._other.give_back(place)
            return
        _back.put(place)
        _start_telling()

    def _ask(self, claim: Claim) -> _Place | None:
        assert claim.scope is not None
        root, holder = claim.scope.root, _holder(claim)
        token = current.set(claim.scope)
        try:
            held = ask(
                lambda api: api.acquire_slot(
                    root.run_id, root.attempt, self._name, holder, weight=claim.weight, wait=POLL_SECONDS
                )
            )
        finally:
            current.reset(token)
        if not held:
            return None
        self._pace.update(lambda pace: pace.take(monotonic(), claim.weight))
        return _Place(claim.scope, self._name, holder)

    def _unknown_run(self, claim: Claim, wanted: Callable[[], bool]) -> _Place | None:
        end = monotonic() + UNKNOWN_SECONDS
        while wanted():
            sleep(FIRST_PAUSE_SECONDS / 4)
            try:
                return self._ask(claim)
            except NotFound as error:
                if not _is_the_run(error) or monotonic() > end:
                    raise
        return None


class _Place:
    __slots__ = ("holder", "name", "scope", "since")

    def __init__(self, scope: Scope, name: str, holder: str) -> None:
        self.scope = scope
        self.name = name
        self.holder = holder
        self.since = monotonic()


def _holder(claim: Claim) -> str:
    """Unique in the attempt, and readable in `turnout slots`."""
    global _number  # noqa: PLW0603
    with _lock:
        _number += 1
        return f"{claim.holder[-150:]}@{_number}"


def _is_the_run(error: NotFound) -> bool:
    return not error.what.startswith("there is no limit")


def _start_telling() -> None:
    global _telling  # noqa: PLW0603 - one thread a process, while there is something to tell
    with _lock:
        if _telling:
            return
        _telling = True
    start_new_thread(_tell, ())


def _tell() -> None:
    global _telling  # noqa: PLW0603
    while True:
        with _lock:
            if _back.empty():
                _telling = False
                return
        _give_back(_back.get())


def _give_back(place: _Place) -> None:
    root = place.scope.root
    end, pause = monotonic() + GIVE_BACK_SECONDS, FIRST_PAUSE_SECONDS

    def release(api: RunApi) -> None:
        api.release_slot(root.run_id, root.attempt, place.name, place.holder)

    from turnout.engine.connect import api

    while monotonic() < end:
        try:
            release(api(place.scope))
        except (ServerUnreachable, StoreUnavailable):
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        except TurnoutError:
            return  # the attempt is over, and its places with it
        else:
            return


_back: SimpleQueue[_Place] = SimpleQueue()
_lock = allocate_lock()
_telling = False
_number = 0
