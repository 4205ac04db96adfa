"""`turnout deployments`: what is in production."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.endings import For, Until, ending
from turnout.cli.target import admin_api, named_deployment, project_namespace
from turnout.core.records import DeploymentStatus

app = command_app("List, show, pause and resume what is in production.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NOTHING = "Nothing is deployed. `turnout check` looks at this repository, `turnout apply` puts it into production."


@app.command("ls")
def list_deployments(as_json: Json = False) -> None:
    """List the deployments with their schedules, next and last runs."""
    with admin_api() as api:
        found = api.deployments()
    if as_json:
        output.print_json(found)
        return
    layout.table(("DEPLOYMENT", "NEXT", "LAST", "RELEASE", "RUNS"), [_row(status) for status in found], NOTHING)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The deployment's name.")],
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    as_json: Json = False,
) -> None:
    """Show one deployment."""
    with admin_api() as api:
        status = named_deployment(api, name, project_namespace(project))
    if as_json:
        output.print_json(status)
        return
    output.show(f"[bold]{output.escape(status.name)}[/bold]{_title(status)}")
    if status.description:
        layout.fact("does", output.escape(status.description))
    layout.fact("runs", output.escape(", ".join(status.schedules) or status.waiting or "when triggered"))
    layout.fact("code", output.escape(status.entrypoint))
    layout.fact("release", f"{status.release}, commit {output.escape(status.commit or '-')}")
    if status.last_run:
        last = status.last_run
        layout.fact("last", f"{output.state_cell(last.state, last.state_name)}  {output.escape(last.name)}")
    for moment in status.next_runs[:5]:
        layout.fact("next", output.moment(moment))
    for name_, schema in status.parameter_schema.get("properties", {}).items():
        layout.fact("takes", f"{output.escape(name_)}: {output.escape(str(schema.get('type', 'any')))}")


@app.command()
def pause(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The deployment's name.")],
    reason: Annotated[str | None, typer.Option(help="Why; shown with everything that waits.")] = None,
    span: For = None,
    until: Until = None,
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
) -> None:
    """Start nothing of a deployment until it is resumed."""
    end = ending(span, until)
    with admin_api() as api:
        namespace = project_namespace(project)
        named_deployment(api, name, namespace)
        found = api.pause(name, namespace, None, reason, end)
    end_said = f" until {output.moment(found.until)}" if found.until else ""
    output.show(f"{output.escape(name)} is paused since {output.moment(found.at)}{end_said}")


@app.command()
def resume(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The deployment's name.")],
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
) -> None:
    """Let a paused deployment go on, as catch-up policies say."""
    with admin_api() as api:
        namespace = project_namespace(project)
        named_deployment(api, name, namespace)
        done = api.resume(name, namespace, None)
    output.show(f"{output.escape(name)} {'goes on' if done else 'was not paused'}")


def _title(status: DeploymentStatus) -> str:
    return f"  [dim]{output.escape(status.title)}[/dim]" if status.title else ""


def _row(status: DeploymentStatus) -> list[str]:
    last = status.last_run
    return [
        f"{output.escape(status.name)}{_title(status)}",
        output.short_moment(status.next_runs[0]) if status.next_runs else "-",
        output.state_cell(last.state, last.state_name) if last else "-",
        f"{status.release} ({output.short_commit(status.commit)})",
        output.escape(", ".join(status.schedules) or status.waiting or "when triggered"),
    ]
