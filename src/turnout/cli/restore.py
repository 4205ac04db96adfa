"""`turnout restore`: a backup in the place of the database."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import settings

app = command_app()


@app.command()
def restore(
    file: Annotated[str, typer.Argument(help="The backup: a file, or s3://bucket/key.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a backup in the place of the database, which is kept aside.

    Stop the server first. Runs that were active when the backup was taken end, or resume, as their policy says.
    """
    from turnout.local.backup import restore as put_back

    with output.busy("restoring", quiet=as_json):
        done = put_back(settings(), file)
    if as_json:
        output.print_json(done)
        return
    output.show(output.escape(f"{done.where} is as it was at {done.manifest.taken_at}"))
    if done.aside:
        output.say(f"the database that was here is in {output.escape(done.aside)}", whole=True)
    output.say(f"{done.ended} runs were active then and have lost their executor; start the server: `turnout server`")
