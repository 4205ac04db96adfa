"""Progress on stderr: one line that is rewritten on a terminal, and a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time


class Progress:
    """`show` as often as you like; `done` when it is over."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._started = time.monotonic()
        self._shown = 0.0

    def show(self, count: int, faults: int = 0, note: str = "") -> None:
        """So many cases are done."""
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if now - self._shown < (0.1 if terminal else 10.0):
            return
        self._shown = now
        print(self._text(count, faults, note), file=sys.stderr, flush=True, end="" if terminal else "\n")

    def done(self, count: int, faults: int = 0, note: str = "") -> None:
        """It is over."""
        print(self._text(count, faults, note), file=sys.stderr, flush=True)

    def _text(self, count: int, faults: int, note: str) -> str:
        of = f"/{self._total:,}" if self._total else ""
        words = f"{self._what}: {count:,}{of}, {faults} faults, {time.monotonic() - self._started:.0f} s"
        words += f"  {note}" if note else ""
        return f"\r\x1b[K{words}" if sys.stderr.isatty() else words
