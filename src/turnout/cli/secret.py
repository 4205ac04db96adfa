"""`turnout secret`: values that this machine's workers hand to runs. They are written, never shown."""

import sys
from typing import Annotated

import typer

from turnout import secrets
from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import settings

app = command_app("Set, remove and list the secrets of this machine.")

Name = Annotated[str, typer.Argument(metavar="NAME.FIELD", help="As in van.api_key.")]


@app.command("set")
def set_value(name: Name) -> None:
    """Store a value.

    It is typed at a prompt that does not echo, or read from stdin.
    """
    value = typer.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.read().rstrip("\n")
    secrets.set_secret(settings().data_dir, name, value)
    output.say(f"{name} is set")


@app.command()
def remove(name: Name) -> None:
    """Forget a value."""
    secrets.remove_secret(settings().data_dir, name)
    output.say(f"{name} is gone")


@app.command("ls")
def list_names(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the names; values are never shown."""
    names = secrets.list_secrets(settings().data_dir)
    if as_json:
        output.print_json(names)
        return
    layout.table(
        ("SECRET",), ((output.escape(name),) for name in names), "No secrets: `turnout secret set NAME.FIELD`."
    )
