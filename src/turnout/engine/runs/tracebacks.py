"""Tracebacks without the engine's frames: a user's exception shows the user's code."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LOOPS = os.path.join(os.path.dirname(os.__file__), "asyncio") + os.sep
TEXT_BYTES = 64_000


def trim(error: BaseException) -> BaseException:
    """`error` with the engine's frames taken out, of its causes too; TURNOUT_FULL_TRACEBACK=1 keeps them."""
    if os.environ.get("TURNOUT_FULL_TRACEBACK", "") in ("", "0"):
        seen: set[int] = set()
        chain: BaseException | None = error
        while chain is not None and id(chain) not in seen:
            seen.add(id(chain))
            chain.__traceback__ = _user_part(chain.__traceback__)
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    return error


def text(error: BaseException, redact: Callable[[str], str] = str) -> str:
    """The traceback as Python prints it, redacted, then cut to at most 64 KB: its middle goes."""
    import traceback

    lines = redact("".join(traceback.format_exception(error)))
    if len(lines) > TEXT_BYTES:
        half = TEXT_BYTES // 2
        lines = f"{lines[:half]}\n... [{len(lines) - 2 * half} characters cut]\n{lines[-half:]}"
    return lines


def summary(error: BaseException) -> str:
    """`ValueError: what it says`, its first line."""
    said = message(error).strip().split("\n", 1)[0]
    name = type(error).__qualname__
    return f"{name}: {said}" if said else name


def message(error: BaseException) -> str:
    """What `error` says; its `__str__` is the user's and may fail."""
    try:
        return str(error)
    except Exception as broken:
        return f"<its message cannot be shown: {type(broken).__qualname__}>"


def _user_part(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith((_ENGINE, _LOOPS)):
        traceback = traceback.tb_next
    last = traceback
    while last is not None:
        follower = last.tb_next
        while follower is not None and follower.tb_frame.f_code.co_filename.startswith(_ENGINE):
            follower = follower.tb_next
        if follower is not last.tb_next:
            last.tb_next = follower
        last = follower
    return traceback
