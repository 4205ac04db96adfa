"""`turnout trigger`: start a run of a deployment."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import Env, command_app
from turnout.cli.endings import moment
from turnout.cli.parameters import parse_parameters
from turnout.cli.target import admin_api, named_deployment, project_namespace
from turnout.cli.waiting import wait_for
from turnout.core.states import RunState

app = command_app()


@app.command()
def trigger(
    deployment: Annotated[str, typer.Argument(help="The deployment's name.")],
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-p", help="name=value; repeatable.")] = None,
    at: Annotated[str | None, typer.Option(help="When, ISO 8601 with an offset; now if left out.")] = None,
    priority: Annotated[
        int | None, typer.Option(min=-1000, max=1000, help="Of waiting runs the highest starts first.")
    ] = None,
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; exit 1 unless it completed.")] = False,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Start a run of a deployment.

    Parameters are checked before a run is made.
    """
    namespace = project_namespace(project)
    with admin_api() as api:
        schema = named_deployment(api, deployment, namespace).parameter_schema
        run = api.trigger(
            deployment,
            namespace=namespace,
            parameters=parse_parameters(parameter or [], schema),
            due_at=moment("--at", at) if at else None,
            priority=priority,
        )
        if wait:
            run = wait_for(api, run)
    if as_json:
        output.print_json(run)
    else:
        why = run.wait_reason or run.reason
        state = output.state_cell(run.state, run.state_name)
        output.show(f"{output.escape(run.name)}  {state}  {output.escape(why or '')}")
        if not wait:
            output.say(f"follow it: turnout runs logs -f {run.name}")
        elif run.state != RunState.COMPLETED:
            output.say(f"why: turnout runs logs {run.name}")
    if wait and run.state != RunState.COMPLETED:
        raise typer.Exit(1)
