"""The team's flows: in memory, without a server, the network or a wait."""

from pathlib import Path

import pytest
from flows.reports.weekly import judged
from flows.texting.replies import load_replies, read_replies, sort_replies, wish
from flows.van.source_codes import apply_source_codes


def test_everybody_new_gets_the_code(turnout_harness, turnout_clock, voter_file) -> None:
    voter_file.refusals = 2  # the API says 429 twice; nobody here waits for it
    assert apply_source_codes(12345, voter_file.url) == 7
    assert voter_file.codes == dict.fromkeys(range(1, 8), 12345)
    assert len(voter_file.keys) == 1
    turnout_harness.run.assert_ran("set_source_code", times=7)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("STOP", "opted out"),
        ("yes, gladly", "volunteer"),
        ("Maybe. Call me", "call back"),
        ("Who is this?", "read by a person"),
        ("", "read by a person"),
    ],
)
def test_what_a_reply_asks_for(text: str, wanted: str) -> None:
    assert wish(text) == wanted


def test_every_reply_of_the_export_is_kept() -> None:
    rows = read_replies.fn(Path("data/replies.csv"))
    assert len(sort_replies.fn(rows)) == len(rows) == 360


def test_a_missing_export_is_tried_again(turnout_harness, turnout_clock) -> None:
    with pytest.raises(FileNotFoundError):
        load_replies("data/nowhere.csv")
    assert turnout_clock.waits == [5, 5]


def test_the_goal_counts_when_it_is_reached() -> None:
    rows = [{"week": "2026-10-05", "organiser": "Ana", "conversations": count} for count in (119, 120)]
    assert [row["reached"] for row in judged(rows, 120)] == [False, True]
