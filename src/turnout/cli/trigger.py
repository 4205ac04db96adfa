"""`turnout trigger`: start a run of a deployment."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import Env, command_app
from turnout.cli.endings import moment
from turnout.cli.parameters import parse_parameters
from turnout.cli.target import admin_api, find_run, named_deployment, project_namespace
from turnout.cli.waiting import wait_for
from turnout.core.errors import ConfigurationError
from turnout.core.records import FlowRun
from turnout.core.states import RunState

app = command_app()


@app.command()
def trigger(
    deployment: Annotated[
        str | None, typer.Argument(help="The deployment's name; with --like that run's if left out.")
    ] = None,
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-p", help="name=value; repeatable.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RUN", help="With the parameters of this run; -p says otherwise.")
    ] = None,
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
        model = find_run(api, like) if like else None
        name = _named(deployment, model)
        schema = named_deployment(api, name, namespace).parameter_schema
        run = api.trigger(
            name,
            namespace=namespace,
            parameters={**(model.parameters if model else {}), **parse_parameters(parameter or [], schema)},
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


def _named(deployment: str | None, model: FlowRun | None) -> str:
    name = deployment or (model.deployment if model else None)
    if name is None:
        what = f"run {model.name} is of no deployment" if model else "which deployment?"
        raise ConfigurationError(
            what, fix="name one: `turnout trigger DEPLOYMENT`, `turnout deployments ls` lists them"
        )
    return name
