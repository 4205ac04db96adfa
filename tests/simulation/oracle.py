"""What really happened, as clients and executors saw it, and what was promised about it.

Nothing here is read from the database but the stream of committed events; `verdict` compares the two at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from tests.simulation.kernel import Kernel

if TYPE_CHECKING:
    from tests.simulation.worker import Attempt

ACTIVE = {"pending", "running", "paused", "cancelling"}
FINAL = {"completed", "failed", "crashed", "cancelled", "skipped"}
NEXT = {
    "scheduled": {"pending", "cancelled", "skipped"},
    "pending": {"scheduled", "running", "cancelling", "completed", "failed", "crashed", "cancelled"},
    "running": {"cancelling", "completed", "failed", "crashed", "cancelled"},
    "cancelling": {"completed", "failed", "cancelled"},
    **{state: {"scheduled"} for state in FINAL},
}
"""The published transitions, written down a second time; `paused` is entered by nothing yet."""
RESCUER = "system:rescuer"
MEASURE_SECONDS = 0.5
CERTAIN = 1.0
"""Seconds that the oracle's view of a lease may be off."""


class Violation(Exception):
    """A promise was broken; the message names it."""


class Oracle:
    """Told by everybody at once, in the order in which things happened."""

    def __init__(self, kernel: Kernel, lease: float) -> None:
        self._kernel = kernel
        self._lease = lease
        self.limits: list[tuple[str, dict[str, int], int]] = []
        """(what, deployment -> weight, at most)."""
        self.states: dict[str, dict[str, Any]] = {}
        self.histories: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.live: Counter[str] = Counter()
        self.triggered: dict[str, str | None] = {}
        """Key of each asked-for run -> the run that was acknowledged, if it was."""
        self.cancelled: set[str] = set()
        self.executions: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.acked_steps: dict[tuple[str, str], int] = {}
        self.attempts: dict[tuple[str, int], Attempt] = {}
        self.resumed: set[tuple[str, int]] = set()
        self.renewed: dict[tuple[str, int], float] = {}
        self.reachable = 0.0
        """Seconds during which some server was up and reached its database."""
        self.faults: list[str] = []
        self._served_at = 0.0
        self._grace_until = 0.0

    def blame(self, promise: str, text: str) -> None:
        """Note a broken promise."""
        sentence = f"{promise}: {text}"
        self._kernel.note(f"VIOLATION {sentence}")
        if sentence not in self.faults:
            self.faults.append(sentence)

    # -- what the database committed

    def committed(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            run_id, state = event["run_id"], event["state"]
            before = self.states.get(run_id)
            self._kernel.note(
                f"{event['deployment']} {event['name']}.{event['attempt']} v{event['version']} {event['state_name']}"
                f" by {event['by']}"
            )
            self._check_step(before, event)
            if before is not None and before["state"] in ACTIVE and state not in ACTIVE:
                self.live[event["deployment"]] -= 1
            if state in ACTIVE and (before is None or before["state"] not in ACTIVE):
                self.live[event["deployment"]] += 1
            if state == "pending":
                self.renewed[run_id, event["attempt"]] = self.reachable
            if event["by"] == RESCUER and state in FINAL:
                self._check_death(event)
            self.states[run_id] = event
            self.histories[run_id].append(event)
        for what, weights, limit in self.limits:
            held = sum(self.live[name] * weight for name, weight in weights.items())
            if held > limit:
                self.blame("I14", f"{held} of {limit} are held of {what}")

    def _check_step(self, before: dict[str, Any] | None, event: dict[str, Any]) -> None:
        if before is None:
            if (event["version"], event["state"], event["attempt"]) != (1, "scheduled", 1):
                self.blame("I10", f"run {event['name']} began as {event['state']}, version {event['version']}")
            return
        if event["version"] != before["version"] + 1:
            self.blame("I10", f"version {event['version']} of run {event['name']} follows {before['version']}")
        if event["state"] not in NEXT[before["state"]]:
            promise = "I9" if before["state"] in FINAL else "I10"
            self.blame(promise, f"run {event['name']} went from {before['state']} to {event['state']}")
        if event["attempt"] != before["attempt"] + (before["state"] in FINAL):
            self.blame("I9", f"attempt {event['attempt']} of run {event['name']} follows a {before['state']} one")

    def _check_death(self, event: dict[str, Any]) -> None:
        key, name = (event["run_id"], event["attempt"]), f"{event['name']}.{event['attempt']}"
        if self._kernel.now < self._grace_until:
            self.blame("I8", f"attempt {name} was declared dead less than a lease after the servers came back")
        attempt = self.attempts.get(key)
        if attempt is None or not attempt.alive or attempt.node.paused or key not in self.renewed:
            return
        age = self.reachable - self.renewed[key]
        if age < self._lease / 2:  # it renews every third of a lease; the rest is for lost messages and short outages
            self.blame("I8", f"attempt {name}, alive, was declared dead {age:.1f} s after its lease was renewed")

    # -- what executors saw

    def granted(self, job: Any) -> None:
        """A worker received a job."""
        if job.resume:
            self.resumed.add((job.run.id, job.run.attempt))

    def attempt_of(self, run_id: str) -> int:
        """The attempt that the run is at, by what was committed."""
        return int(self.states[run_id]["attempt"])

    def accepted(self, run_id: str, attempt: int, current: int, what: str) -> None:
        """A write of this attempt's own executor passed every check, in a transaction that began at `current`."""
        if current != attempt:
            name = self.states[run_id]["name"]
            self.blame("I6", f"a {what} of attempt {name}.{attempt} was accepted at attempt {current}")

    def renew(self, run_id: str, attempt: int) -> None:
        """A renewal of the lease was committed."""
        self.renewed[run_id, attempt] = self.reachable

    def started(self, attempt: Attempt) -> None:
        """An executor begins."""
        self.attempts[attempt.run_id, attempt.number] = attempt

    def measure(self, *, serving: bool, reachable: bool) -> None:
        """Called every MEASURE_SECONDS: whether any server is up, and reaches the database."""
        if reachable:
            self.reachable += MEASURE_SECONDS
        if serving:
            self.served()

    def served(self) -> None:
        """A server was up just now, perhaps for less than the time between two measures."""
        if self._kernel.now - self._served_at > self._lease / 2:
            self._grace_until = self._kernel.now + self._lease - CERTAIN
        self._served_at = self._kernel.now

    def executed(self, attempt: Attempt, key: str) -> None:
        """User code of a step began."""
        run_id, number = attempt.run_id, attempt.number
        acked = self.acked_steps.get((run_id, key))
        if acked is not None and (run_id, number) in self.resumed and acked < number:
            self.blame("I11", f"step {key} of {attempt.name} ran again; its result was acknowledged in attempt {acked}")
        self.executions[run_id, key].append(number)

    def acknowledged(self, attempt: Attempt, acked: int) -> None:
        """The executor was told that its lines up to `acked` are stored."""
        if acked >= len(attempt.lines):
            self.blame("I18", f"line {acked} of {attempt.name} was acknowledged and never written")
        for line in attempt.lines[attempt.shipped + 1 : acked + 1]:
            if line.startswith(b'["s",') and b'"completed"' in line and b'"inline"' in line and b"reused" not in line:
                number = int(line[5 : line.index(b",", 5)])
                self.acked_steps[attempt.run_id, f"step#{number}"] = attempt.number

    def refused(self, attempt: Attempt, error: Exception) -> None:
        """What an attempt wrote was refused for good."""
        self.blame("I18", f"the journal of {attempt.name} was refused: {error!r}")
