"""One run on the terminal: what it is, what happened to it, its tasks and artifacts."""

from turnout.cli import layout, output
from turnout.core.records import Artifact, FlowRun, HistoryEntry, TaskRun


def print_all(run: FlowRun, history: list[HistoryEntry], tasks: list[TaskRun], artifacts: list[Artifact]) -> None:
    """The whole page, on stdout."""
    _print_run(run)
    _print_history(run, history)
    _print_tasks(tasks)
    _print_artifacts(artifacts)


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


def _print_tasks(tasks: list[TaskRun]) -> None:
    if not tasks:
        return
    output.show(f"\n[bold]tasks[/bold] ({len(tasks)})")
    rows = (
        (
            f"  {task.number}",
            output.escape(task.name),
            output.state_cell(task.state, task.state_name),
            output.span(task.started_at, task.ended_at),
            str(task.tries),
            output.escape(_why(task)),
        )
        for task in tasks
    )
    layout.table(("  #", "TASK", "STATE", "TOOK", "TRIES", "WHY"), rows, "")


def _print_artifacts(artifacts: list[Artifact]) -> None:
    if artifacts:
        output.show(f"\n[bold]artifacts[/bold] ({len(artifacts)})")
    for artifact in artifacts:
        output.show(f"  {output.escape(artifact.key)} ({artifact.kind})")


def _why(task: TaskRun) -> str:
    """The first line of a task's reason; for a completed one, why a resumed run would run it again."""
    unstored = (task.result or {}).get("unstored")
    why = task.reason or (f"not resumable: {unstored}" if unstored else "")
    return why.splitlines()[0] if why else ""
