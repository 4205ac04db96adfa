"""`python -m turnout.deploy.probes SECONDS`: probe many files, each in a fork of one process that is warm.

Runs in the project's folder. On stdin [[file, [function, ...]], ...] as JSON; on stdout one JSON line a file,
[file, answer], as `deploy.probe` answers. A file that hangs, dies or closes what it finds costs nobody but itself.
"""

import json
import os
import select
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from turnout.deploy.probe import probe
from turnout.engine.clock import monotonic, sleep

GUARD = "keep work out of the module: put it into the flow, or under if __name__ == '__main__':"
_LOOK_SECONDS = 0.005


def main(seconds: float) -> None:
    """Answer for what stdin lists; seconds: how long a file may take."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _warm()
    with answers:
        for file, functions in json.load(sys.stdin):
            answers.write(json.dumps([file, probed(file, functions, seconds)]) + "\n")
            answers.flush()


def probed(file: str, functions: list[str], seconds: float) -> dict[str, Any]:
    """function -> facts or error, found out by a fork that is gone afterwards with all that it started."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.close(reading)
            _answer(writing, said.fileno(), file, functions)
        os.close(writing)
        try:
            return _heard(child, reading, said, file, functions, seconds)
        finally:
            os.close(reading)


def _heard(
    child: int, reading: int, said: IO[bytes], file: str, functions: list[str], seconds: float
) -> dict[str, Any]:
    end = monotonic() + seconds
    content = _line(reading, end)
    code = None if content.endswith(b"\n") else _exit_code(child, end)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if content.endswith(b"\n"):
        os.waitpid(child, 0)
        return dict(json.loads(content))
    if code is None:
        os.waitpid(child, 0)
        return _problem(functions, file, f"importing it took more than {seconds:g} s")
    said.seek(0)
    return _problem(functions, file, _ending(code, said.read()[-4096:]))


def _line(reading: int, end: float) -> bytes:
    """What came until a line was whole, nobody could write any more, or the time was up."""
    content = b""
    while not content.endswith(b"\n"):
        ready, _, _ = select.select([reading], [], [], max(end - monotonic(), 0.0))
        piece = os.read(reading, 1 << 16) if ready else b""
        if not piece:
            break
        content += piece
    return content


def _exit_code(child: int, end: float) -> int | None:
    """How it ended by itself, a signal as a negative number; None when the time is up."""
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if monotonic() > end:
            return None
        sleep(_LOOK_SECONDS)


def _answer(writing: int, said: int, file: str, functions: list[str]) -> None:
    """In the fork: write the answer and leave, whatever the file has started."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(here, there)
    code = 1
    try:
        content = json.dumps(probe(Path.cwd(), file, functions)).encode() + b"\n"
        while content:
            content = content[os.write(writing, content) :]
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _warm() -> None:
    """Load once what every file needs: the engine, and what reads signatures."""
    from turnout.engine.definitions.parameters import parameter_schema

    def sample(number: int = 1) -> None: ...

    parameter_schema(sample)


def _ending(code: int, said: bytes) -> str:
    last = said.decode(errors="replace").strip().splitlines()[-1:] or ["without a word"]
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"importing it {how}: {last[0][:300]}"


def _problem(functions: list[str], file: str, what: str) -> dict[str, Any]:
    return {function: {"error": {"what": what, "where": file, "fix": GUARD}} for function in functions}


if __name__ == "__main__":
    main(float(sys.argv[1]))
