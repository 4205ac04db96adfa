"""What `logging` and `print` say during a run goes to its journal: when that begins and ends, and how a line is kept.

Apart from `handlers`, so that a run whose code never imports `logging` does not either: it takes as long to import as a
hundred tasks to record. A run that meets `logging` on its way is heard from its first record on.
"""

from __future__ import annotations

import builtins
import os
import sys

from turnout.core.limits import LOG_LINE_BYTES
from turnout.engine.clock import now
from turnout.engine.context.scopes import current
from turnout.engine.journal.entries import VISIBLE, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from turnout.engine.context.scopes import Root

RUN_LOGGER = "turnout.run"
ERROR = 40
"""`logging.ERROR`."""
_MARKER_ROOM = 100

active: list[Root] = []
"""The root runs of this process that are on."""


def install(root: Root) -> None:
    """Begin to capture for `root`. Calls nest; each needs its `uninstall`."""
    active.append(root)
    if len(active) > 1:
        return
    builtins.print = _print
    if _attach is not None:
        _attach(root)
    elif "logging" in sys.modules:
        import turnout.engine.logs.handlers  # noqa: F401 - it calls `handlers_loaded`
    else:
        sys.meta_path.insert(0, _watch)


def uninstall(root: Root) -> None:
    """Stop capturing for `root`."""
    active.remove(root)
    if active:
        return
    _watch.stop()
    if _detach is not None:
        _detach()
    if builtins.print is _print:
        builtins.print = plain_print


def forget_in_child() -> None:
    """In a process that user code forked: it records nothing. The run is the parent's, whose files it has open too."""
    from turnout.engine.futures.futures import _lock

    _lock._at_fork_reinit()  # type: ignore[attr-defined]  # another thread may have held it
    while active:
        active[-1].disown()
        uninstall(active[-1])


def handlers_loaded(attach: Callable[[Root], None], detach: Callable[[], None]) -> None:
    """`handlers` says that it is there, and how to begin and end listening to `logging`; beginning twice is once."""
    global _attach, _detach
    _attach, _detach = attach, detach
    if active:
        attach(active[0])


def write_line(root: Root, number: int, at: float, level: int, logger: str, message: str) -> str:
    """Journal a log line; the message as it was kept."""
    if root.mask:
        message = root.redact(message)  # before the cut, which could leave half a secret
    message = cut(message)
    root.journal.write(f'["l",{number},{at:.6f},{level},{quote(logger)},{quote(message)}]\n')
    return message


def write_error(root: Root, message: str) -> None:
    """An error of the run `root` in its journal, and nowhere else."""
    write_line(root, 0, now(), ERROR, RUN_LOGGER, message)


def cut(message: str, limit: int = LOG_LINE_BYTES) -> str:
    """`message` in at most `limit` bytes of UTF-8, saying what was dropped."""
    if len(message) * 4 <= limit:
        return message
    data = message.encode("utf-8", VISIBLE)
    if len(data) <= limit:
        return message
    kept = data[: limit - _MARKER_ROOM].decode("utf-8", "ignore")
    dropped = len(data) - len(kept.encode())
    return f"{kept} ... [cut by turnout: {dropped:,} of {len(data):,} bytes dropped]"


class _Watch:
    """Finds no module; has `handlers` imported as soon as somebody has imported `logging`."""

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "logging":
            return None
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _LoggingLoader(spec.loader)  # type: ignore[assignment]
        return spec

    def stop(self) -> None:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]


class _LoggingLoader:
    """The loader of `logging`, which it leaves in its place."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _watch.stop()
        import turnout.engine.logs.handlers  # noqa: F401 - it calls `handlers_loaded`


def _print(*values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False) -> None:
    scope = current.get()
    if scope is None or not scope.log_prints or not (file is None or file is sys.stdout or file is sys.stderr):
        plain_print(*values, sep=sep, end=end, file=file, flush=flush)
        return
    from turnout.engine.logs.handlers import log_print

    log_print(scope, (" " if sep is None else sep).join(map(str, values)))


plain_print = builtins.print
_watch = _Watch()
_attach: Callable[[Root], None] | None = None
_detach: Callable[[], None] | None = None
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)
