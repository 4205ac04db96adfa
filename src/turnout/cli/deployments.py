"""`turnout deployments`: what is in production."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, project_namespace
from turnout.core.records import DeploymentStatus

app = command_app("List and show what is in production.")

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
    output.table(("DEPLOYMENT", "RUNS", "NEXT", "LAST", "RELEASE"), [_row(status) for status in found], NOTHING)


@app.command()
def show(name: str, project: Annotated[str | None, typer.Option()] = None, as_json: Json = False) -> None:
    """Show one deployment."""
    with admin_api() as api:
        status = api.deployment(name, project_namespace(project))
    if as_json:
        output.print_json(status)
        return
    output.show(f"[bold]{status.name}[/bold]  {output.escape(status.description or '')}")
    output.show(f"  runs     {output.escape(', '.join(status.schedules) or status.waiting or 'when triggered')}")
    output.show(f"  code     {output.escape(status.entrypoint)} at {output.escape(status.commit or '-')}")
    for moment in status.next_runs[:5]:
        output.show(f"  next     {output.moment(moment)}")
    for name_, schema in status.parameter_schema.get("properties", {}).items():
        output.show(f"  takes    {output.escape(name_)}: {output.escape(str(schema.get('type', 'any')))}")


def _row(status: DeploymentStatus) -> list[str]:
    last = status.last_run
    return [
        output.escape(status.name),
        output.escape(", ".join(status.schedules) or status.waiting or "when triggered"),
        output.moment(status.next_runs[0]) if status.next_runs else "-",
        output.state_cell(last.state, last.state_name) if last else "-",
        f"{status.release} ({output.escape((status.commit or '-')[:10])})",
    ]
