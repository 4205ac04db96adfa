from datetime import UTC, datetime

import pytest

from turnout.cli import run_text
from turnout.core.records import TaskRun
from turnout.core.states import DEFAULT_NAME, RunState


def task(number: int, state: RunState) -> TaskRun:
    return TaskRun(
        run_id="0" * 32, attempt=1, number=number, parent=0, kind="task", key=f"t#{number}", name=f"t{number}",
        state=state, state_name=DEFAULT_NAME[state], reason=None, tries=1,
        created_at=datetime(2026, 11, 23, tzinfo=UTC), started_at=None, ended_at=None,
        upstream=(), tags=(), timeline=(), result=None,
    )  # fmt: skip


def test_few_tasks_are_shown_in_their_order() -> None:
    tasks = [task(1, RunState.COMPLETED), task(2, RunState.FAILED)]
    assert run_text.chosen(tasks, 30) == tasks


def test_of_many_the_failed_ones_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [task(number, RunState.COMPLETED) for number in range(1, 1001)]
    tasks[499] = task(500, RunState.FAILED)
    tasks[10] = task(11, RunState.RUNNING)
    assert [item.number for item in run_text.chosen(tasks, 4)] == [500, 11, 1000, 999]
    run_text._print_tasks(tasks, run_text.chosen(tasks, run_text.SHOWN))
    said = capsys.readouterr().out
    assert "998 Completed, 1 Failed, 1 Running" in said or "998 Completed, 1 Running, 1 Failed" in said
    assert "and 970 more: --all-tasks" in said
