"""`turnout plan`: what apply would change."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnout.cli import output, plan_file
from turnout.cli.command import Env, command_app
from turnout.cli.project import planned, required
from turnout.cli.target import admin_api

app = command_app()

CHANGES = 2
"""Exit code of a plan with changes: 0 is none, 1 an error."""


@app.command()
def plan(
    markdown: Annotated[bool, typer.Option("--markdown", help="For a pull-request comment.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Keep the plan in this file, for `turnout apply --plan`.", metavar="FILE")
    ] = None,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the files as they are on disk with what is deployed.

    Exit 0: the same; 2: changes; 1: something is wrong.
    """
    from turnout.deploy import render

    repository = required(allow_dirty=True, to_plan=True)
    with admin_api() as api:
        found = planned(api, repository)
    if out is not None:
        plan_file.write(out, found, repository)
    if as_json:
        output.print_json(found.to_json())
    elif markdown:
        sys.stdout.write(render.plan_markdown(found).rstrip() + "\n")
    else:
        output.show(output.escape(render.plan_text(found).rstrip()))
    if found.changes:
        raise typer.Exit(CHANGES)
