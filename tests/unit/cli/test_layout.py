"""Tables and facts at every width."""

import pytest

from turnout.cli import layout, output

ROWS = [
    ("plain-wren-1a2b", "[green]✓ Completed[/green]", ""),
    ("bold-elk-3c4d", "[red]⚡ Crashed[/red]", "killed by signal 9 (SIGKILL)"),
]
HEADINGS = ("RUN", "STATE", "WHY")


def table_at(width: int | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr(output, "width", lambda: width)
    layout.table(HEADINGS, ROWS, "nothing")
    return capsys.readouterr().out


def test_a_pipe_gets_one_line_a_row(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert table_at(None, monkeypatch, capsys) == (
        "RUN              STATE        WHY\n"
        "plain-wren-1a2b  ✓ Completed\n"
        "bold-elk-3c4d    ⚡ Crashed   killed by signal 9 (SIGKILL)\n"
    )


def test_a_wide_terminal_shows_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert table_at(80, monkeypatch, capsys) == table_at(None, monkeypatch, capsys)


def test_a_narrow_terminal_gets_the_last_column_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table_at(30, monkeypatch, capsys) == (
        "RUN              STATE\n"
        "plain-wren-1a2b  ✓ Completed\n"
        "bold-elk-3c4d    ⚡ Crashed\n"
        "    killed by signal 9\n"
        "    (SIGKILL)\n"
    )


def test_nothing_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    layout.table(("A",), [], "Nothing yet: do this.")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Nothing yet: do this.\n")


def test_a_cell_of_two_lines_stays_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    layout.table(("A", "B"), [("x\ny", "z")], "")
    assert capsys.readouterr().out == "A    B\nx y  z\n"


def test_a_long_fact_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(output, "width", lambda: 36)
    layout.fact("why", "no worker of pool 'default' is online")
    assert capsys.readouterr().out == "  why         no worker of pool\n              'default' is online\n"


def test_a_word_longer_than_the_line_is_kept_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    layout.fact("id", "x" * 300)
    assert capsys.readouterr().out == f"  id          {'x' * 300}\n"
