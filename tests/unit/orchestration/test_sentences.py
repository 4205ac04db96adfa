"""`orchestration.sentences`: why a run is in its state, for every state."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.factories import START, new_run
from turnout.core.records import Question, TaskRun
from turnout.core.states import RunState
from turnout.orchestration.sentences import sentence

S = RunState
LATER = START + timedelta(seconds=90)


def said(state: RunState, tasks: dict[str, int] | None = None, **changes: Any) -> str:
    failed = changes.pop("failed", ())
    question = changes.pop("question", None)
    run = replace(new_run(started_at=START), state=state, **changes)
    return sentence(run, LATER, tasks or {}, failed, question)


def task(name: str, reason: str) -> TaskRun:
    return TaskRun(
        run_id="r", attempt=1, number=1, parent=0, kind="task", key=f"{name}#0", name=name, state=S.FAILED,
        state_name="Failed", reason=reason, tries=1, created_at=START, started_at=START, ended_at=START, upstream=(),
        tags=(), timeline=(), result=None,
    )  # fmt: skip


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_has_a_sentence(state: RunState) -> None:
    text = said(state, ended_at=LATER)
    assert text
    assert "None" not in text
    assert "  " not in text


def test_what_it_is_doing() -> None:
    assert said(S.RUNNING, {"completed": 2, "running": 3}) == "Running for 1m30s, 2 of 5 tasks done."
    assert said(S.RUNNING, {"failed": 1}, attempt=2) == (
        "Running in attempt 2 for 1m30s, 1 of 1 task done, 1 of them failed."
    )
    assert said(S.SCHEDULED, wait_reason="due in 5m") == "Waiting: due in 5m."


def test_what_went_wrong() -> None:
    one = task("load", "ValueError: no state 'XX'\nat line 3")
    assert said(S.FAILED, {"failed": 1}, failed=[one], ended_at=LATER) == (
        "Failed after 1m30s: task 'load': ValueError: no state 'XX'"
    )
    assert said(S.FAILED, {"failed": 2, "completed": 1}, failed=[one], ended_at=LATER) == (
        "Failed after 1m30s: 2 of 3 tasks, first 'load': ValueError: no state 'XX'"
    )
    assert said(S.FAILED, reason="it broke.", ended_at=LATER) == "Failed after 1m30s: it broke"
    assert len(said(S.FAILED, reason="x" * 9000, ended_at=LATER)) < 500


def test_whom_it_waits_for() -> None:
    asked = Question(key="k", form=None, description="Send to 40,000?", asked_at=START, until=LATER)
    assert said(S.PAUSED, question=asked) == "Waiting for a person: Send to 40,000?, until 01 Mar 12:01 UTC."
    assert said(S.PAUSED) == "Paused: it waits to be let on."
