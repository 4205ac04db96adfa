"""`core.text_diff`: what a patch would make of it, in bounded time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from turnout.core.text_diff import COMPARED, text_diff

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30)


def patched(before: str, diff: tuple[str, ...]) -> list[str]:
    """The text after, made from the text before and the hunks."""
    old, made, at = before.splitlines(), [], 0
    for line in diff:
        if line.startswith("@@"):
            first, _, count = line.split(" ")[1][1:].partition(",")
            start = int(first) - (0 if count == "0" else 1)
            made += old[at:start]
            at = start
        elif line.startswith("+"):
            made.append(line[1:])
        else:
            assert old[at] == line[1:]
            made += [] if line.startswith("-") else [old[at]]
            at += 1
    return made + old[at:]


@settings(max_examples=200, deadline=None)
@given(LINES, LINES)
def test_the_hunks_lead_from_one_to_the_other(before: list[str], after: list[str]) -> None:
    one, other = "\n".join(before), "\n".join(after)
    found = text_diff(one, other)
    assert patched(one, found.lines) == other.splitlines()
    assert found.added - found.removed == len(other.splitlines()) - len(one.splitlines())


def test_the_same_text_has_no_hunks() -> None:
    assert text_diff("a\nb", "a\r\nb\n").lines == ()


def test_what_differs_everywhere_is_told_whole() -> None:
    size = int(COMPARED**0.5) + 1
    found = text_diff("\n".join(f"a{n}" for n in range(size)), "\n".join(f"b{n}" for n in range(size)))
    assert (found.added, found.removed) == (size, size)
