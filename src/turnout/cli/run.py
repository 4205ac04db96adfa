"""`turnout run FILE:FLOW`: run a flow here and now, recorded like any script's run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from turnout.cli.command import command_app
from turnout.cli.parameters import parse_parameters
from turnout.core.errors import DiscoveryError

app = command_app()


@app.command()
def run(
    flow: Annotated[str, typer.Argument(metavar="FILE:FLOW", help="A Python file and a flow in it, or a .sql file.")],
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-p", help="name=value; repeatable.")] = None,
) -> None:
    """Run a flow here and now, without a server.

    It is recorded in the project's own store: `turnout runs show latest`.
    """
    from turnout.engine.definitions.load import load_entrypoint
    from turnout.engine.definitions.parameters import parameter_schema
    from turnout.engine.runs.tracebacks import text

    file, _, _ = flow.partition(":")
    if not Path(file).is_file():
        raise DiscoveryError(f"there is no file '{file}'", fix="write FILE:FLOW, as in flows/load.py:load_zip_codes")
    _import_like_python(Path(file))
    loaded: Any = load_entrypoint(flow)
    arguments = parse_parameters(parameter or [], parameter_schema(loaded.fn))
    state = loaded(**arguments, return_state=True)
    if not state.is_completed():
        typer.echo(text(state.failure()), err=True, nl=False)
        raise typer.Exit(1)


def _import_like_python(file: Path) -> None:
    """What `python FILE` does: the file's folder comes first, then the current one."""
    from turnout.engine.definitions.load import search

    for folder in (Path.cwd(), file.resolve().parent):
        search(str(folder))
