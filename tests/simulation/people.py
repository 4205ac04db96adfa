"""Who asks for things: runs, cancellations, retries, releases. Each repeats itself until it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulation.kernel import Kernel, Node
from tests.simulation.network import Network
from tests.simulation.oracle import Oracle
from tests.simulation.server import Server
from turnout.core import errors
from turnout.core.records import Principal

ANN = Principal(kind="admin", name="ann")
CALL = 5.0


class People:
    """Clients of the API."""

    def __init__(self, kernel: Kernel, network: Network, oracle: Oracle, choose: Callable[[], Server]) -> None:
        self._kernel, self._network, self._oracle, self._choose = kernel, network, oracle, choose
        self._node = Node("people")
        self._count = 0

    def later(self, seconds: float, act: Callable[..., None], *arguments: Any) -> None:
        """Someone does it then, in a process of their own."""
        self._kernel.at(seconds, lambda: self._kernel.spawn(self._node, act, *arguments) and None)

    def insist(self, method: str, **arguments: Any) -> Any:
        pause = 0.1
        while True:
            try:
                return self._network.call(self._node, self._choose(), method, CALL, **arguments)
            except errors.ServerUnreachable:
                self._kernel.sleep(pause)
                pause = min(pause * 2, 3.0)

    def trigger(self, deployment: str, parameters: dict[str, Any], delay: float, then: float | None) -> None:
        """Ask for a run; cancel it `then` seconds after the answer."""
        self._count += 1
        key = f"k{self._count}"
        self._oracle.triggered.setdefault(key, None)
        run = self.insist(
            "trigger", deployment=deployment, key=key, by=ANN, delay=delay, parameters={**parameters, "key": key}
        )
        known = self._oracle.triggered[key]
        if known not in (None, run.id):
            self._oracle.blame("I2", f"key {key} was answered with two runs")
        self._oracle.triggered[key] = run.id
        if then is not None:
            self._kernel.sleep(then)
            self.cancel(run.id)

    def cancel(self, run_id: str) -> None:
        try:
            self.insist("cancel", run_id=run_id, by=ANN)
        except errors.Conflict:
            return  # it is over
        self._oracle.cancelled.add(run_id)

    def retry(self, run_id: str, from_failure: bool) -> None:
        try:
            self.insist("retry", run_id=run_id, by=ANN, from_failure=from_failure)
        except (errors.Conflict, errors.NotFound):
            return

    def retry_some(self) -> None:
        """Open a new attempt of some finished run."""
        over = [run_id for run_id, event in self._oracle.states.items() if event["state"] in ("failed", "crashed")]
        if over:
            self.retry(self._kernel.random.choice(over), self._kernel.random.random() < 0.7)

    def apply(self, snapshot: Any) -> None:
        try:
            self.insist("apply", snapshot=snapshot, by=ANN)
        except errors.Conflict:
            return
