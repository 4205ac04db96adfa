"""One run on the terminal: what it is, what happened to it, its tasks and artifacts."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from turnout.cli import layout, output
from turnout.core.records import Artifact, FlowRun, HistoryEntry, Question, TaskRun
from turnout.core.states import RunState

SHOWN = 30
"""So many tasks are shown unless all are asked for: first what went wrong, then what is under way, then the latest."""
_ORDER = {
    RunState.FAILED: 0, RunState.CRASHED: 0, RunState.CANCELLED: 1, RunState.SKIPPED: 1, RunState.COMPLETED: 3,
}  # fmt: skip


def print_all(
    run: FlowRun, history: list[HistoryEntry], tasks: list[TaskRun], artifacts: list[Artifact], *, every: bool = False
) -> None:
    """The whole page, on stdout; `every` task, or the SHOWN that matter most."""
    _print_run(run)
    _print_history(run, history)
    _print_tasks(tasks, chosen(tasks, len(tasks) if every else SHOWN))
    _print_artifacts(artifacts)


def print_question(run: FlowRun, question: Question) -> None:
    """What a paused run waits for, field by field."""
    output.show("\n[bold]waits for[/bold]")
    for line in filter(
        None, [question.description, f"until {output.moment(question.until)}" if question.until else None]
    ):
        output.show(f"  {output.escape(line)}")
    form = question.form or {}
    required = form.get("required", ())
    for name, field in form.get("properties", {}).items():
        kind = field.get("type") or " or ".join(str(one.get("type", "?")) for one in field.get("anyOf", [])) or "value"
        words = kind if name in required else f"{kind}, {field.get('default', 'may be left out')!s} unless given"
        layout.fact(name, output.escape(f"{words}  {field.get('description', '')}".strip()))
    given = " ".join(f"--input {name}=..." for name in required)
    output.show(f"  answer with: {output.escape(f'turnout runs resume {run.name} {given}'.strip())}")


def _print_run(run: FlowRun) -> None:
    output.show(f"[bold]{output.escape(run.name)}[/bold]  {output.state_cell(run.state, run.state_name)}")
    facts = {
        "id": run.id,
        "flow": run.flow_name,
        "deployment": run.deployment or "-",
        "why": run.wait_reason or run.reason or "-",
        "started by": f"{run.trigger} ({run.created_by})",
        "commit": run.spec.commit or "-",
        "attempt": str(run.attempt),
        "due": output.moment(run.due_at),
        "took": output.span(run.started_at, run.ended_at),
        "parameters": ", ".join(f"{name}={value!r}" for name, value in run.parameters.items()) or "-",
    }
    for name, value in facts.items():
        layout.fact(name, output.escape(value))


def _print_history(run: FlowRun, history: list[HistoryEntry]) -> None:
    output.show("\n[bold]history[/bold]")
    for entry in history:
        by = "itself" if entry.by == f"run:{run.id}" else entry.by
        reason = f": {entry.reason}" if entry.reason else ""
        state = output.state_cell(entry.state, entry.name)
        what = f"attempt {entry.attempt}  {state}  by {output.escape(by + reason)}"
        layout.fact(output.moment(entry.at), what, wide=20)


def chosen(tasks: list[TaskRun], most: int) -> list[TaskRun]:
    """All tasks in their order, if there are no more than `most`; else the `most` that matter, failed ones first."""
    if len(tasks) <= most:
        return tasks
    return sorted(tasks, key=lambda task: (_ORDER.get(task.state, 2), -task.number))[:most]


def _print_tasks(tasks: list[TaskRun], shown: list[TaskRun]) -> None:
    if not tasks:
        return
    output.show(f"\n[bold]tasks[/bold] ({len(tasks)}{_summary(tasks) if len(shown) < len(tasks) else ''})")
    rows = (
        (
            f"  {task.number}",
            output.escape(task.name),
            output.state_cell(task.state, task.state_name),
            output.span(task.started_at, task.ended_at),
            str(task.tries),
            output.escape(_why(task)),
        )
        for task in shown
    )
    layout.table(("  #", "TASK", "STATE", "TOOK", "TRIES", "WHY"), rows, "")
    if len(shown) < len(tasks):
        output.show(f"  and {len(tasks) - len(shown)} more: --all-tasks shows them in order")


def _summary(tasks: list[TaskRun]) -> str:
    counts = Counter(task.state_name for task in tasks)
    return ": " + ", ".join(f"{count} {output.escape(name)}" for name, count in counts.most_common())


def _print_artifacts(artifacts: list[Artifact]) -> None:
    if artifacts:
        output.show(f"\n[bold]artifacts[/bold] ({len(artifacts)})")
    for artifact in artifacts:
        output.show(f"  {output.escape(artifact.key)} ({artifact.kind})")


def _stored(result: Mapping[str, Any]) -> str:
    """Where a result is that the record does not hold itself."""
    return f"result: {result['format']}, {result['size']:,} bytes, {result['ref']}" if "ref" in result else ""


def _why(task: TaskRun) -> str:
    """The first line of a task's reason; for a completed one, why a resumed run would run it again."""
    unstored = (task.result or {}).get("unstored")
    why = task.reason or (f"not resumable: {unstored}" if unstored else _stored(task.result or {}))
    return why.splitlines()[0] if why else ""
