"""`turnout server`: the control plane."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import settings
from turnout.settings import Settings

app = command_app()

Host = Annotated[str | None, typer.Option(help="The address to listen at.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen at; 0 takes a free one.")]


@app.command()
def server(
    host: Host = None,
    port: Port = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
) -> None:
    """Start the server on this data folder.

    Ctrl-C stops it; the runs under way go on.
    """
    from turnout.server.app import Ready, serve

    def ready(told: Ready) -> None:
        output.say(f"Turnout is at {told.url}")
        output.say(f"open {told.login_link}", whole=True)
        output.say("  (works once, for ten minutes; `turnout login` prints another)")

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    serve(with_address(settings(), host, port, tls_cert, tls_key), ready)


def with_address(
    found: Settings, host: str | None, port: int | None, tls_cert: Path | None = None, tls_key: Path | None = None
) -> Settings:
    """The settings with what the command line says of the address."""
    given: dict[str, Any] = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    return replace(found, **{name: value for name, value in given.items() if value is not None})
