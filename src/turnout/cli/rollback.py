"""`turnout rollback`: back to an earlier release."""

import sys
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import Env, command_app
from turnout.cli.target import admin_api, project_namespace
from turnout.core.operations import Plan

app = command_app()


@app.command()
def rollback(
    release: Annotated[int | None, typer.Argument(min=1, help="Which one; the one before the newest.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make code, schedules, limits and variables what they were at an earlier release.

    It becomes a new release. The repository stays as it is: revert the commit there, or the next apply brings it back.
    """
    from turnout.deploy import render

    namespace = project_namespace(project)
    with admin_api() as api:
        offered = api.plan_rollback(namespace, release)
        found, target = Plan.from_json(offered["plan"]), offered["release"]
        output.say(output.escape(f"back to release {target['number']} of {output.short_commit(target['commit'])}\n"))
        output.say(output.escape(render.plan_text(found).rstrip()))
        if not yes and sys.stdin.isatty():
            typer.confirm("go back?", abort=True, err=True)
        answer = api.rollback(namespace, target["number"], expected_release=found.release)
    if as_json:
        output.print_json(answer)
    else:
        output.show(f"release {answer['release']} is as release {target['number']} was")
