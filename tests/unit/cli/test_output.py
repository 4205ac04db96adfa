"""What the terminal shows."""

from datetime import UTC, datetime, timedelta

import pytest

from turnout.cli import output
from turnout.core.states import RunState


def test_every_state_has_a_colour_and_a_sign() -> None:
    assert set(output.STATE_STYLE) == set(RunState)
    assert len({sign for _, sign in output.STATE_STYLE.values()}) == len(RunState)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.1234, "0.12s"), (42, "42s"), (61, "1m01s"), (3 * 3600 + 120, "3h02m"), (-1, "0.00s")]
)
def test_spans_are_short(seconds: float, words: str) -> None:
    start = datetime(2026, 11, 3, tzinfo=UTC)
    assert output.span(start, start + timedelta(seconds=seconds)) == words


def test_nothing_started_has_no_span() -> None:
    assert output.span(None, None) == "-"


def test_hostile_text_moves_no_cursor_and_makes_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output.show(output.escape("\x1b[2J[red]x[/red]\r\u202e"))
    assert capsys.readouterr().out == "\\x1b[2J[red]x[/red]\\x0d\\x202e\n"


def test_an_empty_table_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("A",), [], "Nothing yet: do this.")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Nothing yet: do this.\n")
