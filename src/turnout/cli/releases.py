"""`turnout releases`: what was applied, when and by whom."""

from typing import Annotated, Any

import typer

from turnout.cli import layout, output
from turnout.cli.command import Env, command_app
from turnout.cli.target import admin_api, project_namespace
from turnout.core.records import Page, Release

app = command_app()

Project = Annotated[str | None, typer.Option(help="The project, if not this folder's.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SIGNS = {"create": "+", "change": "~", "rename": ">", "remove": "-"}


@app.callback(invoke_without_command=True)
def releases(context: typer.Context, project: Project = None, as_json: Json = False) -> None:
    """List the releases of this project, newest first; `releases show N` shows what one changed."""
    if context.invoked_subcommand is not None:
        return
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
            _counts(release),
            output.escape(release.author or release.applied_by),
            output.escape((release.message or "").splitlines()[0] if release.message else ""),
        )
        for release in found
    )
    headings = ("RELEASE", "APPLIED", "COMMIT", "CHANGES", "BY", "MESSAGE")
    layout.table(headings, rows, "No releases yet: `turnout apply` makes one.")


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="RELEASE", min=1, help="Its number.")],
    project: Project = None,
    env: Env = None,
    as_json: Json = False,
) -> None:
    """Show a release: whose it is and what it changed, field by field."""
    with admin_api() as api:
        found = api.release(project_namespace(project), number)
    if as_json:
        output.print_json(found)
        return
    release = found.release
    output.show(f"[bold]release {release.number}[/bold]{' (deployed)' if release.number == found.newest else ''}")
    layout.fact("commit", output.escape(release.commit or "-"))
    layout.fact("author", output.escape(release.author or "-"))
    layout.fact("applied", f"{output.moment(release.applied_at)} by {output.escape(release.applied_by)}")
    for line in (release.message or "").splitlines()[:5]:
        layout.fact("says", output.escape(line))
    layout.fact("changes", _counts(release))
    if not found.code_kept:
        layout.fact("code", "not kept any more: going back to it is not possible")
    if found.previous is None and number > 1:
        output.say("the release before it is not kept: what it changed is not known")
    for operation in found.operations:
        _print(operation)


def _print(operation: Any) -> None:
    from turnout.deploy.words import plainly, value

    kind, name = operation["kind"], plainly(operation["name"])
    if "was" in operation:
        name = f"renamed {plainly(operation['was'])} -> {name}"
    output.show(output.escape(f"{_SIGNS[operation['op']]} {kind} {name}"))
    for field in operation.get("fields", ()):
        said = f"{value(field['before'])} -> {value(field['after'])}"
        output.show(output.escape(f"    {plainly(field['path'])}: {said}"))


def _counts(release: Release) -> str:
    """`+1 ~2 -0`, in words where there is nothing."""
    told = [f"{_SIGNS[kind]}{release.summary[kind]}" for kind in _SIGNS if release.summary.get(kind)]
    return " ".join(told) or "code"
