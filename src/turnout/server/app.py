"""The composition root: puts store, services, routes and web server together, and takes them apart in order."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp

from turnout.core.errors import ConfigurationError
from turnout.core.ports import Clock, Store, Tx
from turnout.core.retention import Keep
from turnout.server.auth.files import ANY_PROJECT, TokenFiles
from turnout.server.auth.published import PublishedTokens
from turnout.server.auth.sessions import make_login_link
from turnout.server.bind import base_url, check_bind
from turnout.server.context import Context
from turnout.server.dispatch import dispatcher
from turnout.server.gate import Gate
from turnout.server.hints import LoopHints, NearHints
from turnout.server.logfile import logging_to
from turnout.server.protocol import GuardedProtocol
from turnout.server.routes.releases import pools_of
from turnout.server.server_file import server_file
from turnout.server.table import ROUTES
from turnout.services.loop import Loop, Service
from turnout.services.outbox import OutboxRelay
from turnout.services.pruner import Pruner
from turnout.services.questions import Questions
from turnout.services.rescuer import Rescuer
from turnout.services.scheduler import Scheduler
from turnout.services.spools import Spools
from turnout.settings import Settings
from turnout.store import Store as OpenStore
from turnout.store import open_beacon, open_store
from turnout.store.clock import system_uptime
from turnout.store.lock import unwritable

DEFAULT_POOL = "default"
DRAIN_SECONDS = 5
"""How long requests that are under way may take once the server is told to stop."""
KEEP_ALIVE_SECONDS = 75
TICKS_A_SECOND = 10
"""As uvicorn counts them: with each second the date of its answers changes."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A server that listens. `stop` may be called from any thread, and more than once."""

    url: str
    login_link: str
    data_dir: Path
    stop: Callable[[], None]


def build_app(context: Context) -> ASGIApp:
    """The ASGI application over a context."""
    return Gate(dispatcher(ROUTES, context), context)


def make_context(settings: Settings, store: Store, hints: LoopHints, port: int) -> Context:
    """The context of a server on `store`; makes the token files of the admin and of every deployed pool."""
    files = TokenFiles(Path(settings.data_dir))
    files.admin()
    files.pools(store.read(_pools))
    return Context(
        settings=settings, store=store, hints=hints, files=files, port=port, remote=bool(settings.database_url)
    )


def serve(
    settings: Settings,
    ready: Callable[[Ready], None],
    *,
    clock: Clock | None = None,
    services: Iterable[Service] | None = None,
) -> None:
    """Run a server until SIGINT, SIGTERM or `Ready.stop`; `ready` is called once it listens.

    Raises ConfigurationError for an unsafe or taken address, StoreLocked while another process has the data folder,
    StoreUnavailable when the database cannot be reached.
    """
    check_bind(settings)
    folder = Path(settings.data_dir)
    _make_private(folder)
    hints = LoopHints()
    with contextlib.ExitStack() as stack:
        # The lock first: a second server must not touch the files of the first.
        store = stack.enter_context(_store(settings, clock, hints))
        timer = clock or store.clock
        listener = stack.enter_context(listen(settings.host, settings.port))
        stack.enter_context(logging_to(folder / "logs"))
        context = make_context(settings, store, hints, listener.getsockname()[1])
        stack.enter_context(server_file(folder, context.url, timer.now()))
        loop = Loop(store, timer, _services(context, hints, services))
        hints.forward(loop.notify)
        if settings.database_url and settings.database_notify:
            beacon = stack.enter_context(contextlib.closing(open_beacon(settings.database_url, hints.deliver)))
            hints.broadcast(beacon.notify)
        stack.callback(loop.stop)
        server = _Server(_configuration(context), hints)
        link = make_login_link(store, context.url)
        told = Ready(url=context.url, login_link=link, data_dir=folder, stop=server.stop)

        def started() -> None:
            loop.start()
            ready(told)

        server.run_until_stopped(listener, started)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise unwritable(str(folder), error) from error


def _store(settings: Settings, clock: Clock | None, hints: LoopHints) -> contextlib.closing[OpenStore]:
    """The store of the server's database; its data folder is this process's in either case."""
    folder = Path(settings.data_dir)
    return contextlib.closing(open_store(settings.database_url or folder, folder=folder, clock=clock, hints=hints))


def _services(context: Context, hints: LoopHints, given: Iterable[Service] | None) -> list[Service]:
    """The standard services, or those given; beside them what makes the tokens of one server good for every other."""
    chosen = standard_services(context.settings, hints) if given is None else list(given)
    if context.settings.database_url:
        folder = Path(context.settings.data_dir)
        tokens = PublishedTokens(folder, context.files, _pools)
        tokens.tick(context.store, context.store.read(lambda tx: tx.now))  # before anybody is told of this server
        chosen.append(tokens)
    return chosen


def standard_services(settings: Settings, hints: LoopHints) -> list[Service]:
    """The duties of a server."""
    return [
        Scheduler(),
        Rescuer(settings.lease_seconds, settings.sweep_seconds, system_uptime),
        Questions(),
        Spools(settings.data_dir),
        OutboxRelay(NearHints(hints)),
        Pruner(_keep(settings), Path(settings.data_dir) / "spool"),
    ]


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens at the address; port 0 takes a free one. Raises ConfigurationError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    with contextlib.closing(found):
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host.strip("[]"), port))
            found.listen(1024)
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen at {host}, port {port}: {error.strerror or error}",
                where="host, port",
                fix="stop what listens there, or choose another port: TURNOUT_PORT=4748, or 0 for any free one",
            ) from error
        yield found


class _Server(uvicorn.Server):
    """uvicorn, stopped by signals or from any thread; whoever waits in a long poll is answered at once then."""

    def __init__(self, config: uvicorn.Config, hints: LoopHints) -> None:
        super().__init__(config)
        self._hints = hints
        self._running: asyncio.AbstractEventLoop | None = None

    def run_until_stopped(self, listener: socket.socket, started: Callable[[], None]) -> None:
        """Serve on `listener`; `started` is called once requests are answered."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._main(listener, started))

    def stop(self) -> None:
        """Begin to stop."""
        loop = self._running
        if loop is not None:
            # The loop may have closed since: then there is nothing to stop.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._stop)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn's own way raises them again at the end, before anything is cleaned up."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()

    async def main_loop(self) -> None:
        """uvicorn's own wakes ten times a second to see whether it is to stop; this is told."""
        tick = 0
        while not await self.on_tick(tick):
            tick += TICKS_A_SECOND
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def _main(self, listener: socket.socket, started: Callable[[], None]) -> None:
        self._running = loop = asyncio.get_running_loop()
        self._told = asyncio.Event()
        self._started = started
        self._hints.start()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop)
        try:
            await self.serve(sockets=[listener])
        finally:
            self._running = None
            self._hints.stop()

    def _stop(self) -> None:
        self.should_exit = True
        self._told.set()
        self._hints.stop()


def _configuration(context: Context) -> uvicorn.Config:
    settings = context.settings
    return uvicorn.Config(
        build_app(context),
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        # Addresses carry login tokens: there is no access log to leak them.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or None,
        ssl_certfile=str(settings.tls_cert) if settings.tls_cert else None,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _keep(settings: Settings) -> Keep:
    def days(count: float) -> timedelta | None:
        return timedelta(days=count) if count else None

    return Keep(
        runs=days(settings.keep_runs_days),
        logs=days(settings.keep_logs_days),
        artifacts=days(settings.keep_artifacts_days),
        events=days(settings.keep_events_days),
        releases=days(settings.keep_releases_days),
        refused_journals=days(settings.keep_refused_days),
    )


def _pools(tx: Tx) -> set[tuple[str, str]]:
    pools = {(ANY_PROJECT, DEFAULT_POOL)}
    for namespace in tx.projects.names():
        deployed = tx.projects.snapshot(namespace)
        pools |= pools_of(deployed[1]) if deployed else set()
    return pools


__all__ = ["Ready", "base_url", "build_app", "make_context", "serve"]
