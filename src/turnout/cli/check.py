"""`turnout check`: is this repository fit for production? Offline, in seconds."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import Env, command_app
from turnout.cli.project import checked, print_problems
from turnout.deploy.check import Report

app = command_app()


@app.command()
def check(
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the repository, offline.

    That is the manifest, every flow and SQL file, schedules and references. Exit 1 if anything is wrong.
    """
    report = checked(require_secrets=False, quiet=as_json)
    if as_json:
        output.print_json(report.to_json())
    else:
        print_problems(report)
        _print_summary(report)
    if report.errors:
        raise typer.Exit(1)


def _print_summary(report: Report) -> None:
    if report.snapshot is None:
        output.say(f"{len(report.errors)} wrong; nothing would be applied")
        return
    output.show(f"[green]✓[/green] {len(report.snapshot.deployments)} deployments of project {report.snapshot.project}")
    wide = max(map(len, report.next_runs), default=0)
    for name, moments in report.next_runs.items():
        layout.fact(name, f"next {', '.join(output.moment(moment) for moment in moments[:3])}", wide=wide)
