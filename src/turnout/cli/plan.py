"""`turnout plan`: what apply would change."""

import sys
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.project import required
from turnout.cli.target import admin_api
from turnout.core.operations import Plan

app = command_app()

CHANGES = 2
"""Exit code of a plan with changes: 0 is none, 1 an error."""


@app.command()
def plan(
    markdown: Annotated[bool, typer.Option("--markdown", help="For a pull-request comment.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the files as they are on disk with what is deployed.

    Exit 0: the same; 2: changes; 1: something is wrong.
    """
    from turnout.deploy import render

    repository = required(allow_dirty=True)
    with admin_api() as api:
        found = Plan.from_json(api.plan(repository.snapshot))
    if as_json:
        output.print_json(found.to_json())
    elif markdown:
        sys.stdout.write(render.plan_markdown(found).rstrip() + "\n")
    else:
        output.show(output.escape(render.plan_text(found).rstrip()))
    if found.operations:
        raise typer.Exit(CHANGES)
