"""`turnout schedule`: pause a schedule on the server, let it go on, and see what schedules will do."""

from datetime import datetime, timedelta
from statistics import median
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import Env, command_app
from turnout.cli.endings import For, Until, ending
from turnout.cli.target import admin_api, named_deployment, project_namespace
from turnout.core.errors import NotFound, TurnoutError
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace, Page, RunFilter
from turnout.core.snapshot import Snapshot
from turnout.core.states import RunState

app = command_app("Pause a deployment's schedule, let it go on, and see what schedules will do.")

LONGEST_PREVIEW = 400
"""Days."""

Deployment = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="The deployment's name.")]
Slug = Annotated[str | None, typer.Argument(metavar="[SCHEDULE]", help="Which schedule, if it has several.")]
Project = Annotated[str | None, typer.Option(help="The project, if not this folder's.")]


@app.command()
def pause(
    deployment: Deployment,
    schedule: Slug = None,
    reason: Annotated[str | None, typer.Option(help="Why; shown with everything that waits.")] = None,
    span: For = None,
    until: Until = None,
    project: Project = None,
) -> None:
    """Start nothing of a schedule until it is resumed."""
    end = ending(span, until)
    with admin_api() as api:
        namespace = project_namespace(project)
        slug = _slug(api, deployment, namespace, schedule)
        found = api.pause(deployment, namespace, slug, reason, end)
    said = f"is paused since {output.moment(found.at)}"
    said += f" until {output.moment(found.until)}" if found.until else ""
    output.show(f"{output.escape(f'{deployment}, schedule {slug}')} {said}")


@app.command()
def resume(deployment: Deployment, schedule: Slug = None, project: Project = None) -> None:
    """Let a paused schedule go on, as its catch-up policy says."""
    with admin_api() as api:
        namespace = project_namespace(project)
        slug = _slug(api, deployment, namespace, schedule)
        done = api.resume(deployment, namespace, slug)
    said = "goes on" if done else "was not paused"
    output.show(f"{output.escape(f'{deployment}, schedule {slug}')} {said}")


@app.command()
def preview(
    days: Annotated[int, typer.Option(min=1, max=LONGEST_PREVIEW, help="How many days ahead.")] = 7,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, in the project's zone; now if left out."),
    ] = None,
    calendar: Annotated[bool, typer.Option("--calendar", help="Months with the number of runs of each day.")] = False,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """See what the schedules in turnout.yaml will do: runs, changes of the clock, overlaps, load against limits.

    How long runs take is the median of the latest that completed on the server.
    """
    from turnout.cli import forecast_text
    from turnout.cli.project import checked, print_problems
    from turnout.orchestration.forecast import forecast
    from turnout.schedules import zones
    from turnout.store.clock import SystemClock

    report = checked(require_secrets=False, quiet=as_json)
    snapshot = report.snapshot
    if snapshot is None:
        print_problems(report)
        raise typer.Exit(1)
    timezone = snapshot.timezone or "UTC"
    begin = zones.first_instant(zones.zone(timezone), start) if start else SystemClock().now()
    found = forecast(snapshot, begin, begin + timedelta(days=days), _usual(snapshot))
    if as_json:
        output.print_json(found)
        return
    counted = f"{len(found.due):,} run{'' if len(found.due) == 1 else 's'}"
    output.show(
        f"{output.escape(snapshot.project)}: {counted} in {days} days; times are of {output.escape(timezone)}\n"
    )
    for line in (forecast_text.months if calendar else forecast_text.listing)(found, timezone):
        output.show(line)
    remarks = list(forecast_text.remarks(found, timezone))
    if remarks:
        output.show("")
    for line in remarks:
        output.show(line)


def _usual(snapshot: Snapshot) -> dict[str, timedelta]:
    """deployment -> how long it usually takes; nothing where no server can be asked."""
    found: dict[str, timedelta] = {}
    try:
        with admin_api() as api:
            for name, spec in snapshot.deployments.items():
                where = RunFilter(
                    project=snapshot.project, environment=snapshot.environment, deployment=name,
                    states=(RunState.COMPLETED,),
                )  # fmt: skip
                runs = api.runs(where, Page(limit=20)) if spec.schedules else []
                taken = [(r.ended_at - r.started_at).total_seconds() for r in runs if r.ended_at and r.started_at]
                if taken:
                    found[name] = timedelta(seconds=median(taken))
    except TurnoutError as error:
        output.print_warning("how long runs take is not known", None, error.what)
    return found


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
