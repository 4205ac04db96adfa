"""`turnout backup`: the database in one file, while the server works."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import settings

app = command_app()


@app.command()
def backup(
    file: Annotated[str, typer.Argument(help="Where to: a file, or s3://bucket/key.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the database to one file, also while a server works on it.

    The file holds runs, logs, releases and code, and no value of a secret.
    """
    from turnout.local.backup import back_up

    with output.busy("backing up", quiet=as_json):
        done = back_up(settings(), file)
    if as_json:
        output.print_json(done)
        return
    size = sum(int(part["bytes"]) for part in done.manifest.parts.values())
    output.show(output.escape(f"{done.where}: schema {done.manifest.schema}, {size:,} bytes, {done.manifest.taken_at}"))
