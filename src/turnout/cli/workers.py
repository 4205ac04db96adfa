"""`turnout workers`: who executes, and when they were last heard of."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api

app = command_app()


@app.command()
def workers(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the workers."""
    with admin_api() as api:
        found = api.workers()
    if as_json:
        output.print_json(found)
        return
    rows = (
        (output.escape(w.name), output.escape(w.pool), w.state, str(w.capacity), output.moment(w.seen_at), w.version)
        for w in found
    )
    headings = ("WORKER", "POOL", "STATE", "CAPACITY", "LAST HEARD OF", "VERSION")
    output.table(headings, rows, "No worker yet: `turnout worker` starts one.")
