"""`turnout up`: development in one process: server, scheduler, worker, and this repository applied on every save."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.project import project_folder, push, wanted
from turnout.cli.server import with_address
from turnout.cli.target import connect_local, project_namespace, settings
from turnout.cli.watching import Watch
from turnout.core.errors import TurnoutError
from turnout.settings import Settings

app = command_app()

LOOK_SECONDS = 1.0
"""How often the files are looked at."""
SETTLED_SECONDS = 0.2
"""So long after the last save, what was saved is whole."""


@app.command()
def up(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The server's port; 0 takes a free one.")] = None,
    watch: Annotated[bool, typer.Option(help="Apply again whenever a file is saved.")] = True,
) -> None:
    """Start server, scheduler and worker, and apply on every save.

    Ctrl-C stops everything, the runs under way too; the history stays.
    """
    _log_warnings_only()
    found = with_address(settings(), None, port)
    project_folder()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = Server(found, stop)
    if not server.wait_ready():
        server.end()
        return
    # The worker ends before the server does, so that what it stops is still recorded.
    inner = [
        Part("applier", lambda: _keep_applied(found, stop, watch=watch), stop),
        Part("worker", lambda: _work(found, stop), stop),
    ]
    stop.wait()
    output.say("stopping")
    for part in inner:
        part.thread.join()
    server.end()
    for failed in (part.error for part in (*inner, server.part) if part.error):
        raise failed


def _log_warnings_only() -> None:
    """The loggers themselves let more through, for the server's log file."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logging.getLogger().addHandler(handler)


class Part:
    """A thread whose failure stops everything and is told at the end."""

    def __init__(self, name: str, work: Callable[[], None], stop: threading.Event) -> None:
        self.error: BaseException | None = None
        self._work, self._stop = work, stop
        self.thread = threading.Thread(target=self._run, name=name)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.error = error
            self._stop.set()


class Server:
    """The server in a thread of its own: signals belong to `up`, which stops the parts in order."""

    def __init__(self, found: Settings, stop: threading.Event, *, quiet: bool = False) -> None:
        self._listening = threading.Event()
        self._stop_server: Callable[[], None] = lambda: None
        self._stop = stop
        self._quiet = quiet
        self.part = Part("server", lambda: self._serve(found), stop)

    def wait_ready(self) -> bool:
        """Whether it listens; False if it was stopped or failed before."""
        while not self._listening.wait(0.05):
            if self._stop.is_set():
                return False
        return True

    def end(self) -> None:
        """Stop it and wait for its end; raises what it failed with."""
        self._stop_server()
        self.part.thread.join()
        if self.part.error:
            raise self.part.error

    def _serve(self, found: Settings) -> None:
        from turnout.server.app import Ready, serve

        def ready(told: Ready) -> None:
            if not self._quiet:
                output.say(f"[bold]Turnout is at {told.url}[/bold]  Ctrl-C stops everything")
                output.say(f"open {told.login_link}", whole=True)
                output.say("  (works once, for ten minutes; `turnout login` prints another)")
            self._stop_server = told.stop
            self._listening.set()

        serve(found, ready)


def _keep_applied(found: Settings, stop: threading.Event, *, watch: bool) -> None:
    """Apply the repository now and, with `watch`, after every save. A broken one leaves what runs alone."""
    files, release = Watch(project_folder()), None
    while not stop.is_set():
        try:
            release = _apply_once(found, release)
        except TurnoutError as error:
            output.print_error(error)
        if not watch or not _next_save(files, stop):
            return
        output.say("a file changed: checking")


def _next_save(files: Watch, stop: threading.Event) -> bool:
    """Wait until something was saved and nothing more comes: files that are saved together are one change. False when
    it stops."""
    while not files.changed():
        if stop.wait(LOOK_SECONDS):
            return False
    while not stop.wait(SETTLED_SECONDS):
        if not files.changed():
            return True
    return False


def _apply_once(found: Settings, before: int | None) -> int | None:
    """The release that is deployed now; tells when it is not `before`."""
    repository = wanted(allow_dirty=True, allow_no_commit=True, quiet=True)
    if repository is None:
        output.say(f"release {before} goes on" if before else "mend it and save: it is tried again")
        return before
    with connect_local(found) as api:
        answer = push(api, repository, expected=None, allow_removals=True)
    release: int = answer["release"]
    if release == before:
        output.say(f"release {release} is the same and goes on")
    else:
        count = len(repository.snapshot.deployments)
        output.say(f"release {release}: {count} deployments of {output.short_commit(repository.bundle.commit)}")
    return release


def _work(found: Settings, stop: threading.Event) -> None:
    """Work for the project's pool from the first release on."""
    from turnout.client import connect_work
    from turnout.client.connecting import find_server
    from turnout.worker.__main__ import run_worker

    namespace = project_namespace()
    pool = None
    while pool is None:
        with suppress(TurnoutError), connect_local(found) as api:
            deployed = api.snapshot(namespace)
            pool = next(iter(deployed[1].pools), None) if deployed else None
        if pool is None and stop.wait(0.05):
            return
    work = connect_work(found, pool, namespace.project)
    url = find_server(found)
    assert work is not None  # the server runs in this very process
    assert url is not None
    with work:
        run_worker(found, project=namespace.project, pool=pool, api=work, server_url=url, stop=stop, at_end="stop")
