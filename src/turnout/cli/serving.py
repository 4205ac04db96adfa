"""`serve` and `deploy` of Prefect's API: deployments from code. Composes what `turnout up` and `turnout apply` do."""

import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from turnout.cli.up import Part, Server
from turnout.core.errors import ConfigurationError, NotFound, ParameterError, TurnoutError
from turnout.core.ports import AdminApi
from turnout.core.records import Namespace, Page
from turnout.core.snapshot import PoolSpec, Snapshot
from turnout.deploy.bundle import make_bundle
from turnout.deploy.from_code import RunnerDeployment
from turnout.settings import Settings, load

FROM_CODE = "from code: "
"""How the messages of releases begin that no manifest made."""


def serve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
) -> None:
    """Register the deployments and run what becomes due in processes of this machine, until SIGINT or SIGTERM.

    The code runs where it is: no bundle is made. A server that runs on the data folder is used, else one is started for
    as long. Raises ConfigurationError where turnout.yaml already decides what is deployed.
    """
    root = _root(deployments)
    found = load(root)
    if limit is not None:
        found = replace(found, worker_capacity=limit)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    namespace, server = _namespace(root), _own_server(found, stop)
    try:
        with _api(found) as api:
            _register(api, namespace, deployments, root, bundle=None)
            for each in deployments:
                _unpause(api, namespace, each)
        if print_starting_message:
            names = ", ".join(each.full_name for each in deployments)
            sys.stderr.write(f"turnout: serving {names}; Ctrl-C stops it\n")
        worker = Part("worker", lambda: _work(found, namespace, deployments[0].pool, stop), stop)
        stop.wait()
        if pause_on_shutdown:
            _pause_all(found, namespace, deployments)
        worker.thread.join()
        if worker.error:
            raise worker.error
    finally:
        stop.set()
        if server is not None:
            server.end()


def deploy(
    *deployments: RunnerDeployment,
    work_pool_name: str | None = None,
    image: Any = None,
    print_next_steps_message: bool = True,
) -> list[str]:
    """Register the deployments on the running server, with the code of their git repository; their names.

    Raises ServerUnreachable, ConfigurationError, ParameterError.
    """
    if image is not None:
        raise ParameterError("there are no images: code travels as a bundle of the repository", fix="leave `image` out")
    chosen = tuple(replace(each, pool=work_pool_name) if work_pool_name else each for each in deployments)
    root = _root(chosen)
    found = load(root)
    bundle = make_bundle(root, allow_dirty=True)
    with _api(found) as api:
        api.put_bundle(bundle.digest, bundle.content)
        _register(api, _namespace(root), chosen, root, bundle=bundle)
    if print_next_steps_message:
        sys.stderr.write(f"turnout: deployed; a worker runs it: turnout worker --pool {chosen[0].pool}\n")
    return [each.name for each in chosen]


def _register(
    api: AdminApi, namespace: Namespace, deployments: tuple[RunnerDeployment, ...], root: Path, *, bundle: Any
) -> None:
    before = _from_code(api, namespace)
    specs = {each.name: each.spec(root, absolute=bundle is None) for each in deployments}
    wanted = replace(
        before,
        deployments={**before.deployments, **specs},
        pools={**before.pools, **{each.pool: PoolSpec() for each in deployments}},
    )
    api.apply(
        wanted,
        bundle=bundle.digest if bundle else None,
        commit=bundle.commit if bundle else None,
        author=bundle.author if bundle else None,
        message=FROM_CODE + ", ".join(specs),
    )
    for each in deployments:
        if each.paused:
            api.pause(each.name, namespace, None, "paused=True")


def _from_code(api: AdminApi, namespace: Namespace) -> Snapshot:
    """What was deployed from code before. Raises ConfigurationError if a manifest decides what is deployed."""
    deployed = api.snapshot(namespace)
    if deployed is None:
        return Snapshot(project=namespace.project, environment=namespace.environment)
    (latest,) = api.releases(namespace, Page(limit=1))
    if not (latest.message or "").startswith(FROM_CODE):
        raise ConfigurationError(
            f"project '{namespace.project}' is deployed from its turnout.yaml, which says all that is deployed",
            fix="put the flow under `deployments:` there and run `turnout up` or `turnout apply`",
        )
    return deployed[1]


def _unpause(api: AdminApi, namespace: Namespace, deployment: RunnerDeployment) -> None:
    """What an earlier `serve` paused when it ended goes on."""
    if deployment.paused:
        return
    try:
        api.resume(deployment.name, namespace, None)
    except TurnoutError as error:
        if not isinstance(error, NotFound):
            raise


def _pause_all(found: Settings, namespace: Namespace, deployments: tuple[RunnerDeployment, ...]) -> None:
    with _api(found) as api:
        for each in deployments:
            api.pause(each.name, namespace, None, "its serve ended")


def _work(found: Settings, namespace: Namespace, pool: str, stop: threading.Event) -> None:
    from turnout.client import connect_work
    from turnout.client.connecting import find_server
    from turnout.worker.__main__ import run_worker

    work, url = connect_work(found, pool), find_server(found)
    assert work is not None  # it registered the deployments a moment ago
    assert url is not None
    with work:
        run_worker(found, project=namespace.project, pool=pool, api=work, server_url=url, stop=stop, at_end="stop")


def _own_server(found: Settings, stop: threading.Event) -> Server | None:
    """A server of this process, unless one runs."""
    from turnout.client.connecting import find_server

    if find_server(found) is not None:
        return None
    server = Server(replace(found, port=0), stop, quiet=True)
    if not server.wait_ready():
        server.end()
    return server


def _api(found: Settings) -> Any:
    from turnout.cli.target import connect_local

    return connect_local(found)


def _root(deployments: tuple[RunnerDeployment, ...]) -> Path:
    """The project's folder, else the folder of the flow's file; one for all."""
    if not deployments:
        raise ParameterError("there is nothing to deploy", fix="give flow.to_deployment(...)")
    from turnout.settings import find_project

    roots = {find_project(each.file.parent) or each.file.parent for each in deployments}
    if len(roots) != 1:
        raise ConfigurationError("the flows belong to several projects", fix="serve those of one project together")
    return roots.pop()


def _namespace(root: Path) -> Namespace:
    from turnout.engine.connect import project_name

    name = project_name(str(root)) or "".join(
        letter if letter.isalnum() else "-" for letter in root.name.lower()
    ).strip("-")
    return Namespace(project=name[:63] or "served")
