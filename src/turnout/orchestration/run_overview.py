"""What the page of a run shows at once, read together: a handful of bounded queries, however large the run is."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from turnout.core.ports import Tx
from turnout.core.records import FlowRun, HistoryEntry, Namespace, Release
from turnout.core.states import FINAL, RunState
from turnout.core.views import Attempt, Ended, LogRow, LogSearch, RunOverview, RunRow, Usual
from turnout.orchestration.explain import explained
from turnout.orchestration.sentences import sentence

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from turnout.core.values import replace

FAILED_TASKS = 50
END_LINES = 12
ARTIFACTS = 100
ARTIFACT_CHARACTERS = 20_000
"""Larger artifacts are asked for one by one."""
PARAMETER_CHARACTERS = 32_000
"""Larger parameters are asked for by themselves."""
DURATIONS = 50
"""How many completed runs tell how long a run usually takes."""
ERROR = 40
ROW_CHARACTERS = 240


def run_overview(tx: Tx, run: FlowRun, attempt: int | None = None) -> RunOverview:
    """The overview of a run, with the tasks and log of one attempt, the latest if none is named."""
    number = attempt or run.attempt
    tasks = tx.journal.task_counts(run.id, number)
    failed = tx.views.troubled(run.id, number, FAILED_TASKS)
    question = tx.inputs.question(run.id)
    history = tx.runs.history(run.id)
    before = tx.views.completed_before(run, DURATIONS)
    lines = tx.views.log_size(run.id, number)
    shown = explained(tx, [run])[0]
    large = _is_large(run.parameters)
    own = number == run.attempt
    return RunOverview(
        run=replace(shown, parameters={}) if large else shown,
        sentence=sentence(shown, tx.now, tasks if own else {}, failed if own else (), question),
        worker=_worker_name(tx, run.worker),
        release=release_of(tx, run),
        deployed=_is_deployed(tx, run),
        question=question,
        usual=usual(before),
        attempt=number,
        attempts=attempts_of(history),
        history=tuple(history[-200:]),
        tasks=tasks,
        failed=tuple(failed),
        log_lines=lines,
        log_end=_log_end(tx, run.id, number, lines),
        first_error=_first_error(tx, run.id, number),
        artifacts=tuple(tx.views.artifacts(run.id, ARTIFACTS, ARTIFACT_CHARACTERS)),
        last_good=before[0].id if before else None,
        large=large,
    )


def run_rows(tx: Tx, runs: Iterable[FlowRun]) -> list[RunRow]:
    """Runs as rows of a list, each with why it waits or how it ended."""
    return [_row(run) for run in explained(tx, runs)]


def usual(runs: Sequence[Ended]) -> Usual | None:
    """How long these runs took; None for less than two."""
    seconds = sorted((run.ended_at - run.started_at).total_seconds() for run in runs if run.started_at and run.ended_at)
    if len(seconds) < 2:
        return None
    last = len(seconds) - 1
    return Usual(
        median=statistics.median(seconds),
        low=seconds[round(last * 0.05)],
        high=seconds[round(last * 0.95)],
        count=len(seconds),
    )


def attempts_of(history: Iterable[HistoryEntry]) -> tuple[Attempt, ...]:
    """The attempts that a history tells of, in order."""
    steps: dict[int, list[HistoryEntry]] = {}
    for step in history:
        steps.setdefault(step.attempt, []).append(step)
    return tuple(_attempt(number, told) for number, told in sorted(steps.items()))


def release_of(tx: Tx, run: FlowRun) -> Release | None:
    """The release whose code the run executes, if it is kept."""
    if run.spec.release is None:
        return None
    found = tx.projects.release(Namespace(project=run.project, environment=run.environment), run.spec.release)
    return found[0] if found else None


def _attempt(number: int, steps: Sequence[HistoryEntry]) -> Attempt:
    last = steps[-1]
    started = next((step.at for step in steps if step.state == RunState.RUNNING), None)
    return Attempt(
        number=number,
        state=last.state,
        state_name=last.name,
        opened=steps[0].reason,
        reason=last.reason,
        began_at=steps[0].at,
        started_at=started,
        ended_at=last.at if last.state in FINAL else None,
    )


def _row(run: FlowRun) -> RunRow:
    return RunRow(
        id=run.id,
        project=run.project,
        environment=run.environment,
        deployment=run.deployment,
        flow_name=run.flow_name,
        name=run.name,
        state=run.state,
        state_name=run.state_name,
        why=_cut(run.wait_reason or run.reason),
        attempt=run.attempt,
        trigger=run.trigger,
        created_by=run.created_by,
        commit=run.spec.commit,
        tags=run.tags,
        parameters=_cut(json.dumps(run.parameters, ensure_ascii=False, default=str)) or "",
        created_at=run.created_at,
        due_at=run.due_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= ROW_CHARACTERS else text[: ROW_CHARACTERS - 1] + "…"


def _is_large(parameters: Mapping[str, Any]) -> bool:
    return len(json.dumps(parameters, default=str)) > PARAMETER_CHARACTERS


def _is_deployed(tx: Tx, run: FlowRun) -> bool:
    if run.deployment is None:
        return False
    return (
        tx.projects.deployment(Namespace(project=run.project, environment=run.environment), run.deployment) is not None
    )


def _worker_name(tx: Tx, worker_id: str | None) -> str | None:
    worker = tx.workers.get(worker_id) if worker_id else None
    return worker.name if worker else worker_id


def _log_end(tx: Tx, run_id: str, attempt: int, lines: int) -> tuple[LogRow, ...]:
    first = max(0, lines - END_LINES)
    found = tx.views.log_rows(run_id, attempt, first, END_LINES)
    return tuple(LogRow(row, line) for row, line in enumerate(found, first))


def _first_error(tx: Tx, run_id: str, attempt: int) -> int | None:
    hits, _ = tx.views.search_log(run_id, attempt, LogSearch(level=ERROR), 0, 1, 1)
    return hits[0].row if hits else None
