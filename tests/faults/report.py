"""The table of counts with what was achieved: `./dev faults report`, and the committed page of results."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults import results
from tests.faults.pieces import PIECES
from tests.faults.results import Entry, Total

HEAD = ("What", "commit", "CI", "campaign", "achieved", "faults", "rate, 95 %", "seeds", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `report`."""
    parser.add_argument(
        "--tier", choices=("campaign", "ci", "commit", "hand", "all"), help="what to count (default: the campaign)"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page of results instead of printing")


def main(options: argparse.Namespace) -> int:
    """Print or write; 1 if what is reported has faults."""
    from tests.faults.campaign import State

    state = State.load()
    tier = options.tier or ("campaign" if state.pieces else "all")
    if tier == "campaign":
        entries: list[Entry] = list(state.entries())
    else:
        entries = [kept for kept in results.read() if tier in ("all", kept["tier"])]
    if options.write:
        options.write.write_text(page(entries, state.set_aside), encoding="utf-8")
        print(f"wrote {options.write}")
    else:
        print(f"counted: {tier}, {len(entries)} outcomes\n")
        print("\n".join(table(entries)))
        print("\n".join(["", *faults_of(entries)]))
    return int(any(kept.get("faults") for kept in entries))


def table(entries: Iterable[Entry]) -> list[str]:
    """The lines of the table, aligned Markdown."""
    rows = [HEAD, *(line_of(total) for total in results.totals(entries).values())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    left = {0, 6, 7}

    def line(cells: Sequence[str]) -> str:
        padded = (c.ljust(w) if n in left else c.rjust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True)))
        return "| " + " | ".join(padded) + " |"

    ruler = ["-" * w if n in left else "-" * (w - 1) + ":" for n, w in enumerate(widths)]
    return [line(HEAD), line(ruler), *map(line, rows[1:])]


def line_of(total: Total) -> tuple[str, ...]:
    """A row's cells."""
    row = total.row
    each = " each" if total.kinds else ""
    return (
        row.title,
        _count(row.commit),
        _count(row.ci),
        _count(row.campaign) + each,
        f"{total.achieved:,}{each}" if total.cases else "–",
        str(len(total.faults)) if total.cases else "–",
        bound(len(total.faults), total.cases),
        ranges(total.seeds),
        f"{total.seconds:,.0f}" if total.cases else "–",
    )


def bound(faults: int, cases: int) -> str:
    """What "0 of n" says about the rate: less than this, at 95 % confidence."""
    if not cases:
        return "–"
    if faults:
        return f"{faults} of {cases:,}"
    return f"< {100 * (1 - 0.05 ** (1 / cases)):.2g} %"


def ranges(numbers: Iterable[int]) -> str:
    """1, 2, 3, 7 -> `1-3, 7`; long lists are cut."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in found]
    return ", ".join(words if len(words) <= 4 else [*words[:3], "...", words[-1]]) or "–"


def faults_of(entries: Iterable[Entry]) -> list[str]:
    """One line a fault, with the command that found it."""
    return [
        f"- {kept['row']}: {fault} (`./dev faults {kept['command']}`, code {kept['commit']})"
        for kept in entries
        for fault in kept.get("faults") or []
    ]


def page(entries: Sequence[Entry], set_aside: Sequence[Entry]) -> str:
    """The whole page of results."""
    days = sorted({kept["at"][:10] for kept in entries})
    commits = list(dict.fromkeys(kept["commit"] for kept in entries))
    seconds = sum(float(kept["seconds"]) for kept in entries)
    return PAGE.format(
        days=" to ".join(dict.fromkeys([days[0], days[-1]])) if days else "no day yet",
        machine=f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        commits=", ".join(commits) or "none",
        hours=f"{seconds / 3600:.1f}",
        table="\n".join(table(entries)),
        missing=_lines(_missing(entries), "Every row has reached its count."),
        faults=_lines(faults_of(entries), "None."),
        aside=_lines(faults_of(set_aside), "None."),
        commands="\n".join(
            f"./dev faults {piece.command(count=piece.size, done=0, number=1):<70} # {piece.row}" for piece in PIECES
        ),
    )


def _missing(entries: Sequence[Entry]) -> list[str]:
    return [
        f"- {total.row.title}: {total.achieved:,} of {total.row.campaign:,}{' each' if total.kinds else ''}"
        for total in results.totals(entries).values()
        if total.achieved < total.row.campaign
    ]


def _lines(found: Sequence[str], otherwise: str) -> str:
    return "\n".join(found) if found else otherwise


def _count(number: int) -> str:
    return f"{number:,}" if number else "–"


PAGE = """\
# Reliability: what was tried, and what came of it

Written by `./dev faults report --write docs/reference/reliability-results.md` from the campaign of {days}
({machine}; {hours} hours of work; code {commits}).

*achieved* is what the campaign has got to so far; *each* counts every role or kind by itself. *rate, 95 %* is what the
number of cases allows to say: without a fault in n cases, the true rate of faults is below that figure with 95 %
confidence. A zero means no more than that. *seeds* repeat a piece exactly where the harness is deterministic, and its
choices where real processes are killed.

{table}

## Not reached yet

{missing}

## Faults in these figures

*not done* means that the piece had to be stopped: on a machine that does other work it may only have been slow, and it
counts as a fault until it was tried again.

{faults}

## Faults found earlier, mended, and tried again from the start

{aside}

## Commands

```sh
./dev faults campaign --resume --hours 8    # the whole campaign; may be stopped and resumed at any time
./dev faults report                         # the table above
./dev faults ci                             # the reduced counts that continuous integration runs
```

One piece of each row:

```sh
{commands}
```
"""
