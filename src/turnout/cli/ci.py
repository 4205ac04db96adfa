"""`turnout ci`: write what continuous integration needs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.project import project_folder
from turnout.cli.target import settings
from turnout.core.errors import ConfigurationError

app = command_app("Write what continuous integration needs: check and test, plan pull requests, apply the branch.")

Force = Annotated[bool, typer.Option("--force", help="Replace the file that is there.")]
Stdout = Annotated[bool, typer.Option("--stdout", help="Print it and write nothing.")]


@app.command()
def github(
    server: Annotated[str | None, typer.Option(help="The server's address; TURNOUT_SERVER if left out.")] = None,
    branch: Annotated[str, typer.Option(help="The branch that is applied.")] = "main",
    environment: Annotated[str | None, typer.Option(help="The GitHub environment to apply in.")] = None,
    install: Annotated[
        list[str] | None, typer.Option(help="A shell command that installs the project into $VENV; may be repeated.")
    ] = None,
    force: Force = False,
    stdout: Stdout = False,
) -> None:
    """Write .github/workflows/turnout.yml: no key is stored, GitHub vouches for the workflow."""
    from turnout.deploy.ci.github import PATH, workflow
    from turnout.deploy.manifest import load_manifest

    address = server or settings().server_url
    if not address:
        raise ConfigurationError(
            "the workflow has to know the server's address", fix="give --server https://turnout.example.org"
        )
    folder = project_folder()
    text = workflow(folder, server=address, branch=branch, environment=environment, install=install or None)
    _write(folder / PATH, text, force=force, stdout=stdout)
    trusted = load_manifest(folder).snapshot.deploy_github
    if trusted is None:
        output.say(
            "next: trust the repository in turnout.yaml, and apply that once with an admin's token:\n"
            f"  access: {{deploy: {{github: {{repository_id: NUMBER, branch: {branch}}}}}}}\n"
            "  NUMBER is what `gh api 'repos/{owner}/{repo}' --jq .id` prints"
        )
    elif trusted.branch != branch:
        output.print_warning(
            f"turnout.yaml lets pushes to '{trusted.branch}' apply, the workflow applies '{branch}'", None,
            "name the same branch in both",
        )  # fmt: skip


@app.command()
def shell(force: Force = False, stdout: Stdout = False) -> None:
    """Write ci/turnout.sh, for any other build server: check, plan, apply."""
    from turnout.deploy.ci.shell import PATH, script

    folder = project_folder()
    _write(folder / PATH, script(folder), force=force, stdout=stdout, executable=True)


def _write(path: Path, text: str, *, force: bool, stdout: bool, executable: bool = False) -> None:
    if stdout:
        sys.stdout.write(text)
        return
    if path.exists() and not force and path.read_text(encoding="utf-8") != text:
        raise ConfigurationError(
            "the file is there and says something else",
            where=str(path),
            fix="compare with --stdout; --force replaces it",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if executable:
        path.chmod(0o755)
    output.show(f"  {output.escape(str(path))}")
