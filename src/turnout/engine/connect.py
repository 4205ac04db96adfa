"""Where a run is recorded: found out when the run starts. The engine's composition root: it names others as strings."""

from __future__ import annotations

import os
import sys

from turnout.core.journal import FLOW_STREAM, PROTOCOL, spool_name
from turnout.core.limits import PARAMETERS_BYTES
from turnout.engine.clock import new_run_id, now
from turnout.engine.context.scopes import Root, current, tag_context
from turnout.engine.journal.entries import quote
from turnout.engine.journal.spool import NullJournal, SpoolJournal
from turnout.engine.results.typed_json import NotStorable, typed_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from turnout.core.ports import RunApi
    from turnout.engine.context.scopes import Scope
    from turnout.engine.flow import Flow

INGEST = "turnout.local.ingest:ingest_spool"
RUN_API_HTTP = "turnout.client.running:from_environment"
RUN_API_LOCAL = "turnout.local.running:run_api"
MANIFEST = "turnout.yaml"
DATA_FOLDER = ".turnout"

make_root: Callable[[Flow[Any, Any], Mapping[str, Any]], Root] | None = None
"""Set by the test harness: makes the root of every run in its place."""
make_api: Callable[[], RunApi] | None = None
"""Set by the test harness: makes what `api` gives."""
_apis: dict[tuple[Any, ...], RunApi] = {}


def standalone(flow: Flow[Any, Any], parameters: Mapping[str, Any]) -> Root:
    """The root of a flow that was called in plain Python: recorded in the project's data folder."""
    if make_root is not None:
        return make_root(flow, parameters)
    run_id = new_run_id()
    name = _run_name(flow, parameters, run_id)
    tags = tag_context.get()
    if not recording():
        return Root(journal=NullJournal(), run_id=run_id, name=name, tags=tags, recorded=False, console=_console())
    source = os.path.abspath(flow.fn.__code__.co_filename)
    project_dir = find_project(os.path.dirname(source))
    folder = data_dir(project_dir)
    project = project_name(project_dir)
    header = header_line(
        run_id=run_id, attempt=1, flow=flow.name, name=name, parameters=parameters, tags=tags, project=project,
        entrypoint=f"{_relative(source, project_dir)}:{flow.__qualname__}", trigger="script",
    )  # fmt: skip
    try:
        journal = open_spool(folder, run_id, 1, header)
    except OSError as error:
        sys.stderr.write(f"turnout: this run is not recorded: {error}\n")
        return Root(journal=NullJournal(), run_id=run_id, name=name, tags=tags, recorded=False, console=_console())
    return Root(
        journal=journal, run_id=run_id, name=name, project=project, data_dir=folder, tags=tags, console=_console(),
        finish=lambda: _ingest(folder),
    )  # fmt: skip


def api(scope: Scope | None = None) -> RunApi:
    """What the run of `scope` (the current one if left out; none, in a plain script) may ask of the control plane: of
    the server that TURNOUT_API_URL names, as a worker has it, else of whoever holds the data folder. One a process.

    Raises ConfigurationError for a flow that belongs to no project.
    """
    if make_api is not None:
        return make_api()
    scope = scope or current.get()
    root = scope.root if scope is not None else None
    project_dir = None if root is not None and root.data_dir else find_project(os.getcwd())
    folder = root.data_dir if root is not None and root.data_dir else data_dir(project_dir)
    project = root.project if root is not None and root.project else project_name(project_dir)
    environment = root.environment if root is not None else "production"
    url = os.environ.get("TURNOUT_API_URL")
    key = (os.getpid(), url, os.environ.get("TURNOUT_API_KEY"), folder, project, environment)
    if key not in _apis:
        from turnout.engine.definitions.load import resolve

        _apis[key] = (
            resolve(RUN_API_HTTP)(project, environment) if url else resolve(RUN_API_LOCAL)(folder, project, environment)
        )
    return _apis[key]


def header_line(
    *,
    run_id: str,
    attempt: int,
    flow: str,
    name: str,
    parameters: Mapping[str, Any],
    tags: Sequence[str],
    entrypoint: str,
    project: str | None,
    trigger: str,
    redact: Callable[[str], str] = str,
) -> str:
    """Line 0 of stream 0; see `core.journal`."""
    tag_list = ",".join(map(quote, tags))
    return (
        f'{{"protocol":{PROTOCOL},"run":{quote(run_id)},"attempt":{attempt},"stream":{FLOW_STREAM},"pid":{os.getpid()},'
        f'"flow":{quote(flow)},"run_name":{quote(name)},"at":{now():.6f},'
        f'"parameters":{redact(_parameters_json(parameters))},"tags":[{tag_list}],"entrypoint":{quote(entrypoint)},'
        f'"project":{quote(project) if project else "null"},"trigger":{quote(trigger)}}}\n'
    )


def open_spool(folder: str, run_id: str, attempt: int, header: str) -> SpoolJournal:
    """A new spool in the data folder, which is made if it is missing. Raises OSError."""
    spool = os.path.join(folder, "spool")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.makedirs(spool, mode=0o700, exist_ok=True)
    return SpoolJournal(os.path.join(spool, spool_name(run_id, attempt, FLOW_STREAM)), header)


def find_project(start: str) -> str | None:
    """The nearest folder at or above `start` with a manifest."""
    folder = start
    while not os.path.isfile(os.path.join(folder, MANIFEST)):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def data_dir(project_dir: str | None) -> str:
    """The data folder: TURNOUT_DATA, else `.turnout` in the project, else the user's."""
    given = os.environ.get("TURNOUT_DATA")
    if given:
        return os.path.abspath(given)
    if project_dir is not None:
        return os.path.join(project_dir, DATA_FOLDER)
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, "turnout")


def project_name(project_dir: str | None) -> str | None:
    """The `project:` of the manifest, read without a YAML parser: that line is at the left margin."""
    if project_dir is None:
        return None
    try:
        with open(os.path.join(project_dir, MANIFEST), encoding="utf-8", errors="replace") as manifest:
            for line in manifest:
                if line.startswith("project:"):
                    return line[8:].partition("#")[0].strip().strip("'\"") or None
    except OSError:
        pass
    return None


def _parameters_json(parameters: Mapping[str, Any]) -> str:
    parts, room = [], PARAMETERS_BYTES
    for name, value in parameters.items():
        try:
            text = typed_json(value, room)
        except NotStorable:
            shown = repr(value)
            text = quote(shown if len(shown) <= 200 else shown[:197] + "...")
        room -= len(text)
        parts.append(f"{quote(name)}:{text}")
    return "{" + ",".join(parts) + "}"


def _run_name(flow: Flow[Any, Any], parameters: Mapping[str, Any], run_id: str) -> str:
    if flow.flow_run_name is not None:
        from turnout.engine.definitions import names

        return names.flow_run_name(flow, parameters, run_id)
    from turnout.core.names import run_name

    return run_name(run_id)


def recording() -> bool:
    """Whether runs are recorded: not where a project's tests run, and as TURNOUT_RECORD says."""
    wish = os.environ.get("TURNOUT_RECORD")
    if wish is not None:
        return wish not in ("0", "false", "no", "off")
    # A project's tests must not fill its history.
    return not ("PYTEST_CURRENT_TEST" in os.environ and "pytest" in sys.modules and "TURNOUT_DATA" not in os.environ)


def _console() -> bool:
    return sys.stderr is not None


def _relative(path: str, project_dir: str | None) -> str:
    if project_dir is not None and path.startswith(project_dir + os.sep):
        return path[len(project_dir) + 1 :]
    return path


def _ingest(folder: str) -> None:
    module, _, name = INGEST.partition(":")
    try:
        getattr(__import__(module, fromlist=[name]), name)(folder)
    except ImportError:
        pass  # the spool stays; a server or the next `turnout` command takes it in
    except Exception as error:  # the run is over and its record is on disk: nothing of it may fail now
        sys.stderr.write(f"turnout: the run's record stays in {folder}/spool for now: {error}\n")
