"""A unified diff of two texts, in bounded time whatever they are."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

CONTEXT = 3
COMPARED = 4_000_000
"""So many pairs of lines are compared at most; what differs in more is told as removed and added whole."""


class TextDiff(NamedTuple):
    """Lines of a unified diff without the names of the files; how many lines were added and removed."""

    lines: tuple[str, ...]
    added: int
    removed: int


def text_diff(before: str, after: str) -> TextDiff:
    """What changed. Lines are told by their text alone: how they end does not matter."""
    old, new = before.splitlines(), after.splitlines()
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    body = tuple(_hunks(old, new, start, left, right))
    return TextDiff(
        lines=body,
        added=sum(line.startswith("+") for line in body),
        removed=sum(line.startswith("-") for line in body),
    )


def _hunks(old: Sequence[str], new: Sequence[str], start: int, left: Sequence[str], right: Sequence[str]) -> list[str]:
    if not left and not right:
        return []
    if len(left) * len(right) > COMPARED:
        head = f"@@ -{start + 1},{len(left)} +{start + 1},{len(right)} @@"
        return [head, *(f"-{line}" for line in left), *(f"+{line}" for line in right)]
    first = max(0, start - CONTEXT)
    tail = len(old) - start - len(left)
    shown = min(tail, CONTEXT)
    found = difflib.unified_diff(
        old[first : start + len(left) + shown], new[first : start + len(right) + shown], n=CONTEXT, lineterm=""
    )
    return [_moved(line, first) if line.startswith("@@") else line for line in list(found)[2:]]


def _moved(head: str, by: int) -> str:
    """The head of a hunk with its positions counted from the beginning of the file."""
    _, removed, added, _ = head.split(" ")
    return f"@@ {_shifted(removed, by)} {_shifted(added, by)} @@"


def _shifted(place: str, by: int) -> str:
    number, comma, length = place[1:].partition(",")
    return f"{place[0]}{int(number) + by}{comma}{length}"


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            return count
        count += 1
    return count
