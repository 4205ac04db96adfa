"""What the runners of clusters share: calls under way, how many at once, their ends."""

from __future__ import annotations

from collections import deque
from itertools import count

from turnout.core.errors import ConfigurationError, TaskTimeout
from turnout.engine.clock import monotonic
from turnout.engine.futures.futures import _lock
from turnout.engine.runners import cluster_worker
from turnout.engine.runners.link import Link, can_link
from turnout.engine.runners.sending import Crew, crashed, crew_of, outcome, request
from turnout.engine.runners.steering import Parked, Steered, SteeringRunner, is_over
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from turnout.engine.runs.instructions import Call

GRACE_SECONDS = 1.0
"""Between asking a task to stop and no longer waiting for it."""
AHEAD = 4
"""So many tasks for each place of the cluster are handed to it: `running` means handed over."""
LEAST = 16
_THREADS = 4


class WorkerLost(Exception):
    """The process of a call is gone; the message says how, as `was lost: ...`."""


class Remote:
    """One call under way. handle: what the cluster knows it by."""

    __slots__ = ("_settled", "handle", "id", "job", "sent", "step", "stream")

    def __init__(self, job: Steered, step: Call, identity: str, stream: int) -> None:
        self.job = job
        self.step = step
        self.id = identity
        self.stream = stream
        self.handle: Any = None
        self.sent = monotonic()
        self._settled = False

    def settle(self) -> bool:
        """Whether the caller is the first to know how it went."""
        with _lock:
            first, self._settled = not self._settled, True
        return first


class ClusterTaskRunner(SteeringRunner):
    """A cluster's places are taken by tasks whose upstream has ended, never by waiting ones."""

    by_value = True
    extra = ""
    """What to install: `turnout[extra]`."""

    def __init__(self) -> None:
        super().__init__(_THREADS)
        self._active: dict[str, Remote] = {}
        self._waiting: deque[Steered] = deque()
        self._in_flight = 0
        self._looked_at = -1.0
        self._limit = LEAST
        self._free_streams: list[int] = []
        self._next = count(1).__next__

    def admit(self, job: Steered) -> None:
        with _lock:
            self._waiting.append(job)
        self._fill()

    def leave(self, job: Steered) -> None:
        with _lock:
            self._in_flight -= 1
        self._fill()

    def perform(self, job: Steered, step: Call) -> Any:
        scope = job.scope
        if scope.root.control is not None:
            scope.root.control.clear(scope)  # its deadline is kept by its worker, and must not end the attempt
        crew = crew_of(scope.root)
        self._link(crew, recorded=scope.root.recorded)
        key, setting = crew.setting(scope, True)
        with _lock:
            stream = self._free_streams.pop() if self._free_streams else crew.next_stream()
        remote = Remote(job, step, f"{crew.id}-{id(self):x}-{self._next()}", stream)
        frame = request(scope, step, stream, key, job.context, True)
        with _lock:
            self._active[remote.id] = remote
        try:
            if is_over(scope):  # asked last: whoever stops the flow closes it before looking at what runs
                raise Interrupt
            self.send(remote, setting, key, frame)
        except BaseException:
            with _lock:
                self._active.pop(remote.id, None)
            raise
        raise Parked

    def interrupt(self) -> None:
        """Stop every task that runs; what does not stop within the grace is not waited for."""
        from turnout.engine.stopping.timers import at

        with _lock:
            active = list(self._active.values())
            waiting = list(self._waiting)
            self._waiting.clear()
            self._in_flight += len(waiting)
        for job in waiting:
            self._put(job)  # to be cancelled
        for remote in active:
            self.cancel(remote)
            at(monotonic() + GRACE_SECONDS, _giving_up(self, remote))

    def send(self, remote: Remote, setting: bytes, key: str, frame: bytes) -> None:
        """Have a worker run `function(remote)`; `arrived` or `failed` are called when it has."""
        raise NotImplementedError

    def cancel(self, remote: Remote) -> None:
        """Ask a worker to stop a call. Returns at once."""
        raise NotImplementedError

    def force(self, remote: Remote) -> None:
        """It has not stopped: do what can be done."""

    def function(self, remote: Remote) -> Callable[..., Any]:
        """What a worker is to run for a call."""
        isolated = remote.job.scope.definition.isolation is not None
        return cluster_worker.execute_alone if isolated else cluster_worker.execute

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def connect(self) -> None:
        """Reach the cluster, or start one."""
        raise NotImplementedError

    def disconnect(self) -> None:
        """Leave the cluster, and end it if `connect` started it. Twice is once."""
        raise NotImplementedError

    def places(self) -> int:
        """How many tasks the cluster runs at once."""
        raise NotImplementedError

    def arrived(self, remote: Remote, answer: bytes, stream: int | None) -> None:
        """A worker has answered, that has `stream` in the run; None where it is the one it was given."""

        def value() -> Any:
            return outcome(remote.job.scope, remote.step, answer)

        if stream not in (None, remote.stream):  # the worker had one already
            self._free_streams.append(remote.stream)
        self._go_on(remote, value)

    def failed(self, remote: Remote, error: BaseException) -> None:
        """There will be no answer: WorkerLost, Interrupt, or what the cluster says."""
        scope, seconds = remote.job.scope, remote.step.seconds

        def value() -> Any:
            if not isinstance(error, WorkerLost):
                raise error
            if seconds is not None and monotonic() - remote.sent >= seconds + GRACE_SECONDS:
                raise TaskTimeout(
                    f"task '{scope.name}' ran longer than its timeout of {seconds:g} s, and its worker was ended"
                )
            raise crashed(scope, str(error))

        self._go_on(remote, value)

    def _go_on(self, remote: Remote, value: Callable[[], Any]) -> None:
        if remote.settle():
            with _lock:
                self._active.pop(remote.id, None)
            remote.job.value = value
            self._put(remote.job)

    def _fill(self) -> None:
        limit = self._room()
        while True:
            with _lock:
                if not self._waiting or self._in_flight >= limit:
                    return
                self._in_flight += 1
                job = self._waiting.popleft()
            self._put(job)

    def _room(self) -> int:
        now = monotonic()
        if now - self._looked_at > 1.0:
            self._looked_at = now
            self._limit = max(LEAST, AHEAD * self.places())
        return self._limit

    def _link(self, crew: Crew, *, recorded: bool) -> None:
        with _lock:
            if crew.link is not None or not can_link() or not recorded:
                return
            link = Link(crew.id)
            crew.link = link.name
        crew.endings.append(link.close)


def need(runner: str, package: str, extra: str) -> None:
    """Raise ConfigurationError if the library of a runner is not installed."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise ConfigurationError(
            f"{runner} needs the package {package}, which is not installed", fix=f"pip install 'turnout[{extra}]'"
        )


def _giving_up(runner: ClusterTaskRunner, remote: Remote) -> Callable[[], None]:
    def give_up() -> None:
        with _lock:
            active = remote.id in runner._active
        if active:
            runner.force(remote)
            runner.failed(remote, Interrupt())

    return give_up
