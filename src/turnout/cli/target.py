"""Which control plane a command talks to: the server that is named or running here, else the project's own store."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from turnout.core.errors import ConfigurationError, NotFound, ServerUnreachable, StoreLocked
from turnout.core.ids import is_id
from turnout.core.ports import AdminApi
from turnout.core.records import DeploymentStatus, FlowRun, Namespace, Page, RunFilter
from turnout.settings import Settings, load
from turnout.worker import clock

if TYPE_CHECKING:
    from turnout.client import HttpAdminApi

PRODUCTION = "production"
LOCKED_SECONDS = 5.0
"""How long a store that somebody else holds is waited for."""
LOOK_SECONDS = 0.05
"""How often it is tried meanwhile."""


def settings() -> Settings:
    """The settings that hold in the current folder, for the environment that is meant: its server, if it names one.

    Raises ConfigurationError when TURNOUT_SERVER names another.
    """
    found = load(Path.cwd())
    if found.environment == PRODUCTION or found.project_dir is None:
        return found
    from turnout.deploy.layers import server_of

    server = server_of(Path(found.project_dir), found.environment)
    if server is None or server.rstrip("/") == found.server_url:
        return found
    if found.server_url is not None:
        raise ConfigurationError(
            f"TURNOUT_SERVER is {found.server_url}, and the environment '{found.environment}' is on {server}",
            where=f"{found.project_dir}/turnout.yaml",
            fix="unset TURNOUT_SERVER: its token is not for another server",
        )
    return replace(found, server_url=server.rstrip("/"))


@contextmanager
def admin_api() -> Iterator[AdminApi]:
    """The control plane: TURNOUT_SERVER or a server running on this data folder, else the folder's store itself.

    Raises ServerUnreachable when a named server does not answer.
    """
    found = _proven(settings())
    with ExitStack() as stack:
        yield _reached(found, stack)


def _reached(found: Settings, stack: ExitStack) -> AdminApi:
    """Whichever of the two is there. A store that somebody holds is waited for: a command or a script that asks has it
    for a moment only, and a server that starts says in a moment where it is."""
    from turnout.client import connect
    from turnout.local.admin import open_local

    end = clock.monotonic() + LOCKED_SECONDS
    while True:
        remote = connect(found)
        if remote is not None:
            return stack.enter_context(remote)
        try:
            return stack.enter_context(open_local(found))
        except StoreLocked as error:
            if clock.monotonic() >= end:
                error.fix = "a server is starting or stopping, or another command is at work: try again in a moment"
                raise
        clock.sleep(LOOK_SECONDS)


def _proven(found: Settings) -> Settings:
    """With a token for a named server where there is none, and a workflow of GitHub can prove who it is."""
    if not found.server_url or found.token:
        return found
    from turnout.client.identity import can_prove, deploy_token

    if not can_prove():
        return found
    namespace = project_namespace()
    return replace(found, token=deploy_token(found.server_url, namespace.project, namespace.environment))


@contextmanager
def server_api() -> "Iterator[HttpAdminApi]":
    """A running server; for what makes no sense without one."""
    from turnout.client import connect

    remote = connect(settings())
    if remote is None:
        raise ConfigurationError(
            "no server is running for this project",
            where=str(settings().data_dir),
            fix="start one with `turnout up` (development) or `turnout server`, or set TURNOUT_SERVER",
        )
    with remote as api:
        yield api


@contextmanager
def connect_local(found: Settings) -> "Iterator[HttpAdminApi]":
    """The server that runs on the data folder of `found`. Raises ServerUnreachable when there is none."""
    from turnout.client import connect

    remote = connect(found)
    if remote is None:
        raise ServerUnreachable("no server runs on this data folder", where=str(found.data_dir), fix="`turnout server`")
    with remote as api:
        yield api


def project_namespace(project: str | None = None) -> Namespace:
    """The project that commands mean: `--project`, else the one the nearest turnout.yaml names; and the environment."""
    found = settings()
    if project:
        return Namespace(project=project, environment=found.environment)
    folder = found.project_dir
    if folder is None:
        raise ConfigurationError(
            "there is no turnout.yaml here",
            where=str(Path.cwd()),
            fix="run the command inside a project, name one with --project, or make one with `turnout init`",
        )
    from turnout.deploy.manifest import project_name

    return Namespace(project=project_name(folder), environment=found.environment)


def named_deployment(api: AdminApi, name: str, namespace: Namespace) -> DeploymentStatus:
    """The deployment; NotFound names the ones that are there, the nearest first."""
    try:
        return api.deployment(name, namespace)
    except NotFound as error:
        if error.what.endswith(" now"):
            raise  # it was renamed, and the answer says to what
        names = [status.name for status in api.deployments(namespace)]
        near = get_close_matches(name, names, n=1)
        if near:
            error.fix = f"did you mean '{near[0]}'?"
        elif names:
            error.fix = f"there are: {', '.join(names[:10])}{', ...' if len(names) > 10 else ''}"
        raise


def find_run(api: AdminApi, wanted: str) -> FlowRun:
    """A run by id, by name, or `latest`."""
    if is_id(wanted):
        return api.run(wanted)
    if wanted == "latest":
        newest = api.runs(RunFilter(), Page(limit=1))
        if not newest:
            raise NotFound("there are no runs yet", fix="start one: `turnout trigger DEPLOYMENT`, `python flow.py`")
    else:
        newest = [run for run in api.runs(RunFilter(text=wanted), Page(limit=200)) if run.name == wanted]
    if not newest:
        raise NotFound(f"there is no run '{wanted}'", fix="`turnout runs ls` shows the runs with their names")
    return newest[0]
