from turnout.core.states import ACTIVE, DEFAULT_NAME, FINAL, QUEUED, RunState, is_final


def test_every_state_is_queued_active_or_final_and_only_one_of_them() -> None:
    parts = (QUEUED, ACTIVE, FINAL)
    assert frozenset().union(*parts) == frozenset(RunState)
    assert sum(len(part) for part in parts) == len(RunState)


def test_the_wire_spelling_is_the_lower_case_name() -> None:
    assert {state: state.value for state in RunState} == {state: state.name.lower() for state in RunState}


def test_each_state_has_a_name_for_people() -> None:
    assert DEFAULT_NAME.keys() == set(RunState)
    assert DEFAULT_NAME[RunState.SCHEDULED] == "Scheduled"


def test_is_final_takes_the_spelling_too() -> None:
    assert is_final("completed")
    assert not is_final("cancelling")
    assert not is_final("no such state")
