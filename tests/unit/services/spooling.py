"""Journals as scripts leave them."""

import fcntl
import json
import os
from pathlib import Path

from tests.unit.orchestration.world import NOON, line
from turnout.core.journal import PROTOCOL, spool_name

RUN = "0190a0000000700080000000000000aa"
OTHER = "0190a0000000700080000000000000bb"
AT = NOON.timestamp()


class Script:
    """A script's journal; the writer lives until `end` or `die`."""

    def __init__(self, data: Path, run: str = RUN, stream: int = 0, **header: object) -> None:
        (data / "spool").mkdir(exist_ok=True)
        self.path = data / "spool" / spool_name(run, 1, stream)
        self._fd = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        self._run = run
        self.write_bytes(json.dumps(self._header(stream) | header).encode() + b"\n")

    def write(self, *entries: tuple[object, ...]) -> None:
        self.write_bytes(b"".join(line(*entry) + b"\n" for entry in entries))

    def write_bytes(self, data: bytes) -> None:
        os.write(self._fd, data)

    def log(self, *messages: str) -> None:
        self.write(*(("l", 0, AT, 20, "flow", message) for message in messages))

    def start(self) -> None:
        self.write(("s", 0, "running", AT, None))

    def end(self, state: str = "completed") -> None:
        self.write(("s", 0, state, AT + 2, None), ("e", AT + 2))
        self.die()

    def die(self) -> None:
        os.close(self._fd)

    def _header(self, stream: int) -> dict[str, object]:
        return {
            "protocol": PROTOCOL,
            "run": self._run,
            "attempt": 1,
            "stream": stream,
            "pid": os.getpid(),
            "flow": "hello",
            "run_name": "calm-fox",
            "at": AT,
            "parameters": {},
            "tags": [],
            "entrypoint": "hello.py:hello",
            "project": None,
            "trigger": "script",
        }
