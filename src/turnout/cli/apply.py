"""`turnout apply`: make the server equal this repository."""

import sys
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.project import push, required
from turnout.cli.target import admin_api
from turnout.core.operations import Plan

app = command_app()


@app.command()
def apply(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Deploy uncommitted changes too.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Let most deployments go at once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Apply this commit: everything or nothing.

    What left the repository leaves production. On a terminal it shows the plan and asks; elsewhere it does not ask.
    """
    from turnout.deploy import render

    repository = required(allow_dirty=allow_dirty)
    with admin_api() as api:
        found = Plan.from_json(api.plan(repository.snapshot))
        asks = bool(found.operations) and not yes and sys.stdin.isatty()
        if asks or not as_json:
            output.say(output.escape(render.plan_text(found).rstrip()))
        if asks:
            typer.confirm("apply?", abort=True, err=True)
        answer = push(api, repository, expected=found.release or 0, allow_removals=allow_removals)
    if as_json:
        output.print_json({"project": repository.snapshot.project, **answer})
    else:
        output.show(f"release {answer['release']} of {output.short_commit(repository.bundle.commit)}")
