"""Campaigns survive being stopped, reduce all counts alike, and report no more than their figures allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults import campaign, report, results
from tests.faults.outcome import Outcome
from tests.faults.pieces import PIECES, Piece
from tests.faults.rows import BY_KEY, ROWS, split


def kept(row: str, count: int, seed: int = 1, faults: tuple[str, ...] = ()) -> dict[str, Any]:
    outcome = Outcome(harness="kill", row=row, count=count, seconds=1.5, seed=seed, faults=faults)
    return results.entry(outcome, tier="campaign", command="kill --cycles 5", commit="abc1234")


def test_every_row_is_named_once_and_every_piece_belongs_to_one() -> None:
    assert len(BY_KEY) == len(ROWS)
    assert {split(piece.row)[0] for piece in PIECES} <= set(BY_KEY)


def test_every_kind_of_a_row_has_a_piece() -> None:
    wanted = {f"{row.key}:{kind}" for row in ROWS for kind in row.kinds}
    assert wanted <= {piece.row for piece in PIECES}


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.options.split("{")[0])
def test_a_piece_is_a_command(piece: Piece) -> None:
    assert "{" not in piece.command(count=5, done=10, number=3)


def test_a_state_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "campaign.json"
    campaign.State(path=path).add([kept("kill:flow", 10)])
    again = campaign.State.load(path)
    again.add([kept("kill:flow", 5), kept("kill:worker", 7)])
    assert campaign.State.load(path).done("kill:flow") == (15, 2)


def test_a_row_that_begins_anew_keeps_its_faults_on_record(tmp_path: Path) -> None:
    state = campaign.State(path=tmp_path / "campaign.json")
    state.add([kept("kill:flow", 10, faults=("lost: a step",)), kept("pairs", 3)])
    state.again("kill")
    assert state.done("kill:flow") == (0, 1), "the next piece takes a seed that was not used"
    assert [found["row"] for found in state.pieces] == ["pairs"]
    assert "lost: a step" in report.page(state.pieces, state.set_aside)


def test_counts_are_reduced_by_one_factor() -> None:
    pieces = [
        Piece(row="kill:flow", options="kill", size=10, seconds=5.0, start=0.0),
        Piece(row="requests", options="network", size=10, seconds=0.1, start=0.0),
    ]
    share = campaign.affordable("ci", pieces, 60.0)
    assert share == pytest.approx(0.5)
    assert [campaign.reduced("ci", piece, share) for piece in pieces] == [10, 100]
    assert campaign.reduced("ci", pieces[0], 0.0) == 1


def test_a_row_has_reached_what_its_slowest_kind_has() -> None:
    total = results.totals([kept("kill:flow", 200), kept("kill:worker", 3)])["kill"]
    assert (total.achieved, total.cases) == (0, 203)
    everyone = [kept(f"kill:{role}", 4) for role in BY_KEY["kill"].kinds]
    assert results.totals(everyone)["kill"].achieved == 4


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    results.append(path, [kept("pairs", 3)])
    with path.open("a") as file:
        file.write('{"row": "pai')
    assert [found["count"] for found in results.read(path)] == [3]


@pytest.mark.parametrize(
    ("faults", "cases", "words"),
    [(0, 0, "–"), (0, 200, "< 1.5 %"), (0, 10_000, "< 0.03 %"), (2, 200, "2 of 200")],
)
def test_what_a_zero_means(faults: int, cases: int, words: str) -> None:
    assert report.bound(faults, cases) == words


def test_seeds_are_ranges() -> None:
    assert report.ranges([3, 1, 2, 7]) == "1-3, 7"
    assert report.ranges([]) == "–"
