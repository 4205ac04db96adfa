"""`turnout events`: what flows told that happened."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, project_namespace

app = command_app()


@app.command()
def events(
    prefix: Annotated[str, typer.Option(help="Only events whose name begins so.")] = "",
    after: Annotated[int, typer.Option(min=0, help="Only events above this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what flows told that happened, in the order in which it came."""
    with admin_api() as api:
        found = api.events(project_namespace(), after=after, prefix=prefix, limit=limit)
    if as_json:
        output.print_json(found)
        return
    rows = [
        (
            str(event.seq),
            output.moment(event.occurred),
            output.escape(event.event),
            output.escape(" ".join(f"{key}={value}" for key, value in event.resource.items())),
        )
        for event in found
    ]
    layout.table(("NUMBER", "AT", "EVENT", "ABOUT"), rows, "No events yet: emit_event(...) in a flow tells one.")
