"""`turnout init`: a repository to start from."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app

app = command_app()


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where; made if it is not there.")] = Path("."),
    project: Annotated[str | None, typer.Option(help="The project's name; the folder's if left out.")] = None,
) -> None:
    """Make a repository: manifest, one flow, one SQL file, tests.

    Existing files are never touched.
    """
    from turnout.deploy.scaffold import create

    for path in create(folder, project):
        output.show(f"  {output.escape(str(path))}")
    where = "" if folder == Path(".") else f"cd {output.escape(quote(str(folder)))} && "
    output.say(f"next: {where}git init && git add . && turnout up")
