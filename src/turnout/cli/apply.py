"""`turnout apply`: make the server equal this repository."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from turnout.cli import output, plan_file
from turnout.cli.command import Env, command_app
from turnout.cli.project import planned, push, required
from turnout.cli.target import admin_api
from turnout.core.errors import Conflict, ServerUnreachable, StoreLocked, StoreUnavailable
from turnout.deploy.follow import TRY_AGAIN

app = command_app()


@app.command()
def apply(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Deploy uncommitted changes too.")] = False,
    allow_removals: Annotated[bool, typer.Option("--allow-removals", help="Let most deployments go at once.")] = False,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Apply this plan, or nothing if anything changed since it was made."),
    ] = None,
    env: Env = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Apply this commit: everything or nothing.

    What left the repository leaves production. On a terminal it shows the plan and asks; elsewhere it does not ask.
    Exit code 75 says that the server was away, or was changed meanwhile: try again.
    """
    from turnout.deploy import render

    repository = required(allow_dirty=allow_dirty)
    looked_at = None if plan is None else plan_file.read(plan, repository)
    with _try_again(), admin_api() as api:
        found = looked_at or planned(api, repository)
        asks = found.changes and looked_at is None and not yes and sys.stdin.isatty()
        if asks or not (as_json or looked_at):
            output.say(output.escape(render.plan_text(found).rstrip()))
        if asks:
            typer.confirm("apply?", abort=True, err=True)
        try:
            answer = push(
                api,
                repository,
                expected=found.release or 0,
                allow_removals=allow_removals,
                overrides=plan_file.expected_overrides(found) if looked_at else None,
            )
        except Conflict as error:
            if looked_at is not None or planned(api, repository).release == found.release:
                raise
            output.print_error(error)
            raise typer.Exit(TRY_AGAIN) from error
    if as_json:
        output.print_json({"project": repository.snapshot.project, **answer})
    else:
        output.show(f"release {answer['release']} of {output.short_commit(repository.bundle.commit)}")


@contextmanager
def _try_again() -> Iterator[None]:
    """A server that is away says nothing of the commit."""
    try:
        yield
    except (ServerUnreachable, StoreLocked, StoreUnavailable) as error:
        output.print_error(error)
        raise typer.Exit(TRY_AGAIN) from error
