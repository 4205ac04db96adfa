"""The running system that the cases of `cancel` act on."""

from __future__ import annotations

import time

from tests.faults.cancel_cases.oracle import Oracle
from tests.faults.cancel_cases.watch import Case, How
from tests.faults.cluster import Cluster, wait_until
from turnout.core.records import FlowRun, Namespace, Page, RunFilter
from turnout.core.states import ACTIVE, is_final

NAMESPACE = Namespace(project="stops")


class Stage:
    """Server, worker, oracle and the timings that hold."""

    def __init__(self, cluster: Cluster, oracle: Oracle, *, shipped: bool) -> None:
        self.cluster = cluster
        self.cluster.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self.oracle = oracle
        self.grace = 10.0 if shipped else 1.0
        self.lease = 30.0 if shipped else 3.0
        self.sweep = 5.0 if shipped else 0.5

    def start(self) -> None:
        """Everything up, the project applied, the worker at work."""
        self.cluster.start_server()
        self.cluster.wait_ready()
        self.cluster.apply()
        self.cluster.start_worker()
        probe = self.trigger("probe")
        self.wait_final(probe, 60.0)

    def stop(self) -> None:
        """Everything down."""
        self.cluster.stop()

    def begin(self, body: str, how: How) -> Case:
        """Trigger a body that is to be stopped in this way."""
        word = body.replace("_", "-")
        run_id = self.trigger(word if how == "cancel" else f"{word}-{how}")
        return Case(run_id, body, how, self.grace, self.cluster.data / "spool")

    def trigger(self, deployment: str) -> str:
        """A new run's id."""
        with self.cluster.api() as api:
            return api.trigger(deployment, namespace=NAMESPACE).id

    def cancel(self, run_id: str) -> float:
        """Cancel; the unix time of the acknowledgement."""
        with self.cluster.api() as api:
            api.cancel(run_id, "enough")
        return time.time()

    def run(self, run_id: str) -> FlowRun:
        """The run as the API shows it."""
        with self.cluster.api() as api:
            return api.run(run_id)

    def wait_final(self, run_id: str, seconds: float) -> FlowRun:
        """The run when it is over. Raises TimeoutError."""
        wait_until(lambda: is_final(self.run(run_id).state), seconds, f"run {run_id} to end")
        return self.run(run_id)

    def slots_in_use(self) -> list[str]:
        """Complaints about a slot that nobody should hold; a probe must get one within a second or two."""
        with self.cluster.api() as api:
            held = [run for run in api.runs(RunFilter(states=tuple(ACTIVE)), Page(limit=200)) if run.worker]
        faults = [f"run {run.id} still holds a slot: {run.state}" for run in held]
        try:
            self.wait_final(self.trigger("probe"), 10.0)
        except TimeoutError:
            faults.append("a run that came afterwards found no slot within 10 s")
        return faults
