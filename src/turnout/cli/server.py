"""`turnout server`: the control plane."""

import logging
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import settings
from turnout.settings import Settings

if TYPE_CHECKING:
    from turnout.deploy.follow_process import FollowerProcess

app = command_app()

Host = Annotated[str | None, typer.Option(help="The address to listen at.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen at; 0 takes a free one.")]


@app.command()
def server(
    host: Host = None,
    port: Port = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    repo: Annotated[str | None, typer.Option(help="A git repository to follow.")] = None,
    branch: Annotated[str | None, typer.Option(help="Its branch; main if left out.")] = None,
) -> None:
    """Start the server on this data folder.

    With --repo it follows a branch: it applies each commit that passes the check. Ctrl-C stops it; the runs under way
    go on.
    """
    from turnout.server.app import Ready, serve
    from turnout.server.memory import settle

    given: dict[str, Any] = {"repo_url": repo, "repo_branch": branch}
    found = replace(
        with_address(settings(), host, port, tls_cert, tls_key),
        **{name: value for name, value in given.items() if value is not None},
    )
    follower = _follower(found)
    stack = ExitStack()

    def ready(told: Ready) -> None:
        if follower is not None:
            stack.enter_context(follower)
        output.say(f"Turnout is at {told.url}")
        output.say(f"open {told.login_link}", whole=True)
        output.say("  (works once, for ten minutes; `turnout login` prints another)")

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settle()
    with stack:
        serve(found, ready)


def _follower(found: Settings) -> "FollowerProcess | None":
    """What follows the repository of the settings, if there is one. Raises ConfigurationError before anything runs."""
    if found.repo_url is None:
        return None
    from turnout.deploy.follow_process import FollowerProcess
    from turnout.deploy.mirror import check_branch, check_url

    given = {
        "TURNOUT_DATA": str(found.data_dir),
        "TURNOUT_REPO_URL": check_url(found.repo_url),
        "TURNOUT_REPO_BRANCH": check_branch(found.repo_branch),
        "TURNOUT_TLS_CERT": str(found.tls_cert) if found.tls_cert else "",
        "TURNOUT_TLS_KEY": str(found.tls_key) if found.tls_key else "",
    }
    return FollowerProcess({**os.environ, **given, "TURNOUT_SERVER": ""})


def with_address(
    found: Settings, host: str | None, port: int | None, tls_cert: Path | None = None, tls_key: Path | None = None
) -> Settings:
    """The settings with what the command line says of the address."""
    given: dict[str, Any] = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    return replace(found, **{name: value for name, value in given.items() if value is not None})
