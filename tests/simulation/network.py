"""Calls between nodes over a network that loses, doubles, delays and cuts off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.simulation.kernel import TIMEOUT, Kernel, Node, Signal
from turnout.core.errors import ServerUnreachable, TurnoutError


class Callee(Protocol):
    """Who answers calls."""

    @property
    def node(self) -> Node: ...

    def serve(self, method: str, arguments: dict[str, Any], answer: Callable[[Any], None]) -> None: ...


@dataclass
class Weather:
    """How bad the network is; probabilities a message."""

    drop: float = 0.0
    double: float = 0.0
    late: float = 0.0
    latency: tuple[float, float] = (0.001, 0.01)
    lateness: tuple[float, float] = (1.0, 60.0)


@dataclass
class Network:
    """`cuts` are pairs of hosts that do not reach each other."""

    kernel: Kernel
    weather: Weather = field(default_factory=Weather)
    cuts: set[tuple[str, str]] = field(default_factory=set)

    def call(self, caller: Node, callee: Callee, method: str, timeout: float, **arguments: Any) -> Any:
        """The answer. Raises what the callee raised, or ServerUnreachable: then it may have happened or not."""
        reply = self.kernel.signal()
        if not callee.node.alive or self._cut(caller, callee.node):
            self.kernel.sleep(0.01)
            raise ServerUnreachable("connection refused")

        def answer(value: Any) -> None:
            self._send(callee.node, caller, lambda: reply.set(value))

        def arrive() -> None:
            if callee.node.alive:
                callee.serve(method, arguments, answer)

        self._send(caller, callee.node, arrive)
        return self._await(reply, timeout)

    def calm(self) -> None:
        """Nothing is lost from now on."""
        self.weather = Weather()
        self.cuts.clear()

    def _await(self, reply: Signal, timeout: float) -> Any:
        value = self.kernel.wait(reply, timeout)
        if value is TIMEOUT:
            raise ServerUnreachable("no answer in time")
        if isinstance(value, TurnoutError):
            raise value
        return value

    def _send(self, source: Node, target: Node, deliver: Callable[[], None]) -> None:
        weather, random = self.weather, self.kernel.random
        if self._cut(source, target):
            return
        copies = 1
        if weather.drop or weather.double:
            dice = random.random()
            if dice < weather.drop:
                return
            copies += dice > 1 - weather.double
        for _ in range(copies):
            late = weather.late and random.random() < weather.late
            self.kernel.at(random.uniform(*(weather.lateness if late else weather.latency)), deliver)

    def _cut(self, one: Node, other: Node) -> bool:
        return bool(self.cuts) and ((one.host, other.host) in self.cuts or (other.host, one.host) in self.cuts)
