r"""The journal's line format: the contract between the engine, the supervisor, the worker and the server.

A spool file `<data>/spool/<run>.<attempt>.<stream>` holds UTF-8 lines of JSON, each ended by "\n". A last line without
its newline was torn by a kill and does not count. The line's position is its sequence number: line 0 is the header,
entries are lines 1, 2, ... No number is ever written, so none can be given out of order. The writer holds
`flock(LOCK_EX)` on the file for its life: a free lock without an END line means that the writer died.

Header (line 0), an object:
    {"protocol": 1, "run": id, "attempt": 1, "stream": 0, "pid": 123, "flow": name, "run_name": name, "at": seconds,
     "parameters": {...}, "tags": [...], "entrypoint": "flows/a.py:f", "project": name|null, "trigger": "script"|...}
Streams: 0 the flow process, 1 the supervisor (captured stdout and stderr), 2.. further processes of the run.

Entries, arrays whose first item is the kind. `n` numbers runs inside the root run: 0 the root flow, 1.. tasks and
in-process subflows, in order of creation. Times are Unix seconds as floats, by the writer's clock.
    ["c", n, parent, "task"|"flow", key, name, at, state, extra]  created; extra null or {"upstream": [n..], "tags": []}
    ["s", n, state, at, extra]   a transition; extra null or any of {"name", "reason", "try": int,
                                 "result": {"inline": typed JSON} | {"unstored": why} | {"ref": where, "format",
                                 "digest": SHA-256, "size": bytes}, "error": {"type","message","traceback"},
                                 "inputs": digest, "code": digest, "reused": attempt}
    ["l", n, at, level, logger, message]        a log line, level as in `logging`
    ["a", n, at, kind, key, data]               an artifact
    ["e", at]                                   END: the writer closed the stream; nothing follows
`["s", 0, ...]` are the root flow's own transitions: running, then completed | failed | cancelled.
"""

import json
from collections.abc import Callable, Sequence

from turnout.core.errors import ParameterError, TooLarge

PROTOCOL = 1
SPOKEN = frozenset(range(max(1, PROTOCOL - 1), PROTOCOL + 1))
"""The protocols that this release understands: its own and the last one's, so that servers may be upgraded first."""
CREATED, STATE, LOG, ARTIFACT, END = "c", "s", "l", "a", "e"
FLOW_STREAM = 0
SUPERVISOR_STREAM = 1

Refusal = TooLarge | ParameterError
"""What a line is refused with for what it is; it will be refused again."""
_ERROR_LEVEL = 40


def spool_name(run_id: str, attempt: int, stream: int) -> str:
    """The file name of a stream's spool."""
    return f"{run_id}.{attempt}.{stream}"


def parse_spool_name(name: str) -> tuple[str, int, int] | None:
    """(run id, attempt, stream) of a spool file's name, or None if it is not one."""
    parts = name.split(".")
    if len(parts) != 3 or not (name.isascii() and parts[1].isdigit() and parts[2].isdigit()):
        return None
    return parts[0], int(parts[1]), int(parts[2])


def single_out(
    first: int,
    lines: Sequence[bytes],
    error: Refusal,
    *,
    send: Callable[[int, Sequence[bytes]], None],
    replace: Callable[[int, bytes, Refusal], None],
) -> None:
    """Lines `first`.. were refused together, with `error`: `send` them in halves until each line to blame is alone, and
    `replace` that one. One bad line of n costs about 2 log n sends. Lines are without their newline.
    """
    if len(lines) == 1:
        replace(first, lines[0], error)
        return
    middle = len(lines) // 2
    for start, half in ((first, lines[:middle]), (first + middle, lines[middle:])):
        try:
            send(start, half)
        except (TooLarge, ParameterError) as again:
            single_out(start, half, again, send=send, replace=replace)


def stand_in(line: bytes, error: Refusal, *, at: float, logger: str) -> bytes:
    """The log line, without newline, that takes the place of a refused one and says so."""
    text = f"a journal entry of {len(line)} bytes was refused and is not stored: {error.what}"
    return json.dumps([LOG, 0, at, _ERROR_LEVEL, logger, text]).encode()
