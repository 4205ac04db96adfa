"""The pipe to the supervisor: deadlines that it enforces when this process cannot."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap

    from turnout.engine.context.scopes import Scope


class Control:
    """Writes `deadline <n> <unix seconds> <task name>` and `clear <n>`, a line each. stop_flag: memory shared with the
    supervisor; its first byte is set once the run is to stop."""

    def __init__(self, descriptor: int, stop_flag: mmap | None = None) -> None:
        self._descriptor = descriptor
        self._stop_flag = stop_flag
        self._pid = os.getpid()
        self._open: set[int] = set()

    def stop_asked(self) -> bool:
        """Whether the supervisor wants the run to stop."""
        return self._stop_flag is not None and self._stop_flag[0] != 0

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
