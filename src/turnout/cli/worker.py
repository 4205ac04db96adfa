"""`turnout worker`: execute runs of a pool."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import project_namespace, settings
from turnout.settings import Settings

if TYPE_CHECKING:
    from turnout.client import HttpWorkApi

app = command_app()

WAIT_SECONDS = 0.25
"""How often a worker without a server looks for one."""


@app.command()
def worker(
    pool: Annotated[str, typer.Option(help="The pool to work for.")] = "default",
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    name: Annotated[str | None, typer.Option(help="The name to be known by; host and pool if left out.")] = None,
    drain: Annotated[bool, typer.Option("--drain", help="When told to stop, wait for the runs under way.")] = False,
) -> None:
    """Start a worker for a pool.

    It waits for the server if there is none yet. Its runs outlive it, unless --drain is given.
    """
    from turnout.worker.__main__ import run_worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    found = settings()
    namespace = project_namespace(project)
    output.say(f"worker for pool '{pool}' of project '{namespace.project}'; Ctrl-C stops it")
    api, url, ca_file = wait_for_server(found, pool, namespace.project)
    with api:
        run_worker(
            found,
            project=namespace.project,
            pool=pool,
            api=api,
            server_url=url,
            ca_file=ca_file,
            name=name,
            at_end="drain" if drain else "leave",
        )


def wait_for_server(found: Settings, pool: str, project: str) -> "tuple[HttpWorkApi, str, str | None]":
    """The server's work API, its address and certificate, as soon as there is one; says once that it waits."""
    from turnout.client import connect_work
    from turnout.client.connecting import ca_file, find_server
    from turnout.worker import clock

    waiting = False
    while (url := find_server(found)) is None or (api := connect_work(found, pool, project)) is None:
        if not waiting:
            output.say(f"no server on {found.data_dir} yet; waiting for one (`turnout server` starts it)")
            waiting = True
        clock.sleep(WAIT_SECONDS)
    return api, url, ca_file(found)
