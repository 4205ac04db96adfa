"""The pipe to the supervisor: deadlines that it enforces when this process cannot."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.context import Scope


class Control:
    """Writes `deadline <n> <unix seconds> <task name>` and `clear <n>`, a line each."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pid = os.getpid()
        self._open: set[int] = set()

    def deadline(self, scope: Scope, moment: float) -> None:
        """`scope` must be over by `moment`."""
        self._open.add(scope.number)
        name = " ".join(scope.root.redact(scope.name).split())[:200]
        self._send(f"deadline {scope.number} {moment:.3f} {name}\n")

    def clear(self, scope: Scope) -> None:
        """`scope` is over, if it had a deadline."""
        if scope.number in self._open:
            self._open.discard(scope.number)
            self._send(f"clear {scope.number}\n")

    def _send(self, line: str) -> None:
        if os.getpid() != self._pid:
            return
        with suppress(OSError):  # a supervisor that is gone takes this process along
            os.write(self._descriptor, line.encode("utf-8", "replace"))
