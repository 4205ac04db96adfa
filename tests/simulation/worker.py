"""Hosts with a spool on disk, workers that claim, and attempts that run flows, ship journals and keep leases.

The protocol of `turnout.worker`, told in processes that can be killed and stopped at any wait.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

from msgspec.json import encode

from tests.simulation.backends import BASE
from tests.simulation.kernel import TIMEOUT, Kernel, Node
from tests.simulation.network import Network
from tests.simulation.oracle import Oracle
from tests.simulation.server import LEASE, Server
from turnout.core import errors
from turnout.core.jobs import Job

CALL = 10.0
"""How long a call may take beyond what it was asked to wait."""
POLL = 25.0
FRESH = 1.0
WATCH = 2.0
WAITING = {"claim", "heartbeat"}
FINAL_WORDS = {"completed", "failed", "cancelled"}


class Attempt:
    """One attempt on a host: its files outlive its processes."""

    def __init__(self, job: Job, host: str, claimed_at: float, serial: int) -> None:
        self.job = job
        self.run_id, self.number = job.run.id, job.run.attempt
        self.name = f"{job.run.name}.{job.run.attempt}"
        self.node = Node(f"attempt {self.name} #{serial}", host)
        self.claimed_at = claimed_at
        self.lines: list[bytes] = []
        self.shipped = -1
        self.outcome: str | None = None
        self.outcome_line = -1
        self.stop_reason: str | None = None
        self.over = False
        self.draining = False

    @property
    def alive(self) -> bool:
        return self.node.alive

    def write(self, entry: Any) -> None:
        """Append a line to the spool; it is on the disk when this returns."""
        self.lines.append(encode(entry))
        if entry[:2] == ["s", 0] and entry[2] in FINAL_WORDS:
            self.outcome, self.outcome_line = entry[2], len(self.lines) - 1


class Host:
    """A machine: its spool survives everything, its clock is wrong by `skew` seconds."""

    _serial = itertools.count()

    def __init__(
        self,
        kernel: Kernel,
        name: str,
        network: Network,
        oracle: Oracle,
        choose: Callable[[], Server],
        capacity: int,
        skew: float,
    ) -> None:
        self.kernel, self.name, self.network, self.oracle = kernel, name, network, oracle
        self.choose = choose
        self.capacity, self.skew = capacity, skew
        self.spool: dict[tuple[str, int], Attempt] = {}
        self.worker: Node | None = None
        self._keys = itertools.count(1)
        self._session = ""

    def start_worker(self) -> None:
        self.worker = Node(f"worker {self.name}", self.name)
        self.kernel.spawn(self.worker, self._work)

    def kill_worker(self) -> None:
        if self.worker is not None:
            self.kernel.kill(self.worker)

    def kill_everything(self) -> None:
        """The power goes; the disk stays."""
        self.kill_worker()
        for attempt in self.spool.values():
            self.kernel.kill(attempt.node)

    def clock(self) -> float:
        """Unix seconds as this machine has them."""
        return BASE.timestamp() + self.kernel.now + self.skew

    def call(self, node: Node, method: str, wait: float = 0.0, **arguments: Any) -> Any:
        if method in WAITING:
            arguments["wait"] = wait
        return self.network.call(node, self.choose(), method, wait + CALL, **arguments)

    def insist(self, node: Node, method: str, **arguments: Any) -> Any:
        """Call until there is an answer."""
        pause = 0.05
        while True:
            try:
                return self.call(node, method, **arguments)
            except errors.ServerUnreachable:
                self.kernel.sleep(pause)
                pause = min(pause * 2, 2.0)

    # -- the worker

    def _work(self) -> None:
        node = self.worker
        assert node is not None
        for key, attempt in list(self.spool.items()):
            attempt.draining = False  # whoever drained it is gone with the worker before
            if not attempt.alive and not attempt.lines:
                del self.spool[key]
        self._register(node)
        self.kernel.spawn(node, self._watch, node)
        while True:
            free = self.capacity - len(self.spool)
            if free <= 0:
                self.kernel.sleep(WATCH)
                continue
            number = next(self._keys)
            try:
                jobs = self._claim(node, number, free)
            except (errors.NotFound, errors.Conflict):
                self._register(node)
                self.kernel.sleep(5.0)
                continue
            for job in jobs:
                self._take(job)

    def _register(self, node: Node) -> None:
        holding = [(attempt.run_id, attempt.number) for attempt in self.spool.values()]
        while True:
            self._session = f"{self.name}-{next(self._keys)}"
            who = {"worker_id": self.name, "name": self.name, "session": self._session}
            with contextlib.suppress(errors.Conflict):  # a late copy of an earlier registration came in between
                self.insist(node, "register", **who, capacity=self.capacity, holding=holding)
                return
            self.kernel.sleep(0.05)

    def _claim(self, node: Node, number: int, slots: int) -> list[Job]:
        pause = 0.05
        turn = {"key": f"{self.name}-{number}", "session": self._session, "number": number}
        while True:
            try:
                jobs: list[Job] = self.call(node, "claim", wait=POLL, worker_id=self.name, slots=slots, **turn)
                return jobs
            except errors.ServerUnreachable:
                self.kernel.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _take(self, job: Job) -> None:
        key = (job.run.id, job.run.attempt)
        self.oracle.granted(job)
        if key not in self.spool:
            self._start(job, key, self.kernel.now)

    def _start(self, job: Job, key: tuple[str, int], claimed_at: float) -> None:
        attempt = self.spool[key] = Attempt(job, self.name, claimed_at, next(self._serial))
        self.oracle.started(attempt)
        self.kernel.spawn(attempt.node, Execution(self, attempt).run)

    def _watch(self, node: Node) -> None:
        """Account for attempts whose processes are gone."""
        while True:
            for key, attempt in list(self.spool.items()):
                if attempt.alive or attempt.draining:
                    continue
                if not attempt.lines:
                    self._start(attempt.job, key, attempt.claimed_at)
                    continue
                attempt.draining = True
                self.kernel.spawn(node, self._drain, node, key, attempt)
            self.kernel.sleep(WATCH)

    def _drain(self, node: Node, key: tuple[str, int], attempt: Attempt) -> None:
        try:
            ship_all(self, node, attempt, None)
            if attempt.outcome is None:
                self._report_lost(node, attempt)
        except errors.TurnoutError as error:
            self.kernel.note(f"{self.name} drain of {attempt.name} refused: {error.what}")
            self.oracle.refused(attempt, error)
        self.spool.pop(key, None)

    def _report_lost(self, node: Node, attempt: Attempt) -> None:
        who = {"run_id": attempt.run_id, "attempt": attempt.number, "token": None}
        with contextlib.suppress(errors.Conflict):  # the attempt is over already
            self.insist(node, "report", **who, event="lost", reason="its supervisor is gone")


class Execution:
    """The processes of one attempt: supervisor, flow, shipping, lease."""

    def __init__(self, host: Host, attempt: Attempt) -> None:
        self.host, self.attempt = host, attempt
        self.kernel, self.node = host.kernel, attempt.node
        self.token = attempt.job.token
        self.news = self.kernel.signal()
        self.ended = self.kernel.signal()
        self.stopped = self.kernel.signal()
        self.fenced = False

    def run(self) -> None:
        checkpoints = self._prepare()
        if checkpoints is None:
            self.host.spool.pop((self.attempt.run_id, self.attempt.number), None)
            self.node.alive = False
            return
        attempt = self.attempt
        run = attempt.job.run
        header = {"protocol": 1, "run": run.id, "attempt": run.attempt, "stream": 0, "at": self.host.clock()}
        attempt.lines.append(encode(header))
        self.kernel.spawn(self.node, self._flow, checkpoints)
        self.kernel.spawn(self.node, self._keep_lease)
        self.kernel.spawn(self.node, self._ship)

    def _prepare(self) -> dict[str, Any] | None:
        """Checkpoints by key; None when the attempt is not to start."""
        job, found = self.attempt.job, {}
        try:
            if job.resume:
                answer = self.host.insist(self.node, "checkpoints", **self._who())
                found = {checkpoint.key: checkpoint for checkpoint in answer}
            if job.resume or self.kernel.now - self.attempt.claimed_at > FRESH:
                beat = self.host.insist(self.node, "heartbeat", **self._who())
                if beat.command == "cancel":
                    self.host.insist(self.node, "report", **self._who(), event="cancelled", reason="before its start")
                    return None
        except errors.Conflict:
            return None
        return found

    def _who(self) -> dict[str, Any]:
        return {"run_id": self.attempt.run_id, "attempt": self.attempt.number, "token": self.token}

    # -- the flow

    def _flow(self, checkpoints: dict[str, Any]) -> None:
        parameters = self.attempt.job.parameters
        self._say(["s", 0, "running", self.host.clock(), None])
        for number in range(1, int(parameters.get("tasks", 1)) + 1):
            if self.attempt.stop_reason is not None:
                break
            self._task(number, f"step#{number}", checkpoints, float(parameters.get("pace", 1.0)))
        self._end(int(parameters.get("fails", 0)))
        self.ended.set()

    def _task(self, number: int, key: str, checkpoints: dict[str, Any], pace: float) -> None:
        at = self.host.clock()
        self._say(["c", number, 0, "task", key, "step", at, "pending", None])
        known = checkpoints.get(key)
        if known is not None:
            extra = {"result": known.result, "reused": known.attempt, "name": "Reused"}
            self._say(["s", number, "completed", at, extra])
            return
        self._say(["s", number, "running", at, None])
        self.host.oracle.executed(self.attempt, key)
        self._log(number)
        self.kernel.sleep(pace * self.kernel.random.random() * 2)
        self._log(number)
        self._say(["s", number, "completed", self.host.clock(), {"result": {"inline": number}}])

    def _end(self, fails: int) -> None:
        at = self.host.clock()
        if self.attempt.stop_reason is not None:
            if self.kernel.random.random() < 0.5:
                self.ended.set()  # killed without a word: its supervisor reports
                return
            self._say(["s", 0, "cancelled", at, None])
        elif self.attempt.number <= fails:
            self._say(["s", 0, "failed", at, {"reason": "ValueError: simulated"}])
        else:
            self._say(["s", 0, "completed", at, None])
        self._say(["e", at])

    def _log(self, number: int) -> None:
        line = ["l", number, self.host.clock(), 20, "flow", f"line {len(self.attempt.lines)}"]
        self._say(line)

    def _say(self, entry: list[Any]) -> None:
        self.attempt.write(entry)
        self.news.ring()

    # -- shipping and lease

    def _ship(self) -> None:
        attempt = self.attempt
        try:
            while not self.ended.is_set:
                ship_all(self.host, self.node, attempt, self.token)
                if not self.ended.is_set and attempt.shipped + 1 >= len(attempt.lines):
                    self.kernel.wait(self.news, 5.0)
            ship_all(self.host, self.node, attempt, self.token)
            if attempt.outcome is None:
                event = "cancelled" if attempt.stop_reason is not None else "lost"
                reason = attempt.stop_reason or "the flow ended without a word"
                self._report(event, reason)
        except errors.Fenced:
            self._give_way()
            return
        except errors.TurnoutError as error:
            self.host.oracle.refused(attempt, error)
        attempt.over = True
        self.stopped.set()
        self.host.spool.pop((attempt.run_id, attempt.number), None)
        self.kernel.kill(self.node)

    def _report(self, event: str, reason: str) -> None:
        try:
            self.host.insist(self.node, "report", **self._who(), event=event, reason=reason)
        except errors.Fenced:
            raise
        except errors.Conflict:
            pass  # over already

    def _keep_lease(self) -> None:
        told, pause = False, 0.05
        while True:
            asked = self.kernel.now
            try:
                beat = self.host.call(self.node, "heartbeat", wait=0 if told else LEASE / 3, **self._who())
            except errors.Fenced:
                self.kernel.wait(self.stopped, 1.0)
                if self.attempt.outcome is None or self.attempt.shipped < self.attempt.outcome_line:
                    self._give_way()
                return
            except errors.TurnoutError:
                self.kernel.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            pause = 0.05
            if beat.command == "cancel" and not told:
                told = True
                self.attempt.stop_reason = beat.reason or "cancelled"
                self.kernel.at(10.0, self.ended.set)
            if self.kernel.wait(self.stopped, max(0.02, LEASE / 3 - (self.kernel.now - asked))) is not TIMEOUT:
                return

    def _give_way(self) -> None:
        """Fenced: another attempt may run by now."""
        self.fenced = True
        self.kernel.note(f"{self.attempt.name} is fenced")
        self.kernel.kill(self.node)


def ship_all(host: Host, node: Node, attempt: Attempt, token: str | None) -> None:
    """Ship what is written, however long that takes."""
    while attempt.shipped + 1 < len(attempt.lines):
        first = attempt.shipped + 1
        lines = attempt.lines[first : first + 50]
        arguments = {"run_id": attempt.run_id, "attempt": attempt.number, "token": token, "stream": 0}
        try:
            acked = host.insist(node, "ship", **arguments, first=first, lines=lines)
        except errors.Fenced:
            raise
        except errors.Conflict:
            if first == 0:
                raise
            attempt.shipped = -1
            continue
        host.oracle.acknowledged(attempt, acked)
        attempt.shipped = max(attempt.shipped, acked)
