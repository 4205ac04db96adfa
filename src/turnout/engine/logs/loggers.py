"""Loggers beside the run's own, and tools for tests that look at what was logged."""

from __future__ import annotations

import logging

from turnout.engine.logs import handlers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

NAME = "turnout"


def get_logger(name: str | None = None) -> logging.Logger:
    """The standard library's logger `turnout`, or one below it."""
    if name is None or name == NAME:
        return logging.getLogger(NAME)
    return logging.getLogger(name if name.startswith(f"{NAME}.") else f"{NAME}.{name}")


class disable_logger:  # noqa: N801 - `with disable_logger(name):`
    """Around code whose lines in one logger nobody wants."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def __enter__(self) -> None:
        self._before = self._logger.disabled
        self._logger.disabled = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._logger.disabled = self._before


class disable_run_logger:  # noqa: N801
    """Around code, such as a task's `fn` in a test, whose `get_run_logger()` is to say nothing and need no run."""

    def __enter__(self) -> None:
        handlers.silenced += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        handlers.silenced -= 1


class LogEavesdropper(logging.Handler):
    """`with LogEavesdropper("sqlalchemy") as heard:`: `heard.text()` is what that logger said inside."""

    def __init__(self, eavesdrop_on: str, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._logger = logging.getLogger(eavesdrop_on)
        self._before = self._logger.level
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        self._before = self._logger.level
        self._logger.addHandler(self)
        self._logger.setLevel(self.level)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._before)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def text(self) -> str:
        """The lines so far."""
        return "\n".join(self._lines)
