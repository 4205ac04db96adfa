"""`turnout drift`: what people changed on the server and not in the repository."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import Env, command_app
from turnout.cli.project import project_folder
from turnout.cli.target import admin_api, project_namespace
from turnout.core.overrides import OverrideOutcome, outcome_to_json

app = command_app()

CHANGES = 2
"""Exit code when there is something: 0 is nothing, 1 an error."""


@app.command()
def drift(
    patch: Annotated[
        bool, typer.Option("--patch", help="Print a patch of turnout.yaml that says the same: `git apply` takes it.")
    ] = False,
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what holds on the server and not in the repository: pauses, parameters, variables; by whom, why, until when.

    Exit 0: nothing; 2: something; 1: something is wrong.
    """
    from turnout.deploy.surroundings import override_line
    from turnout.store.clock import SystemClock

    with admin_api() as api:
        found = api.drift(project_namespace(project))
    if as_json:
        output.print_json([outcome_to_json(outcome) for outcome in found])
    elif patch:
        _print_patch(found)
    elif not found:
        output.say("Nothing: the server does what was applied.")
    else:
        now = SystemClock().now()
        for outcome in found:
            output.show(output.escape(override_line(outcome, now, None)))
    if found:
        raise typer.Exit(CHANGES)


def _print_patch(found: list[OverrideOutcome]) -> None:
    from turnout.deploy.drift_patch import patched
    from turnout.deploy.manifest import FILE, load_manifest

    folder = project_folder()
    snapshot = load_manifest(folder).snapshot
    slugs = {name: [one.slug for one in spec.schedules] for name, spec in snapshot.deployments.items()}
    before = Path(folder, FILE).read_bytes().decode("utf-8")
    made = patched(before, [outcome.override for outcome in found], slugs)
    sys.stdout.write(made.diff(before))
    for line in made.by_hand:
        output.say(output.escape(f"by hand: {line}"))
