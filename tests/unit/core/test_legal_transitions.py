"""The pairs of states say what the table of events says."""

from turnout.core.legal_transitions import SAMPLES, legal_transitions
from turnout.core.states import FINAL, RunState
from turnout.core.transitions import TABLE


def test_there_is_a_sample_of_every_event() -> None:
    assert {type(event) for event in SAMPLES} == set(TABLE)


def test_only_a_new_attempt_leaves_a_final_state() -> None:
    left = {(before, after, opens) for before, after, opens in legal_transitions() if before in FINAL}
    assert left == {(state, RunState.SCHEDULED, True) for state in FINAL}


def test_the_common_way_is_legal() -> None:
    S = RunState
    way = [(S.SCHEDULED, S.PENDING), (S.PENDING, S.RUNNING), (S.RUNNING, S.COMPLETED), (S.PENDING, S.SCHEDULED)]
    assert {(before, after, False) for before, after in way} <= legal_transitions()
    assert (S.SCHEDULED, S.RUNNING, False) not in legal_transitions()
