"""The page of one run: its state in a sentence, facts, tasks on a time line, artifacts, the end of its log, history."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from turnout.core.records import Artifact, FlowRun, HistoryEntry, LogLine, TaskRun
from turnout.core.states import FINAL, RunState
from turnout.server.pages.artifacts import draw
from turnout.server.pages.html import Child, Html, join, tag
from turnout.server.pages.layout import page
from turnout.server.pages.parts import duration, first_line, moment, state_pill, table, tags

REFRESH_SECONDS = 2
TASK_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class RunView:
    """What the page shows; `worker` is the name of who executes it; `tasks`, `logs` and `artifacts` are those of the
    latest attempt, `logs` its last lines."""

    now: datetime
    run: FlowRun
    worker: str | None
    tasks: Sequence[TaskRun]
    task_count: int
    logs: Sequence[LogLine]
    cut: bool
    artifacts: Sequence[Artifact]
    history: Sequence[HistoryEntry]


def run_page(view: RunView, base: str) -> bytes:
    """The page, below the server's path `base`; it reloads itself until the run is over."""
    run = view.run
    title = run.deployment or run.flow_name
    return page(
        f"{title} {run.state_name.lower()}",
        tag("p", tag("a", "Status", href="status"), f" / {run.project} / {title}", class_="crumbs"),
        tag("div", tag("h1", title), state_pill(run.state, run.state_name), tags(run.tags), class_="title"),
        tag("p", _sentence(run, view.now), class_=f"sentence {run.state}"),
        _facts(view),
        _artifacts(view.artifacts),
        _tasks(view),
        _log(view),
        _history(view.history),
        base=base,
        refresh=None if run.state in FINAL else REFRESH_SECONDS,
    )


def _sentence(run: FlowRun, now: datetime) -> Html:
    took = duration(run.started_at, run.ended_at or now)
    again = f", attempt {run.attempt}" if run.attempt > 1 else ""
    why = (run.reason or "").strip()
    match run.state:
        case RunState.SCHEDULED:
            said: Child = run.wait_reason or why or "It starts as soon as a worker takes it."
        case RunState.PENDING:
            said = f"A worker has taken it and is starting it{again}."
        case RunState.RUNNING:
            said = f"Running for {took}{again}."
        case RunState.COMPLETED:
            said = f"Completed in {took}{again}." + (f" {why}" if why else "")
        case RunState.FAILED:
            said = f"Failed after {took}{again}: {why or 'no reason was given'}" if took else f"Failed{again}: {why}"
        case RunState.CRASHED:
            said = f"Its process was lost{f' after {took}' if took else ''}{again}: {why}"
        case _:
            said = f"{run.state_name}{again}." + (f" {why}" if why else "")
    return tag("span", said)


def _facts(view: RunView) -> Html:
    run, now = view.run, view.now
    values: list[tuple[str, Child]] = [
        ("Run", run.name),
        ("Started by", f"{run.trigger} ({run.created_by})"),
        ("Due", moment(run.due_at)),
        ("Started", moment(run.started_at)),
        ("Took", duration(run.started_at, run.ended_at or now) or "–"),
        ("Code", tag("span", run.spec.entrypoint, class_="mono")),
        ("Commit", tag("span", (run.spec.commit or "–")[:19], class_="mono")),
        ("Release", str(run.spec.release) if run.spec.release else "–"),
        ("Pool and worker", " / ".join(part for part in (run.pool, view.worker) if part) or "–"),
        ("Parameters", tag("span", _parameters(run), class_="mono")),
    ]
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in values), class_="card facts")


def _parameters(run: FlowRun) -> str:
    text = ", ".join(f"{name}={_plain(value)}" for name, value in run.parameters.items())
    return (text if len(text) <= 600 else text[:599] + "…") or "–"


def _plain(value: Any) -> str:
    return msgspec.json.encode(value).decode(errors="replace")


def _tasks(view: RunView) -> Html | None:
    if not view.tasks:
        return None
    start, end = _frame(view)
    rows = [_task(task, start, end, view.now) for task in view.tasks]
    more = view.task_count - len(view.tasks)
    small = f"{view.task_count}" + (f", the first {len(view.tasks)} are shown" if more > 0 else "")
    heading = tag("h2", "Tasks", tag("small", small))
    return join(
        heading, table(("Task", "State", "Took", "", tag("th", "Time line", scope="col", class_="optional")), rows, "")
    )


def _task(task: TaskRun, start: datetime, end: datetime, now: datetime) -> Sequence[Child]:
    tries = tag("span", f"{task.tries} tries", class_="under") if task.tries > 1 else None
    what = join(tag("span", task.name, class_="name"), tries)
    took = duration(task.started_at, task.ended_at or (None if task.state in FINAL else now))
    why = tag("span", first_line(task.reason), class_="under")
    cell = tag("td", _span(task, start, end, now), class_="bar-cell optional")
    return (what, state_pill(task.state, task.state_name), tag("span", took, class_="dim nowrap"), why, cell)


def _span(task: TaskRun, start: datetime, end: datetime, now: datetime) -> Html | None:
    """The task's place in the run's time: a bar in a box of 1000 by 8."""
    if task.started_at is None:
        return None
    whole = max((end - start).total_seconds(), 1e-6)
    left = 1000 * min(1.0, max(0.0, (task.started_at - start).total_seconds() / whole))
    right = 1000 * min(1.0, max(0.0, ((task.ended_at or now) - start).total_seconds() / whole))
    bar = tag("rect", x=f"{min(left, 994):.1f}", y=0, width=f"{max(right - left, 6):.1f}", height=8, class_=task.state)
    return Html(f'<svg class="span" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>')


def _frame(view: RunView) -> tuple[datetime, datetime]:
    starts = [task.started_at for task in view.tasks if task.started_at] or [view.run.started_at or view.now]
    return min(starts), view.run.ended_at or view.now


def _artifacts(artifacts: Sequence[Artifact]) -> Html | None:
    if not artifacts:
        return None
    cards = [
        tag("section", tag("h3", item.key or item.kind, tag("small", _about(item))), draw(item), class_="card")
        for item in artifacts
    ]
    return join(tag("h2", "Artifacts"), tag("div", *cards, class_="artifacts"))


def _about(artifact: Artifact) -> str:
    said = artifact.data.get("description")
    return said if isinstance(said, str) else artifact.kind


def _log(view: RunView) -> Html:
    heading = tag("h2", "Log", tag("small", f"the last {len(view.logs)} lines") if view.cut else None)
    if not view.logs:
        return join(heading, tag("div", tag("div", "Nothing was logged yet.", class_="empty"), class_="card"))
    lines = [_line(line) for line in view.logs]
    return join(heading, tag("div", tag("div", *lines, class_="log mono", tabindex=0), class_="card"))


def _line(line: LogLine) -> Html:
    at = moment(datetime.fromtimestamp(line.at, UTC), precise=True)
    level = tag("span", logging.getLevelName(line.level).lower(), class_="level", title=line.logger)
    return tag("div", at, level, tag("p", line.message), class_=f"l{min(line.level // 10 * 10, 50)}")


def _history(history: Sequence[HistoryEntry]) -> Html:
    rows = [
        (
            moment(step.at),
            state_pill(step.state, step.name),
            tag("span", first_line(step.reason), class_="under"),
            tag("span", f"attempt {step.attempt}", class_="dim nowrap"),
            tag("span", step.by, class_="dim"),
        )
        for step in history
    ]
    body = table(("When", "State", "Why", "", "By"), rows, "")
    return tag("details", tag("summary", f"History: {len(history)} transitions"), body, id="history")
