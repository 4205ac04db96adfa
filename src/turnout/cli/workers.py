"""`turnout workers`: who executes, and when they were last heard of."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api
from turnout.core.records import Worker

app = command_app()


@app.command()
def workers(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the workers."""
    with admin_api() as api:
        found = api.workers()
    if as_json:
        output.print_json(found)
        return
    rows = (_row(worker) for worker in found)
    headings = ("WORKER", "POOL", "STATE", "CAPACITY", "LAST HEARD OF", "VERSION")
    layout.table(headings, rows, "No worker yet: `turnout worker` starts one.")


def _row(worker: Worker) -> list[str]:
    return [
        output.escape(worker.name),
        output.escape(worker.pool),
        worker.state,
        str(worker.capacity),
        output.short_moment(worker.seen_at),
        output.escape(worker.version),
    ]
