"""How a flow asks the control plane: it bears with a server that is away for a while."""

from __future__ import annotations

from turnout.core.errors import ServerUnreachable, StoreUnavailable
from turnout.engine.clock import monotonic, sleep
from turnout.engine.connect import api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from turnout.core.ports import RunApi

    T = TypeVar("T")

OUTAGE_SECONDS = 900.0
"""How long a flow waits for a server that does not answer before the question fails."""
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
POLL_SECONDS = 10.0
"""How long one question is held by the server: a flow that is stopped meanwhile waits no longer."""


def ask(question: Callable[[RunApi], T], *, repeat: bool = True) -> T:
    """The answer of whom `engine.connect.api` names. repeat: asking twice does no harm, so a server that is away is
    waited for. Raises `core.errors`."""
    asked = api()
    begun, pause = monotonic(), FIRST_PAUSE_SECONDS
    while True:
        try:
            return question(asked)
        except (ServerUnreachable, StoreUnavailable):
            if not repeat or monotonic() - begun > OUTAGE_SECONDS:
                raise
        sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
