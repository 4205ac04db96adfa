"""`turnout limits`: every limit of the system."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.core import limits as values

app = command_app()


@app.command()
def limits(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show every limit of the system."""
    listed = {name.lower(): getattr(values, name) for name in vars(values) if name.isupper()}
    if as_json:
        output.print_json(listed)
        return
    layout.table(("LIMIT", "VALUE"), ((name, f"{value:,}") for name, value in listed.items()), "")
