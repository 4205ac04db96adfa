"""What the terminal shows."""

from datetime import UTC, datetime, timedelta

import pytest

from turnout.cli import output
from turnout.core.errors import TurnoutError
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


def test_an_error_is_what_where_and_fix(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_error(TurnoutError("it [broke]", where="turnout.yaml:3:1", fix="mend it"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: it [broke]\nwhere: turnout.yaml:3:1\n  fix: mend it\n"


def test_an_error_of_hostile_words_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_error(TurnoutError("\x1b]0;owned\x07", fix="\x1b[2J"))
    assert capsys.readouterr().err == "error: \\x1b]0;owned\\x07\n  fix: \\x1b[2J\n"


def test_a_warning_stands_apart_from_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_warning("no git here", "/tmp/x", "git init")
    assert capsys.readouterr().err == "warning: no git here\n  where: /tmp/x\n    fix: git init\n"


def test_without_a_terminal_times_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime.now(UTC)
    assert output.short_moment(at) == output.moment(at)
    assert output.width() is None


def test_nobody_looking_means_no_spinner(capsys: pytest.CaptureFixture[str]) -> None:
    with output.busy("waiting") as tell:
        tell("still [waiting]")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("commit", "shown"),
    [(None, "-"), ("5023fd432309ea90", "5023fd4323"), ("5023fd432309ea90+dirty.51e51de0", "5023fd4323+dirty")],
)
def test_a_commit_is_short_and_says_when_it_is_not_all(commit: str | None, shown: str) -> None:
    assert output.short_commit(commit) == shown
