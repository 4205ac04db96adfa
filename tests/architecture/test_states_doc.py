"""`docs/states.md` says what the code says."""

import re
from pathlib import Path

from turnout.core.states import FINAL, RunState
from turnout.core.transitions import TABLE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "states.md").read_text()


def test_every_state_is_listed_with_its_finality() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (yes|no) \|$", PAGE, re.MULTILINE))
    assert listed == {state.value: "yes" if state in FINAL else "no" for state in RunState}


def test_the_event_table_is_the_transition_table() -> None:
    listed = dict(re.findall(r"^\| `([A-Z]\w+)` \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert listed == {event.__name__: ", ".join(s for s in RunState if s in states) for event, states in TABLE.items()}
