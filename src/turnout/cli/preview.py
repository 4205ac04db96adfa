"""`turnout preview`: this commit beside production."""

from dataclasses import replace
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.project import project_folder, push, required
from turnout.cli.target import admin_api, project_namespace
from turnout.core.errors import ConfigurationError, NotFound
from turnout.core.previews import as_preview, environment_of
from turnout.core.records import Namespace

app = command_app()


@app.command()
def preview(
    branch: Annotated[str | None, typer.Option(help="The branch's name; the one that is checked out.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the preview of the branch away.")] = False,
    allow_dirty: Annotated[bool, typer.Option("--allow-dirty", help="Take uncommitted changes along.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Apply this commit as a preview: an environment of the branch, beside production.

    Its schedules are paused, and its runs read the secrets of previews, not those of production.
    """
    from turnout.deploy import git
    from turnout.deploy.previews import remove_preview

    name = branch or git.branch(project_folder())
    if name is None:
        raise ConfigurationError("no branch is checked out", fix="name it: turnout preview --branch NAME")
    environment = environment_of(name)
    if remove:
        with admin_api() as api:
            namespace = replace(project_namespace(), environment=environment)
            if not remove_preview(api, namespace):
                raise NotFound(f"there is no preview of '{name}'", fix="`turnout deployments ls` lists what there is")
        output.say(f"the preview of '{output.escape(name)}' is gone; its runs stay to be looked at")
        return
    repository = required(allow_dirty=allow_dirty, to_plan=True)  # the secrets here are those of production
    repository = replace(repository, snapshot=as_preview(repository.snapshot, environment))
    with admin_api() as api:
        answer = push(api, repository, expected=None, allow_removals=True)
    if as_json:
        namespace = Namespace(project=repository.snapshot.project, environment=environment)
        output.print_json({**vars(namespace), **answer})
    else:
        output.show(f"release {answer['release']} of environment {environment}")
