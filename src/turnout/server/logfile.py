"""The server's own log: `logs/server.log` in the data folder, 0600, turned over at 10 MB."""

import logging
import logging.handlers
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BYTES, KEPT = 10_000_000, 3


@contextmanager
def logging_to(folder: Path) -> Iterator[None]:
    """Write what `turnout` and uvicorn log to the file while the context lasts."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = _PrivateFile(folder / "server.log", maxBytes=BYTES, backupCount=KEPT, encoding="utf-8", errors="replace")
    handler.setFormatter(_OneRecord("%(asctime)s %(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger("turnout"), logging.getLogger("uvicorn")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
        handler.close()


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A log file that only its owner reads, under any umask."""

    def _open(self):  # type: ignore[no-untyped-def]
        stream = super()._open()
        os.fchmod(stream.fileno(), 0o600)
        return stream


class _OneRecord(logging.Formatter):
    """Continues a record on indented lines, so that no message can pretend to be another record."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\r", "\\r").replace("\x1b", "\\x1b")
        return text.replace("\n", "\n    ")
