"""`turnout runs`: what ran, what runs, what waits and why."""

import logging
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from turnout.cli import layout, output, run_text
from turnout.cli.command import command_app
from turnout.cli.parameters import parse_values
from turnout.cli.target import admin_api, find_run, project_namespace
from turnout.cli.waiting import NEWS_SECONDS, patiently, situation, wait_for
from turnout.core.errors import IllegalTransition
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, LogLine, Page, RunFilter, TaskRun
from turnout.core.states import RunState, is_final

app = command_app("List, show, follow, cancel, resume, retry and delete runs.")

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or name, or `latest`.")]
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
    layout.table(("RUN", "FLOW", "STATE", "DUE", "TOOK", "BY", "WHY"), [_row(run) for run in runs], NO_RUNS)


@app.command()
def show(
    run: Run,
    all_tasks: Annotated[
        bool, typer.Option("--all-tasks", help="Every task, not only those that matter most.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one run: its state in words, history, tasks, artifacts.

    Of more than 30 tasks the failed ones are shown first, then those under way, then the latest.
    """
    with admin_api() as api:
        found = find_run(api, run)
        history, tasks, artifacts = api.history(found.id), _all_tasks(api, found), api.artifacts(found.id)
        question = api.question(found.id) if found.state == RunState.PAUSED else None
    if as_json:
        asked = {"question": question} if question else {}
        output.print_json({"run": found, "history": history, "tasks": tasks, "artifacts": artifacts, **asked})
        return
    run_text.print_all(found, history, tasks, artifacts, every=all_tasks)
    if question:
        run_text.print_question(found, question)


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
        if follow and not is_final(found.state):
            output.say(situation(found))
        printed, cursor = False, ""
        while True:
            ask = partial(
                api.logs,
                found.id,
                attempt=attempt,
                cursor=cursor or None,
                wait=NEWS_SECONDS if follow else 0.0,
                arrival=follow,  # or what an earlier attempt tells late would lie before the cursor
            )
            lines, following = patiently(ask) if follow else ask()
            for line in lines:
                _print_line(line, as_json)
            printed = printed or bool(lines)
            if following is None or (not lines and not follow):
                break
            cursor = following
            if not lines:
                found = _tell_news(found, patiently(partial(api.run, found.id)))
        if follow or not printed:
            output.say(situation(api.run(found.id)) + ("" if printed else "; it logged nothing"))


@app.command()
def cancel(
    run: Run,
    reason: Annotated[str | None, typer.Option(help="Why; shown with the run.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until nothing of it is left.")] = True,
) -> None:
    """Cancel a run and stop every process of it."""
    with admin_api() as api:
        found = find_run(api, run)
        if is_final(found.state):
            raise IllegalTransition(
                f"{found.name} is over ({found.state_name}): there is nothing to cancel",
                fix=f"`turnout runs retry {found.name}` opens a new attempt",
            )
        found = api.cancel(found.id, reason)
        if wait:
            found = wait_for(api, found)
    output.show(f"{output.escape(found.name)}  {output.state_cell(found.state, found.state_name)}")


@app.command()
def resume(
    run: Run,
    given: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="NAME=VALUE", help="What its form asks for.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until the run is over.")] = False,
) -> None:
    """Let a paused run go on.

    `turnout runs show` shows what it waits for, and which inputs to give.
    """
    with admin_api() as api:
        found = find_run(api, run)
        question = api.question(found.id)
        form = (question.form if question else None) or {}
        found = api.answer(found.id, parse_values(given or [], form, "--input", "input") or None)
        if wait:
            found = wait_for(api, found)
    output.show(f"{output.escape(found.name)}  {output.state_cell(found.state, found.state_name)}")


@app.command()
def retry(
    run: Run,
    everything: Annotated[bool, typer.Option("--all", help="Run completed steps again too.")] = False,
    newest: Annotated[
        bool,
        typer.Option("--newest/--same-commit", help="With the code that is deployed now; its own commit otherwise."),
    ] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the run is over.")] = False,
) -> None:
    """Open a new attempt of a finished run.

    It runs at its own commit. Completed steps with stored results are reused, unless --all.
    """
    with admin_api() as api:
        found = find_run(api, run)
        if not is_final(found.state):
            raise IllegalTransition(
                f"{found.name} is not over ({found.state_name}): there is nothing to retry yet",
                fix=f"wait for its end, or stop it: `turnout runs cancel {found.name}`",
            )
        found = api.retry(found.id, from_failure=not everything, newest=newest)
        if wait:
            found = wait_for(api, found)
    output.show(
        f"{output.escape(found.name)}  attempt {found.attempt}  {output.state_cell(found.state, found.state_name)}"
    )


@app.command()
def delete(
    deployment: Annotated[str | None, typer.Option(help="Only this deployment.")] = None,
    flow: Annotated[str | None, typer.Option(help="Only this flow.")] = None,
    state: Annotated[list[RunState] | None, typer.Option(help="Only these states; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only runs with all of these tags.")] = None,
    text: Annotated[str | None, typer.Option(help="Only runs whose name, flow or deployment holds this.")] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Only runs that were made so long ago, as in 30d.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    as_json: Json = False,
) -> None:
    """Delete runs that are over, for good.

    Their tasks, logs and artifacts go with them; the last run and the last completed run of each deployment are kept.
    Says how many match, and asks.
    """
    from turnout.cli import deleting  # loaded on use

    namespace = project_namespace(project)
    where = RunFilter(
        project=namespace.project,
        environment=namespace.environment,
        deployment=deployment,
        flow_name=flow,
        states=tuple(state or ()),
        tags=tuple(tag or ()),
        text=text,
        until=deleting.made_before(older_than),
    )
    with admin_api() as api:
        if not deleting.is_wanted(api, where, yes=yes):
            return
        outcome = deleting.delete_all(api, where)
    deleting.print_outcome(outcome, as_json=as_json)


def _tell_news(before: FlowRun, now: FlowRun) -> FlowRun:
    """The run as it is now; says so if it moved to another state, such as waiting for its retry."""
    if (now.state_name, now.attempt) != (before.state_name, before.attempt) and not is_final(now.state):
        output.say(situation(now))
    return now


def _row(run: FlowRun) -> list[str]:
    why = run.wait_reason or run.reason or ""
    return [
        output.escape(run.name),
        output.escape(run.deployment or run.flow_name),
        output.state_cell(run.state, run.state_name),
        output.short_moment(run.due_at),
        output.span(run.started_at, run.ended_at),
        output.escape(run.trigger),
        output.escape(why.splitlines()[0] if why else ""),
    ]


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
    source, message = output.escape(line.logger), output.escape(line.message.rstrip("\n"))
    output.show(f"[dim]{at}[/dim] [{colour}]{level:<7}[/{colour}] [dim]{source}[/dim] {message}")
