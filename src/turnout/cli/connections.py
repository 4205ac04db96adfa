"""`turnout connections`: databases by name, and whether one can be used."""

from pathlib import Path
from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, project_namespace, settings
from turnout.core.inventory import ConnectionStatus, ConnectionTrial
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace

app = command_app("List the databases by name, and try one.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Project = Annotated[str | None, typer.Option(help="The project, if not this folder's.")]
NOTHING = "No connection is deployed: declare one under `connections:` in turnout.yaml, and `turnout apply`."


@app.command("ls")
def list_connections(project: Project = None, as_json: Json = False) -> None:
    """List the connections and what uses them."""
    namespace = project_namespace(project)
    with admin_api() as api:
        found = api.connections(namespace)
    if as_json:
        output.print_json(found)
        return
    layout.table(("CONNECTION", "TYPE", "DATABASE", "USED BY"), [_row(status) for status in found], NOTHING)


@app.command("test")
def try_connection(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    here: Annotated[
        bool, typer.Option("--here", help="On this machine, in its data folder; on the server's otherwise.")
    ] = False,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Try a connection: it is opened for reading, and nothing is made.

    A worker on another machine has a data folder of its own: run it there with --here.
    """
    namespace = project_namespace(project)
    with admin_api() as api:
        trial = _try_here(api, namespace, name) if here else api.test_connection(namespace, name)
    if as_json:
        output.print_json(trial)
    else:
        _print(trial)
    if not trial.ok:
        raise typer.Exit(1)


def _try_here(api: AdminApi, namespace: Namespace, name: str) -> ConnectionTrial:
    from turnout.sql import trial  # loaded on use

    found = [status for status in api.connections(namespace) if status.name == name]
    if not found:
        return api.test_connection(namespace, name)  # which says what there is
    return trial.try_connection(name, found[0].type, found[0].options, Path(settings().data_dir))


def _print(trial: ConnectionTrial) -> None:
    state = "[green]ok[/green]" if trial.ok else "[red]failed[/red]"
    took = f" in {trial.seconds * 1000:,.0f} ms, {output.escape(trial.version or '')}" if trial.ok else ""
    output.show(f"[bold]{output.escape(trial.name)}[/bold]  {state}{took}")
    layout.fact("what", output.escape(trial.what))
    layout.fact("where", output.escape(trial.where))
    if trial.fix:
        layout.fact("fix", output.escape(trial.fix))


def _row(status: ConnectionStatus) -> list[str]:
    return [
        output.escape(status.name),
        output.escape(status.type),
        output.escape(str(status.options.get("database", "-"))),
        output.escape(", ".join(status.used_by) or "-"),
    ]
