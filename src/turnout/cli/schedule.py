"""`turnout schedule`: pause a schedule on the server, and let it go on."""

from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, named_deployment, project_namespace
from turnout.core.errors import NotFound
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace

app = command_app("Pause a deployment's schedule, and let it go on.")

Deployment = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="The deployment's name.")]
Slug = Annotated[str | None, typer.Argument(metavar="[SCHEDULE]", help="Which schedule, if it has several.")]
Project = Annotated[str | None, typer.Option(help="The project, if not this folder's.")]


@app.command()
def pause(
    deployment: Deployment,
    schedule: Slug = None,
    reason: Annotated[str | None, typer.Option(help="Why; shown with everything that waits.")] = None,
    project: Project = None,
) -> None:
    """Start nothing of a schedule until it is resumed."""
    with admin_api() as api:
        namespace = project_namespace(project)
        slug = _slug(api, deployment, namespace, schedule)
        found = api.pause(deployment, namespace, slug, reason)
    output.show(f"{output.escape(f'{deployment}, schedule {slug}')} is paused since {output.moment(found.at)}")


@app.command()
def resume(deployment: Deployment, schedule: Slug = None, project: Project = None) -> None:
    """Let a paused schedule go on, as its catch-up policy says."""
    with admin_api() as api:
        namespace = project_namespace(project)
        slug = _slug(api, deployment, namespace, schedule)
        done = api.resume(deployment, namespace, slug)
    said = "goes on" if done else "was not paused"
    output.show(f"{output.escape(f'{deployment}, schedule {slug}')} {said}")


def _slug(api: AdminApi, deployment: str, namespace: Namespace, given: str | None) -> str:
    named_deployment(api, deployment, namespace)
    if given is not None:
        return given
    deployed = api.snapshot(namespace)
    slugs = [schedule.slug for schedule in deployed[1].deployments[deployment].schedules] if deployed else []
    if len(slugs) == 1:
        return slugs[0]
    raise NotFound(
        f"deployment '{deployment}' has {len(slugs) or 'no'} schedules",
        fix=f"name one: {', '.join(slugs)}" if slugs else f"`turnout deployments pause {deployment}` pauses all of it",
    )
