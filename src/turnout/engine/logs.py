"""Logs: what `logging` and `print` say during a run goes to its journal, and in scripts to stderr.

While a run is on, a handler on the root logger journals every record from INFO up, whoever logged it. Lowering the
root logger's level for that must not make the user's own handlers say more: they get a filter that keeps their view.
"""

from __future__ import annotations

import builtins
import logging
import sys

from turnout.core.limits import LOG_LINE_BYTES
from turnout.engine.clock import now
from turnout.engine.context import current
from turnout.engine.entries import VISIBLE, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context import Root, Scope

RUN_LOGGER = "turnout.run"
PRINT_LOGGER = "turnout.print"
_MARKER_ROOM = 100


def run_logger() -> Any:
    """The logger of the current run: a `logging.LoggerAdapter`. Outside a run: the logger `turnout`."""
    scope = current.get()
    if scope is None:
        return logging.getLogger("turnout")
    return RunLogger(_run_logger, {"turnout_scope": scope})


def engine_log(scope: Scope, message: str) -> None:
    """A warning of the engine in the log of `scope`."""
    _run_logger.warning("%s", message, extra={"turnout_scope": scope})


def to_journal(root: Root, message: str) -> None:
    """An error of the run `root` in its journal, and nowhere else."""
    _write(root, 0, now(), logging.ERROR, RUN_LOGGER, message)


def install(root: Root) -> None:
    """Begin to capture for `root`. Calls nest; each needs its `uninstall`."""
    global _lowered  # noqa: PLW0603
    _active.append(root)
    if len(_active) > 1:
        return
    top = logging.getLogger()
    _handler.console = root.console and not top.handlers
    _lowered = None
    if top.level > logging.INFO:
        _lowered = _KeepLevel(top.level, _all_handlers())
        top.setLevel(logging.INFO)
    top.addHandler(_handler)
    builtins.print = _print


def uninstall(root: Root) -> None:
    """Stop capturing for `root`."""
    _active.remove(root)
    if _active:
        return
    top = logging.getLogger()
    top.removeHandler(_handler)
    if _lowered is not None:
        _lowered.withdraw(top)
    if builtins.print is _print:
        builtins.print = _plain_print


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


class RunLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger bound to a run. Where nobody but the journal listens, a line takes the short way there."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if kwargs or (args and type(args[0]) is dict) or not _only_the_journal_listens():
            super().log(level, msg, *args, **{**kwargs, "stacklevel": kwargs.get("stacklevel", 1) + 1})
        elif level >= logging.INFO and level > logging.root.manager.disable:
            scope: Any = self.extra["turnout_scope"]  # type: ignore[index]
            try:
                message = str(msg) % args if args else str(msg)
            except Exception:
                message = f"{msg!r} % {args!r}"
            _write(scope.root, scope.number, now(), level, RUN_LOGGER, message)


class _JournalHandler(logging.Handler):
    console = False

    def handle(self, record: logging.LogRecord) -> bool:
        # Not through Handler.handle: the journal has its own lock, and a line must not wait for another's console.
        if record.levelno >= logging.INFO:
            self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        scope = record.__dict__.get("turnout_scope") or current.get()
        if scope is not None:
            root, number = scope.root, scope.number
        elif len(_active) == 1:  # a thread of the user's own, which knows no context
            root, number = _active[0], 0
        else:
            return
        message = _write(root, number, record.created, record.levelno, record.name, _message(record))
        if self.console and root.console:
            _show(record, scope, message)


class _KeepLevel(logging.Filter):
    """On the user's handlers: they go on seeing what the root logger's own level let through."""

    def __init__(self, level: int, handlers: list[logging.Handler]) -> None:
        super().__init__()
        self._level = level
        self._handlers = handlers
        for handler in handlers:
            handler.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= self._level or record.name in _OURS or _has_own_level(record.name)

    def withdraw(self, top: logging.Logger) -> None:
        for handler in self._handlers:
            handler.removeFilter(self)
        if top.level == logging.INFO:  # otherwise the user has set another level meanwhile
            top.setLevel(self._level)


def _write(root: Root, number: int, at: float, level: int, logger: str, message: str) -> str:
    if root.mask:
        message = root.redact(message)  # before the cut, which could leave half a secret
    message = cut(message)
    root.journal.write(f'["l",{number},{at:.6f},{level},{quote(logger)},{quote(message)}]\n')
    return message


def _only_the_journal_listens() -> bool:
    listening = logging.root.handlers
    return (
        len(listening) == 1
        and listening[0] is _handler
        and not _handler.console
        and not _run_logger.handlers
        and _run_logger.parent is logging.root
        and _run_logger.propagate
        and not _run_logger.filters
        and _run_logger.level == logging.INFO
    )


def _all_handlers() -> list[logging.Handler]:
    loggers = [logging.getLogger(), *logging.getLogger().manager.loggerDict.values()]
    found = [handler for logger in loggers if isinstance(logger, logging.Logger) for handler in logger.handlers]
    return list(dict.fromkeys(found))


def _has_own_level(name: str) -> bool:
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None and logger.parent is not None:
        if logger.level:
            return True
        logger = logger.parent
    return False


def _message(record: logging.LogRecord) -> str:
    try:
        message = record.getMessage()
    except Exception:  # the arguments do not fit the format: keep both, as `logging` does on stderr
        message = f"{record.msg!r} % {record.args!r}"
    if record.exc_info and record.exc_info[1] is not None:
        message = f"{message}\n{_formatter.formatException(record.exc_info)}"
    if record.stack_info:
        message = f"{message}\n{record.stack_info}"
    return message


def _show(record: logging.LogRecord, scope: Scope | None, message: str) -> None:
    where = scope.name if scope is not None else record.name
    line = f"{_formatter.formatTime(record, '%H:%M:%S')} {record.levelname:<7} {where} | {message}\n"
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(line)
        stream.flush()
    except UnicodeEncodeError:
        stream.write(line.encode(errors="backslashreplace").decode())
    except (OSError, ValueError):
        pass  # a closed terminal is no reason to fail


def _print(*values: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False) -> None:
    scope = current.get()
    if scope is None or not scope.log_prints or not (file is None or file is sys.stdout or file is sys.stderr):
        _plain_print(*values, sep=sep, end=end, file=file, flush=flush)
        return
    message = (" " if sep is None else sep).join(map(str, values))
    _print_logger.info("%s", message, extra={"turnout_scope": scope})


_plain_print = builtins.print
_formatter = logging.Formatter()
_handler = _JournalHandler()
_active: list[Root] = []
_lowered: _KeepLevel | None = None
_OURS = (RUN_LOGGER, PRINT_LOGGER)
_run_logger = logging.getLogger(RUN_LOGGER)
_print_logger = logging.getLogger(PRINT_LOGGER)
_run_logger.setLevel(logging.INFO)
_print_logger.setLevel(logging.INFO)
