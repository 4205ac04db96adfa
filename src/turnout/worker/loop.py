"""The worker loop: claims runs for a pool, starts them, and accounts for what ended without its supervisor.

Everything that happens comes through one queue, so the state below has one thread. Nothing that a run does ends the
loop; nothing that the loop does ends a run.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from turnout.core import errors
from turnout.core.jobs import Job
from turnout.core.ports import WorkApi
from turnout.worker import clock, orphans, process_tree
from turnout.worker.backends.process import ProcessBackend
from turnout.worker.bundles import BundleCache
from turnout.worker.claiming import Claimer
from turnout.worker.draining import Drainer
from turnout.worker.jobspec import Surroundings, build_order, job_file
from turnout.worker.room import NO_ROOM, Room, is_full
from turnout.worker.shipping import AWAY, Backoff
from turnout.worker.spool_files import AttemptFiles, jobs_in, remove_drafts, write_private

log = logging.getLogger("turnout.worker")

STARTS = 3
"""How often an attempt whose supervisor dies before the flow began is started again."""
LOOK_SECONDS = 0.25
SWEEP_SECONDS = 10.0
REFUSED_SECONDS = 5.0
PRESENCE_SECONDS = 10.0
"""How often a worker without a free slot lets the server hear of it, which counts it as offline after 30 s."""

AtEnd = Literal["leave", "drain", "stop"]
"""What happens to runs when the worker stops: supervisors go on alone; it waits for them; it stops them."""

Resolve = Callable[[Job], tuple[Mapping[str, str], list[str]]]
"""A job's secrets: environment variables for the run, and texts to mask. Raises SecretError."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one worker is. capacity: runs at a time; poll_seconds: how long a claim waits for work."""

    name: str
    project: str
    pool: str
    capacity: int
    poll_seconds: float


@dataclass(kw_only=True)
class _Attempt:
    """An attempt that occupies a slot here. order: None when an earlier worker started it."""

    files: AttemptFiles
    order: Mapping[str, Any] | None = None
    starts: int = 0


@dataclass
class _State:
    attempts: dict[str, _Attempt] = field(default_factory=dict)
    preparing: set[str] = field(default_factory=set)
    claiming: bool = False
    heard_at: float = 0.0
    swept_at: float = 0.0
    finishing: bool = False
    refused_until: float = 0.0
    owing: bool = False
    """Whether the server does not know yet that runs were given back."""


class WorkerLoop:
    """One worker of one pool; `run` until `stop` is set."""

    def __init__(
        self,
        *,
        options: Options,
        worker_id: str,
        api: WorkApi,
        surroundings: Surroundings,
        resolve: Resolve,
        take_over: Callable[[], set[str]] = set,
    ) -> None:
        self._options = options
        self._worker_id = worker_id
        self._api = api
        marked = {**surroundings.environment, process_tree.WORKER_MARK: worker_id}
        self._around = surroundings = replace(surroundings, environment=marked)
        self._resolve = resolve
        self._take_over = take_over
        self._state = _State()
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._bundles = BundleCache(surroundings.data_dir / "bundles", api.bundle, self._bundles_in_use)
        self._drainer = Drainer(api)
        log_file = surroundings.data_dir / "logs" / "supervisors.log"
        log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        surroundings.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._room = Room(surroundings.spool)
        self._backend = ProcessBackend(surroundings.spool, surroundings.environment, log_file, self._exited)
        self._next_session = ""
        self._claimer = Claimer(
            api,
            worker_id,
            options.poll_seconds,
            on_jobs=lambda jobs: self._events.put(lambda: self._take(jobs)),
            on_error=lambda error: self._events.put(lambda: self._claim_refused(error)),
        )

    def run(self, stop: threading.Event, *, at_end: Callable[[], AtEnd] = lambda: "leave") -> None:
        """Register, account for the past, then work until `stop`; `at_end` is asked then."""
        self._backend.start()
        try:
            if self._begin(stop):
                self._claimer.start()
                self._drainer.start()
                while not stop.is_set():
                    self._step()
                self._finish(at_end())
        finally:
            self._backend.close()

    def wake(self) -> None:
        """Make a loop that waits look at `stop` now. From any thread or signal handler."""
        self._events.put(lambda: None)

    # -- beginning

    def _begin(self, stop: threading.Event) -> bool:
        remove_drafts(self._around.spool)
        mine = {self._worker_id} | self._take_over()
        found = orphans.survey(orphans.attempts_of(jobs_in(self._around.spool), mine))
        given_back = [files.name for files in found.unstarted if orphans.give_back(files)]
        if given_back:
            log.info("given back, never started: %s", ", ".join(given_back))
        for files in found.alive:
            log.info("adopted run %s", files.name)
            self._state.attempts[files.name] = _Attempt(files=files)
            self._backend.adopt(files.name)
        if not self._register(stop, [(f.run_id, f.attempt) for f in (*found.alive, *found.dead)]):
            return False
        for files in found.dead:
            self._drainer.drain_now(files, "its supervisor died while no worker was watching")
        return True

    def _register(self, stop: threading.Event, holding: list[tuple[str, int]]) -> bool:
        """Register, waiting for the server as long as it takes; False if `stop` came first."""
        backoff = Backoff(stop.wait)
        said: str | None = None
        while not stop.is_set():
            try:
                self._say_hello(holding)
            except errors.TurnoutError as error:
                if said != error.what:
                    said = error.what
                    fix = f" ({error.fix})" if error.fix and not isinstance(error, errors.ServerUnreachable) else ""
                    log.warning("waiting for the server at %s: %s%s", self._around.server_url, said, fix)
                backoff.pause()
                continue
            log.info("worker %s serves pool %s", self._options.name, self._options.pool)
            return True
        return False

    def _say_hello(self, holding: list[tuple[str, int]]) -> None:
        options = self._options
        # One session for all tries until one is answered: a try that the server meets late is known by it.
        self._next_session = self._next_session or clock.fresh_key()
        try:
            self._api.register(
                worker_id=self._worker_id,
                name=options.name,
                project=options.project,
                pool=options.pool,
                capacity=options.capacity,
                holding=holding,
                session=self._next_session,
            )
        except errors.Conflict:
            # A late copy of what the worker before it said came in between: this session is a past one now.
            self._next_session = ""
            raise
        self._claimer.session, self._next_session = self._next_session, ""

    # -- the loop

    def _step(self) -> None:
        self._ask_for_work()
        try:
            event = self._events.get(timeout=self._patience())
        except queue.Empty:
            event = None
        try:
            if event is not None:
                event()
            self._backend.look()
            self._sweep()
        except Exception:  # one run's trouble is not the worker's
            log.exception("an event could not be handled")

    def _sweep(self) -> None:
        """Find what should be accounted for and is nowhere in memory: the spool is the truth."""
        state, now = self._state, clock.monotonic()
        if now - state.swept_at < SWEEP_SECONDS:
            return
        state.swept_at = now
        known = {*state.attempts, *state.preparing, *self._drainer.pending}
        forgotten = [files for files in self._held() if files.name not in known]
        for files in orphans.survey(forgotten).dead:
            self._drainer.submit(files, "its supervisor is gone")

    def _patience(self) -> float:
        return LOOK_SECONDS if self._state.attempts or self._state.refused_until else SWEEP_SECONDS

    def _ask_for_work(self) -> None:
        state, now = self._state, clock.monotonic()
        if state.claiming or now < state.refused_until or (state.owing and not self._settle()):
            return
        free = max(0, self._options.capacity - len(state.attempts) - len(state.preparing))
        if free and not self._room.is_there():
            free = 0
        if not free and now < state.heard_at + PRESENCE_SECONDS:
            return
        state.refused_until = 0.0
        state.claiming = True
        self._claimer.ask(free)

    def _claim_refused(self, error: Exception) -> None:
        self._state.claiming = False
        self._state.refused_until = clock.monotonic() + REFUSED_SECONDS
        if not isinstance(error, errors.NotFound | errors.Conflict):
            log.error("the server refuses to give work: %s", error)
            return
        log.warning("the server does not know this worker; registering again")
        self._settle()

    def _settle(self) -> bool:
        """Register again: whatever of this worker has no file here is the server's to give to somebody; whether it
        knows. Only while no claim is under way: its answer would tell of runs that are released here."""
        try:
            self._say_hello([(files.run_id, files.attempt) for files in self._held()])
        except errors.TurnoutError as error:
            log.warning("registering again failed: %s", error)
            self._state.refused_until = clock.monotonic() + REFUSED_SECONDS
            return False
        self._state.owing = False
        return True

    def _take(self, jobs: list[Job]) -> None:
        claimed_at = clock.monotonic()
        self._state.claiming, self._state.heard_at = False, claimed_at
        for job in jobs:
            files = AttemptFiles(self._around.spool, job.run.id, job.run.attempt)
            if files.name in self._state.attempts:
                continue
            try:
                write_private(files.job, job_file(job, self._worker_id))
            except OSError as error:
                self._give_back(files, error)
                continue
            try:
                self._prepare(job, files, claimed_at)
            except Exception as error:
                self._refuse(files, error)

    def _prepare(self, job: Job, files: AttemptFiles, claimed_at: float) -> None:
        digest = job.run.spec.bundle
        found = None if digest is None else self._bundles.find(digest)
        if digest is None or found is not None:
            self._start(job, files, claimed_at, found)
            return
        self._state.preparing.add(files.name)
        threading.Thread(target=self._fetch, args=(job, files, claimed_at, digest), name="bundle", daemon=True).start()

    def _fetch(self, job: Job, files: AttemptFiles, claimed_at: float, digest: str) -> None:
        backoff = Backoff(clock.sleep)
        while True:
            try:
                path = self._bundles.ensure(digest)
            except AWAY:
                backoff.pause()
                continue
            except Exception as error:
                self._events.put(partial(self._prepared, job, files, claimed_at, error))
                return
            self._events.put(partial(self._prepared, job, files, claimed_at, path))
            return

    def _prepared(self, job: Job, files: AttemptFiles, claimed_at: float, result: Path | Exception) -> None:
        self._state.preparing.discard(files.name)
        if isinstance(result, Exception):
            self._refuse(files, result)
        else:
            self._start(job, files, claimed_at, result)

    def _start(self, job: Job, files: AttemptFiles, claimed_at: float, bundle_dir: Path | None) -> None:
        try:
            secrets, mask = self._resolve(job)
            order = build_order(
                job,
                surroundings=self._around,
                bundle_dir=bundle_dir,
                secrets=secrets,
                mask=mask,
                claimed_at=claimed_at,
            )
            attempt = _Attempt(files=files, order=order, starts=1)
            self._state.attempts[files.name] = attempt
            self._backend.submit(files.name, order)
        except Exception as error:
            self._state.attempts.pop(files.name, None)
            self._refuse(files, error)

    def _refuse(self, files: AttemptFiles, error: Exception) -> None:
        """The attempt fails here and now, in words that its reader can act on; the drain tells the server. On a full
        disk it does not fail: it never began."""
        if is_full(error):
            self._give_back(files, error)
            return
        reason = str(error) if isinstance(error, errors.TurnoutError) else f"{type(error).__name__}: {error}"
        log.error("run %s cannot start: %s", files.name, reason)
        try:
            orphans.refuse(files, orphans.read_job(files), f"the run could not be started: {reason}")
        except OSError as full:
            self._give_back(files, full)
            return
        self._drainer.submit(files, "its worker could not start it")

    def _give_back(self, files: AttemptFiles, error: Exception) -> None:
        """Forget an attempt that nothing was begun of; the server hears of it before the next claim."""
        log.error("run %s is given back, and no other is taken until there is room: %s", files.name, error)
        files.delete()
        self._room.ran_out()
        self._state.owing = True
        self._claimer.recall()

    # -- ends

    def _exited(self, name: str, words: str, code: int | None) -> None:
        self._events.put(lambda: self._ended(name, words, code))

    def _ended(self, name: str, words: str, code: int | None) -> None:
        attempt = self._state.attempts.pop(name, None)
        if attempt is None or not attempt.files.job.exists():
            return
        found = orphans.survey([attempt.files])
        if found.alive:  # what ended was a second start of it
            self._state.attempts[name] = attempt
            self._backend.adopt(name)
            return
        if found.unstarted and code == NO_ROOM:
            self._give_back(attempt.files, OSError("its supervisor found the disk full"))
            return
        if found.unstarted and attempt.order is not None and attempt.starts < STARTS and not self._state.finishing:
            attempt.starts += 1
            self._state.attempts[name] = attempt
            self._backend.submit(name, attempt.order)
            return
        self._drainer.submit(attempt.files, f"its supervisor ended early: {words}")

    def _finish(self, at_end: AtEnd) -> None:
        self._state.finishing = True
        came_back = self._claimer.stop(1.0)
        attempts = self._state.attempts
        if at_end == "stop":
            for name in list(attempts):
                self._backend.cancel(name)
        while at_end != "leave" and attempts:
            self._step_without_claiming()
        self._drainer.stop()
        if not came_back:
            # A claim may be answered to nobody: whatever it got is given back.
            holding = [(files.run_id, files.attempt) for files in self._held()]
            try:
                self._say_hello(holding)
            except errors.TurnoutError as error:
                log.warning("the server could not be told of the end: %s", error)

    def _held(self) -> list[AttemptFiles]:
        return orphans.attempts_of(jobs_in(self._around.spool), {self._worker_id})

    def _bundles_in_use(self) -> set[str]:
        """The bundles of every attempt that has files here, other workers' too."""
        runs = (orphans.read_job(files).get("run", {}) for files in jobs_in(self._around.spool))
        return {str(run.get("spec", {}).get("bundle")) for run in runs}

    def _step_without_claiming(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._events.get(timeout=LOOK_SECONDS)()
        self._backend.look()
