"""`turnout worker`: execute runs of a pool."""

import logging
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.target import project_namespace, settings

app = typer.Typer()


@app.command()
def worker(
    pool: Annotated[str, typer.Option(help="The pool to work for.")] = "default",
    project: Annotated[str | None, typer.Option(help="The project, if not this folder's.")] = None,
    name: Annotated[str | None, typer.Option(help="The name to be known by; host and pool if left out.")] = None,
    drain: Annotated[bool, typer.Option("--drain", help="When told to stop, wait for the runs under way.")] = False,
) -> None:
    """Start a worker. It waits for the server if there is none yet; its runs outlive it unless --drain is given."""
    from turnout.client import wait_for_work_api
    from turnout.worker.__main__ import run_worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    found = settings()
    namespace = project_namespace(project)
    output.say(f"worker for pool '{pool}' of project '{namespace.project}'; Ctrl-C stops it")
    with wait_for_work_api(found, pool) as (api, url, ca_file):
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
