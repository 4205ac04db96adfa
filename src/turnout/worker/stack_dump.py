"""Where a flow was when it was stopped: read from faulthandler's dump (CPython `Python/traceback.c`).

Current thread 0x00007f... (most recent call first):
  File "/bundle/flows/van.py", line 12 in load
"""

import re
from collections.abc import Sequence

_FRAME = re.compile(r'\s+File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')
_THREAD = re.compile(r"(Current t|T)hread 0x[0-9a-f]+")


def locate(lines: Sequence[str], root: str | None, task: str | None = None) -> str | None:
    """`load at flows/van.py:12`: the innermost frame of user code, or None if the dump names none.

    User code is what lies under `root`. With `task`, a thread that is inside a function of that name goes first.
    The main thread, which the dump prints last, goes before the others.
    """
    threads = _threads(lines)
    candidates = [user for frames in reversed(threads) if (user := [f for f in frames if _is_user(f[0], root)])]
    named = [frames for frames in candidates if task and any(function == task for _, _, function in frames)]
    for frames in named or candidates:
        file, line, function = frames[0]
        return f"{task or function} at {_relative(file, root)}:{line}"
    return None


def is_dump_line(line: str) -> bool:
    """Whether faulthandler printed this line."""
    return bool(_THREAD.match(line) or _FRAME.match(line))


def _threads(lines: Sequence[str]) -> list[list[tuple[str, str, str]]]:
    threads: list[list[tuple[str, str, str]]] = []
    for line in lines:
        if _THREAD.match(line):
            threads.append([])
        elif threads and (frame := _FRAME.match(line)):
            threads[-1].append((frame["file"], frame["line"], frame["function"]))
    return threads


def _is_user(file: str, root: str | None) -> bool:
    if root is None:
        return "/turnout/" not in file and not file.startswith("<")
    return file.startswith(root.rstrip("/") + "/")


def _relative(file: str, root: str | None) -> str:
    if root is not None and file.startswith(root.rstrip("/") + "/"):
        return file[len(root.rstrip("/")) + 1 :]
    return file
