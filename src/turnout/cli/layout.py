"""Rows and facts that stay readable at any width: where a line is too long for the terminal, words move, not letters.

Without a terminal nothing is wrapped: one line a row, so that pipes, grep and files get whole lines.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from turnout.cli import output

if TYPE_CHECKING:
    from rich.text import Text

GAP = 2
"""Blanks between columns."""
NOTE_INDENT = 4
"""Blanks before the last column, where it gets a line of its own."""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """Aligned columns on stdout; cells may carry rich markup. `empty` is what to do when there is nothing.

    Where a row does not fit the terminal, the last column of the table goes below its row.
    """
    listed = [[_cell(cell) for cell in row] for row in rows]
    if not listed:
        output.say(empty)
        return
    top = [_cell(f"[bold]{heading}[/bold]") for heading in headings]
    widths = [max(cell.cell_len for cell in column) for column in zip(top, *listed, strict=True)]
    limit = output.width()
    beneath = limit is not None and sum(widths) + GAP * (len(widths) - 1) > limit
    _print(_joined(top[:-1] if beneath else top, widths))
    for row in listed:
        _print(_joined(row[:-1] if beneath else row, widths))
        if beneath and row[-1].plain:
            _print(_hung(row[-1], NOTE_INDENT))


def fact(label: str, value: str, *, wide: int = 11) -> None:
    """An indented `label  value` on stdout; a long value goes on below itself. value: may carry rich markup."""
    label_cell, value_cell = _cell(f"  {label:<{wide}} "), _cell(value)
    hung = _hung(value_cell, label_cell.cell_len)
    label_cell.append_text(hung[label_cell.cell_len :])
    _print(label_cell)


def _cell(markup: str) -> "Text":
    from rich.text import Text

    return Text.from_markup(" ".join(markup.splitlines()), emoji=False)


def _joined(cells: Sequence["Text"], widths: Sequence[int]) -> "Text":
    line = _cell("")
    for cell, width in zip(cells, widths, strict=False):
        line.append_text(cell)
        line.append(" " * (width - cell.cell_len + GAP))
    line.rstrip()
    return line


def _hung(value: "Text", indent: int) -> "Text":
    """`value` indented, and on a terminal wrapped between words."""
    limit = output.width()
    lines = [value] if limit is None else list(value.wrap(output.console(), max(limit - indent, 20)))
    hung = _cell("")
    for number, line in enumerate(lines):
        hung.append("\n" * (number > 0) + " " * indent)
        line.rstrip()
        hung.append_text(line)
    return hung


def _print(line: "Text") -> None:
    output.console().print(line, highlight=False, soft_wrap=True)
