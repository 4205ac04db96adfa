"""`turnout secret`: values that this machine's workers hand to runs. They are written, never shown."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnout import secrets
from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import settings
from turnout.core.previews import FOLDER

app = command_app("Set, remove and list the secrets of this machine.")

Name = Annotated[str, typer.Argument(metavar="NAME.FIELD", help="As in van.api_key.")]
Preview = Annotated[bool, typer.Option("--preview", help="Those that runs of previews read, instead of production's.")]


@app.command("set")
def set_value(name: Name, preview: Preview = False) -> None:
    """Store a value.

    It is typed at a prompt that does not echo, or read from stdin.
    """
    value = typer.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.read().rstrip("\n")
    secrets.set_secret(_folder(preview), name, value)
    output.say(f"{name} is set")


@app.command()
def remove(name: Name, preview: Preview = False) -> None:
    """Forget a value."""
    secrets.remove_secret(_folder(preview), name)
    output.say(f"{name} is gone")


@app.command("ls")
def list_names(
    preview: Preview = False, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the names; values are never shown."""
    names = secrets.list_secrets(_folder(preview))
    if as_json:
        output.print_json(names)
        return
    layout.table(
        ("SECRET",), ((output.escape(name),) for name in names), "No secrets: `turnout secret set NAME.FIELD`."
    )


def _folder(preview: bool) -> Path:
    folder = Path(settings().data_dir)
    return folder / FOLDER if preview else folder
