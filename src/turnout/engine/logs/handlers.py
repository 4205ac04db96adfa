"""Handlers of `logging`: what is logged during a run goes to its journal (`capture`), and in scripts to stderr.

While a run is on, a handler on the root logger journals every record from INFO up, whoever logged it. Lowering the
root logger's level for that must not make the user's own handlers say more: they get a filter that keeps their view.
"""

from __future__ import annotations

import logging
import os
import sys

from turnout.core.errors import MissingContext
from turnout.engine.clock import now
from turnout.engine.context.scopes import current
from turnout.engine.logs.capture import RUN_LOGGER, active, handlers_loaded, write_line
from turnout.engine.strict import is_strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.run_contexts import RunContext
    from turnout.engine.context.scopes import Root, Scope

PRINT_LOGGER = "turnout.print"


def run_logger(context: RunContext | None = None, extra: dict[str, Any] | None = None) -> Any:
    """The logger of the current run, or of `context`: a `logging.LoggerAdapter`. Outside a run: the logger `turnout`.

    Raises MissingContext there if the behaviour is strict.
    """
    if silenced:
        return _silent
    scope = context._scope if context is not None else current.get()
    if scope is not None:
        return RunLogger(_run_logger, {"turnout_scope": scope, **extra} if extra else {"turnout_scope": scope})
    if is_strict(None):
        raise MissingContext(
            "get_run_logger() needs a run and was called outside one",
            fix="call it inside a flow or a task, or unset TURNOUT_STRICT",
        )
    return logging.getLogger("turnout")


def engine_log(scope: Scope, message: str, level: int = logging.WARNING) -> None:
    """A line of the engine in the log of `scope`."""
    _run_logger.log(level, "%s", message, extra={"turnout_scope": scope})


def log_print(scope: Scope, message: str) -> None:
    """What `print` was given in `scope`, as a log line."""
    _print_logger.info("%s", message, extra={"turnout_scope": scope})


def attach(root: Root) -> None:
    """Begin to listen to `logging`; `root` says whether a console is to see it."""
    global _lowered  # noqa: PLW0603
    top = logging.getLogger()
    if _handler in top.handlers:
        return
    _handler.console = root.console and not top.handlers
    _lowered = None
    if top.level > logging.INFO:
        _lowered = _KeepLevel(top.level, _all_handlers())
        top.setLevel(logging.INFO)
    top.addHandler(_handler)


def detach() -> None:
    """Stop listening."""
    top = logging.getLogger()
    top.removeHandler(_handler)
    if _lowered is not None:
        _lowered.withdraw(top)


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
            write_line(scope.root, scope.number, now(), level, RUN_LOGGER, message)


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
            if record.name not in _OURS and is_strict(scope) and not _is_extra(record.name):
                return
            root, number = scope.root, scope.number
        elif len(active) == 1:  # a thread of the user's own, which knows no context
            root, number = active[0], 0
        else:
            return
        message = write_line(root, number, record.created, record.levelno, record.name, _message(record))
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


def _is_extra(name: str) -> bool:
    """Whether strict runs are to hear a logger of the standard library, by TURNOUT_LOGGING_EXTRA_LOGGERS."""
    wanted = os.environ.get("TURNOUT_LOGGING_EXTRA_LOGGERS", os.environ.get("PREFECT_LOGGING_EXTRA_LOGGERS", ""))
    return any(name == each or name.startswith(f"{each}.") for each in map(str.strip, wanted.split(",")) if each)


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


silenced = 0
"""How many `disable_run_logger` are on."""
_silent = logging.Logger("turnout.silent", logging.CRITICAL + 1)
_formatter = logging.Formatter()
_handler = _JournalHandler()
_lowered: _KeepLevel | None = None
_OURS = (RUN_LOGGER, PRINT_LOGGER)
_run_logger = logging.getLogger(RUN_LOGGER)
_print_logger = logging.getLogger(PRINT_LOGGER)
_run_logger.setLevel(logging.INFO)
_print_logger.setLevel(logging.INFO)
handlers_loaded(attach, detach)
