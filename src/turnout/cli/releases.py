"""`turnout releases`: what was applied, when and by whom."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, project_namespace
from turnout.core.records import Page

app = command_app()


@app.command()
def releases(
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the releases of this project, newest first."""
    with admin_api() as api:
        found = api.releases(project_namespace(project), Page(limit=50))
    if as_json:
        output.print_json(found)
        return
    rows = (
        (
            str(release.number),
            output.short_moment(release.applied_at),
            output.short_commit(release.commit),
            output.escape(release.author or release.applied_by),
            output.escape((release.message or "").splitlines()[0] if release.message else ""),
        )
        for release in found
    )
    layout.table(("RELEASE", "APPLIED", "COMMIT", "BY", "MESSAGE"), rows, "No releases yet: `turnout apply` makes one.")
