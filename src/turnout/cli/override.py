"""`turnout override`: let a value on the server hold instead of the repository's, for a while or until dropped."""

import json
from typing import Annotated, Any

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.endings import For, Until, ending
from turnout.cli.parameters import parse_parameters
from turnout.cli.target import admin_api, named_deployment, project_namespace
from turnout.core.errors import ParameterError
from turnout.core.overrides import Override, OverrideKind, subject

app = command_app(
    "Let a parameter or a variable on the server hold instead of the repository's; `turnout drift` lists."
)

Reason = Annotated[str | None, typer.Option(help="Why; shown in every plan.")]
Project = Annotated[str | None, typer.Option(help="The project, if not this folder's.")]
Deployment = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="The deployment's name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def parameter(
    deployment: Deployment,
    given: Annotated[list[str], typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Repeatable.")],
    reason: Reason = None,
    span: For = None,
    until: Until = None,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Give a deployment's next runs other parameters than the repository does.

    What a person gives with `turnout trigger -p` goes before it.
    """
    end, namespace = ending(span, until), project_namespace(project)
    with admin_api() as api:
        schema = named_deployment(api, deployment, namespace).parameter_schema
        values = parse_parameters(given, schema)
        made = [
            api.override(namespace, "parameter", deployment, name, value, reason=reason, until=end)
            for name, value in values.items()
        ]
    _tell(made, as_json)


@app.command()
def variable(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable of turnout.yaml.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="JSON, or else text.")],
    reason: Reason = None,
    span: For = None,
    until: Until = None,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Give a variable of turnout.yaml another value."""
    end, namespace = ending(span, until), project_namespace(project)
    with admin_api() as api:
        made = api.override(namespace, "variable", name, None, _value(value), reason=reason, until=end)
    _tell([made], as_json)


@app.command()
def drop(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The deployment, or the variable.")],
    parameter: Annotated[str | None, typer.Argument(metavar="[PARAMETER]", help="The deployment's parameter.")] = None,
    project: Project = None,
) -> None:
    """Let the repository's value hold again."""
    kind: OverrideKind = "variable" if parameter is None else "parameter"
    with admin_api() as api:
        dropped = api.drop_override(project_namespace(project), kind, name, parameter)
    if not dropped:
        raise ParameterError("nothing overrides it", where=name, fix="`turnout drift` lists what is overridden")
    output.show(f"{output.escape(name)} is the repository's again")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _tell(made: list[Override], as_json: bool) -> None:
    if as_json:
        output.print_json(made)
        return
    for override in made:
        end = f" until {output.moment(override.until)}" if override.until else ""
        output.show(f"{output.escape(subject(override))} is {output.escape(json.dumps(override.value))}{end}")
