"""Why a run is in the state that it is in, in one sentence."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from turnout.core.durations import format_duration
from turnout.core.records import FlowRun, Question, TaskRun
from turnout.core.states import FINAL, RunState

REASON_CHARACTERS = 400


def sentence(
    run: FlowRun,
    now: datetime,
    tasks: Mapping[str, int],
    failed: Sequence[TaskRun] = (),
    question: Question | None = None,
) -> str:
    """What people ask first of a run. tasks: state -> number, failed: the first of them that failed, of its latest
    attempt. `run` carries its `wait_reason` (see `explain.explained`)."""
    why = _short(run.reason)
    took = _took(run, now)
    again = f" in attempt {run.attempt}" if run.attempt > 1 else ""
    match run.state:
        case RunState.SCHEDULED:
            return f"Waiting: {run.wait_reason or why or 'it starts as soon as a worker takes it'}."
        case RunState.PENDING:
            return f"Starting{again}: {run.wait_reason or 'a worker has taken it'}."
        case RunState.RUNNING:
            return f"Running{again}{took and f' for {took}'}{_progress(tasks)}."
        case RunState.PAUSED:
            return _paused(run, question)
        case RunState.CANCELLING:
            return f"Being cancelled: {run.wait_reason or why or 'its process is told to stop'}."
        case RunState.COMPLETED:
            return f"Completed{again}{took and f' in {took}'}{_count(tasks)}." + (f" {why}" if why else "")
        case RunState.FAILED:
            return f"Failed{again}{took and f' after {took}'}: {_cause(why, tasks, failed)}"
        case RunState.CRASHED:
            return f"Its process was lost{again}{took and f' after {took}'}: {why or 'nothing more is known'}"
        case RunState.CANCELLED:
            return f"Cancelled{again}{took and f' after {took}'}: {why or 'no reason was given'}."
    return f"Skipped: {why or 'no reason was given'}."


def spoken(seconds: float) -> str:
    """A length of time as it is read: no more digits than matter."""
    if seconds >= 60:
        return format_duration(round(seconds))
    return format_duration(round(seconds, 1 if seconds >= 1 else 3))


def _took(run: FlowRun, now: datetime) -> str:
    if run.started_at is None or (run.state in FINAL and run.ended_at is None):
        return ""
    return spoken(max(0.0, ((run.ended_at or now) - run.started_at).total_seconds()))


def _progress(tasks: Mapping[str, int]) -> str:
    total = sum(tasks.values())
    if not total:
        return ""
    done = sum(tasks.get(state.value, 0) for state in FINAL)
    failed = tasks.get("failed", 0) + tasks.get("crashed", 0)
    return f", {done:,} of {_tasks(total)} done" + (f", {failed:,} of them failed" if failed else "")


def _count(tasks: Mapping[str, int]) -> str:
    total = sum(tasks.values())
    return f", {_tasks(total)}" if total else ""


def _tasks(count: int) -> str:
    return f"{count:,} task{'' if count == 1 else 's'}"


def _cause(why: str, tasks: Mapping[str, int], failed: Sequence[TaskRun]) -> str:
    if not failed:
        return why or "no reason was given"
    count = tasks.get("failed", 0) + tasks.get("crashed", 0)
    first = failed[0]
    which = (
        f"task '{first.name}'" if count == 1 else f"{count:,} of {_tasks(sum(tasks.values()))}, first '{first.name}'"
    )
    return f"{which}: {_short(first.reason) or why or 'no reason was given'}"


def _paused(run: FlowRun, question: Question | None) -> str:
    if question is None:
        return "Paused: it waits to be let on."
    asked = _short(question.description) or ("an answer" if question.form else "the word to go on")
    until = f", until {question.until:%d %b %H:%M} UTC" if question.until else ""
    stop = "" if asked.endswith(("?", "!", "…")) and not until else "."
    return f"Waiting for a person: {asked}{until}{stop}"


def _short(text: str | None) -> str:
    line = next((line.strip() for line in (text or "").splitlines() if line.strip()), "")
    line = line if len(line) <= REASON_CHARACTERS else line[: REASON_CHARACTERS - 1] + "…"
    return line.removesuffix(".")
