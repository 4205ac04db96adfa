"""`turnout runs`: what ran, what runs, what waits and why."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, find_run
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, HistoryEntry, LogLine, Page, RunFilter, TaskRun
from turnout.core.states import RunState, is_final
from turnout.worker import clock

app = command_app("List, show, follow, cancel and retry runs.")

Run = Annotated[str, typer.Argument(help="A run's id or name, or `latest`.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NO_RUNS = "No runs yet. Start one: `turnout run FILE:FLOW`, `turnout trigger DEPLOYMENT`, or `python your_flow.py`."


@app.command("ls")
def list_runs(
    deployment: Annotated[str | None, typer.Option(help="Only this deployment.")] = None,
    flow: Annotated[str | None, typer.Option(help="Only this flow.")] = None,
    state: Annotated[list[RunState] | None, typer.Option(help="Only these states; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only runs with all of these tags.")] = None,
    text: Annotated[str | None, typer.Option(help="Only runs whose name, flow or deployment holds this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 30,
    as_json: Json = False,
) -> None:
    """List runs, newest first."""
    where = RunFilter(
        deployment=deployment, flow_name=flow, states=tuple(state or ()), tags=tuple(tag or ()), text=text
    )
    with admin_api() as api:
        runs = api.runs(where, Page(limit=limit))
    if as_json:
        output.print_json(runs)
        return
    output.table(("RUN", "FLOW", "STATE", "DUE", "TOOK", "BY", "WHY"), [_row(run) for run in runs], NO_RUNS)


@app.command()
def show(run: Run, as_json: Json = False) -> None:
    """Show one run: its state in words, its history, tasks and artifacts."""
    with admin_api() as api:
        found = find_run(api, run)
        history, tasks, artifacts = api.history(found.id), _all_tasks(api, found), api.artifacts(found.id)
    if as_json:
        output.print_json({"run": found, "history": history, "tasks": tasks, "artifacts": artifacts})
        return
    _print_run(found)
    _print_history(history)
    _print_tasks(tasks)
    for artifact in artifacts:
        output.show(f"artifact {output.escape(artifact.key)} ({artifact.kind})")


@app.command()
def logs(
    run: Run,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    attempt: Annotated[int | None, typer.Option(help="Only this attempt.")] = None,
    as_json: Json = False,
) -> None:
    """Print a run's log; with --follow, live."""
    with admin_api() as api:
        found = find_run(api, run)
        cursor: str | None = None
        while True:
            lines, following = api.logs(found.id, attempt=attempt, cursor=cursor, wait=10.0 if follow else 0.0)
            for line in lines:
                _print_line(line, as_json)
            if following is None or (not lines and not follow):
                break
            cursor = following


@app.command()
def cancel(
    run: Run,
    reason: Annotated[str | None, typer.Option(help="Why; shown with the run.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until nothing of it is left.")] = True,
) -> None:
    """Cancel a run: its processes are stopped, then it is shown as cancelled."""
    with admin_api() as api:
        found = api.cancel(find_run(api, run).id, reason)
        if wait:
            found = wait_for(api, found)
    output.show(f"{output.escape(found.name)}  {output.state_cell(found.state, found.state_name)}")


@app.command()
def retry(
    run: Run,
    everything: Annotated[bool, typer.Option("--all", help="Run completed steps again too.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the run is over.")] = False,
) -> None:
    """Open a new attempt of a finished run; completed steps with stored results are reused."""
    with admin_api() as api:
        found = api.retry(find_run(api, run).id, from_failure=not everything)
        if wait:
            found = wait_for(api, found)
    output.show(f"{output.escape(found.name)}  attempt {found.attempt}  {_state(found)}")


def wait_for(api: AdminApi, run: FlowRun) -> FlowRun:
    """The run once it is final."""
    cursor: str | None = None
    while not is_final(run.state):
        _, cursor = api.logs(run.id, cursor=cursor, wait=10.0)
        run = api.run(run.id)
        if cursor is None and not is_final(run.state):
            clock.sleep(0.2)
    return run


def _row(run: FlowRun) -> list[str]:
    why = run.wait_reason or run.reason or ""
    return [
        output.escape(run.name),
        output.escape(run.deployment or run.flow_name),
        _state(run),
        output.moment(run.due_at),
        output.span(run.started_at, run.ended_at),
        output.escape(run.trigger),
        output.escape(why.splitlines()[0] if why else ""),
    ]


def _state(run: FlowRun) -> str:
    return output.state_cell(run.state, run.state_name)


def _print_run(run: FlowRun) -> None:
    output.show(f"[bold]{output.escape(run.name)}[/bold]  {_state(run)}")
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
        output.show(f"  {name:<11} {output.escape(value)}")


def _print_history(history: list[HistoryEntry]) -> None:
    output.show("\n[bold]history[/bold]")
    for entry in history:
        reason = f"  {output.escape(entry.reason)}" if entry.reason else ""
        state = output.state_cell(entry.state, entry.name)
        output.show(
            f"  {output.moment(entry.at)}  attempt {entry.attempt}  {state}  by {output.escape(entry.by)}{reason}"
        )


def _print_tasks(tasks: list[TaskRun]) -> None:
    if not tasks:
        return
    output.show(f"\n[bold]tasks[/bold] ({len(tasks)})")
    rows = (
        (
            output.escape(task.name),
            output.state_cell(task.state, task.state_name),
            output.span(task.started_at, task.ended_at),
            str(task.tries),
            output.escape(_why(task)),
        )
        for task in tasks
    )
    output.table(("TASK", "STATE", "TOOK", "TRIES", "WHY"), rows, "")


def _why(task: TaskRun) -> str:
    """The first line of a task's reason; for a completed one, why a resumed run would run it again."""
    unstored = (task.result or {}).get("unstored")
    why = task.reason or (f"not resumable: {unstored}" if unstored else "")
    return why.splitlines()[0] if why else ""


def _all_tasks(api: AdminApi, run: FlowRun) -> list[TaskRun]:
    tasks: list[TaskRun] = []
    page = Page(limit=200)
    while batch := api.tasks(run.id, page):
        tasks += batch
        if len(batch) < page.limit:
            break
        page = Page(limit=200, after=str(batch[-1].number))
    return tasks


def _print_line(line: LogLine, as_json: bool) -> None:
    if as_json:
        import msgspec  # loaded on use

        typer.echo(msgspec.json.encode(line).decode())
        return
    at = datetime.fromtimestamp(line.at, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
    level = logging.getLevelName(line.level)
    colour = "red" if line.level >= logging.ERROR else "yellow" if line.level >= logging.WARNING else "default"
    source, message = output.escape(line.logger), output.escape(line.message)
    output.show(f"[dim]{at}[/dim] [{colour}]{level:<7}[/{colour}] [dim]{source}[/dim] {message}")
