"""One run that is stopped, followed from outside until nothing of it is left or its time is up."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.faults.cancel_cases.bodies import TIMEOUT_SECONDS
from tests.faults.cancel_cases.oracle import Living, Oracle, processes, tree
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, Page
from turnout.core.states import RunState, is_final

How = Literal["cancel", "run", "flow", "task"]
TASK_START_SECONDS = 2.0
"""How long after the acknowledgement a task may still begin."""
TAIL_SECONDS = 5.0
"""What the promise adds to the grace."""
TIMEOUT_SLACK_SECONDS = 2.0
"""What the promise allows a timeout before the grace begins."""
READY_SECONDS = 60.0


@dataclass
class Case:
    """A run, how it is to end, and what was seen of it. Times are unix seconds."""

    run_id: str
    body: str
    how: How
    grace: float
    spool: Path
    seen: set[Living] = field(default_factory=set)
    acked: float | None = None
    gone_after: float | None = None
    faults: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    @property
    def limit(self) -> float:
        """Seconds from `acked` by which everything must be over."""
        return self.grace + TAIL_SECONDS + (0.0 if self.how == "cancel" else TIMEOUT_SLACK_SECONDS)

    def look(self, api: AdminApi, oracle: Oracle) -> bool:
        """Note what is there now, stop it when it is ready; whether this case is closed."""
        self._note(oracle)
        if self.acked is None:
            self._stop_when_ready(api, oracle)
            return bool(self.faults)
        left = self._left()
        if not left and is_final(api.run(self.run_id).state):
            self.gone_after = time.time() - self.acked
            self._judge(api.run(self.run_id), api, oracle)
            return True
        if time.time() > self.acked + self.limit:
            run = api.run(self.run_id)
            self._fault(f"after {self.limit:.0f} s it is {run.state} ({run.reason}) and these live: {_names(left)}")
            return True
        return False

    def _note(self, oracle: Oracle) -> None:
        among = processes()
        for path in self.spool.glob(f"{self.run_id}.*.supervisor"):
            words = path.read_text().split() if path.exists() else []
            if words:
                self.seen |= tree(int(words[0]), among)
        self.seen |= {among[pid] for pid in oracle.pids(self.run_id) if pid in among}

    def _stop_when_ready(self, api: AdminApi, oracle: Oracle) -> None:
        ready = oracle.ready_at(self.run_id)
        if ready is None:
            if time.time() > self.began + READY_SECONDS:
                self._fault(f"was not ready within {READY_SECONDS:.0f} s")
            return
        if self.how == "cancel":
            api.cancel(self.run_id, "enough")
            self.acked = time.time()
        else:
            self.acked = ready + TIMEOUT_SECONDS

    def _left(self) -> set[Living]:
        among = processes()
        return {living for living in self.seen if living.pid in among and among[living.pid].start == living.start}

    def _judge(self, run: FlowRun, api: AdminApi, oracle: Oracle) -> None:
        assert self.acked is not None
        if self.how == "cancel":
            if run.state != RunState.CANCELLED:
                self._fault(f"ended as {run.state} ({run.reason})")
        elif not self._timed_out(run, api):
            self._fault(f"ended as {run.state} {run.state_name} ({run.reason})")
        last = oracle.last_task(self.run_id)
        if last is not None and last > self.acked + TASK_START_SECONDS:
            self._fault(f"began a task {last - self.acked:.1f} s after it was to stop")

    def _timed_out(self, run: FlowRun, api: AdminApi) -> bool:
        if run.state != RunState.FAILED:
            return False
        if run.state_name == "TimedOut":
            return True
        states = {task.state_name for task in api.tasks(run.id, Page(limit=200))}
        return self.how == "task" and "TimedOut" in states

    def _fault(self, words: str) -> None:
        self.faults.append(f"{self.body} ({self.how}) {self.run_id}: {words}")


def _names(left: set[Living]) -> str:
    said = []
    for living in sorted(left):
        try:
            words = Path(f"/proc/{living.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            words = "?"
        said.append(f"{living.pid} {words[:60].strip()}")
    return "; ".join(said) or "none"
