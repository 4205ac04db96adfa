"""One seed from start to verdict: trouble first, then calm until everything is quiet, then the comparison."""

from __future__ import annotations

import itertools
import logging
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.simulation.backends import Backend
from tests.simulation.chaos import Chaos
from tests.simulation.kernel import Kernel, Stuck
from tests.simulation.network import Network
from tests.simulation.oracle import MEASURE_SECONDS, Oracle
from tests.simulation.people import People
from tests.simulation.scenario import Scenario, draw, limits
from tests.simulation.server import LEASE, Server
from tests.simulation.verdict import judge
from tests.simulation.worker import Host
from turnout.orchestration.releases import apply_release

Level = Literal["model", "store", "liveness"]
QUIET_SECONDS = 600.0
"""How long everything may take to become final once nothing goes wrong any more."""
BACKLOG_SECONDS = 20.0
"""What a run takes at most, with the one that comes after it and their limit between them."""
MEMORY = Path("/dev/shm")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a seed. `digest` is equal for equal seeds; `quiet` is how long the calm took, simulated."""

    seed: int
    level: Level
    digest: str
    faults: tuple[str, ...]
    seconds: float
    events: int
    runs: int
    quiet: float
    story: str
    scenario: Scenario


def simulate(seed: int, level: Level = "model", *, keep_story: bool = False) -> Result:
    """Run one seed. Never raises for what the product does wrong: see `faults`."""
    began = time.perf_counter()
    folder = None
    if level == "store":
        folder = Path(tempfile.mkdtemp(prefix="turnout-sim-", dir=MEMORY if MEMORY.is_dir() else None))
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    world = None
    try:
        world = World(seed, level, folder)
        world.run()
    finally:
        logging.disable(disabled)
        if world is not None:
            world.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    kernel, faults = world.kernel, tuple(world.oracle.faults)
    return Result(
        seed=seed,
        level=level,
        digest=kernel.digest(),
        faults=faults,
        seconds=time.perf_counter() - began,
        events=kernel.events,
        runs=len(world.oracle.states),
        quiet=world.quiet,
        story=kernel.story() if faults or keep_story else "",
        scenario=world.scenario,
    )


class World:
    """Everything that takes part."""

    def __init__(self, seed: int, level: Level, folder: Path | None) -> None:
        self.scenario = scenario = draw(seed, hard=level == "liveness")
        self.kernel = kernel = Kernel(seed)
        self.oracle = Oracle(kernel, LEASE)
        self.network = Network(kernel, scenario.weather)
        Server._tokens = itertools.count()
        Host._serial = itertools.count()
        self.backend = Backend(kernel, self.oracle, folder)
        self.servers = [self._server(number) for number in range(scenario.servers)]
        self.people = People(kernel, self.network, self.oracle, self.choose)
        self.hosts = [
            Host(kernel, f"host{number}", self.network, self.oracle, self.choose, capacity, skew)
            for number, (capacity, skew) in enumerate(scenario.hosts)
        ]
        self.chaos = Chaos(self)
        self.quiet = self._calm = 0.0
        self.applied_at = self.backend.clock.now()

    def choose(self) -> Server:
        """Any server, whether it is up or not."""
        servers = self.servers
        return servers[0] if len(servers) == 1 else self.kernel.random.choice(servers)

    def restart_server(self, index: int) -> None:
        """A new process in the place of one that is gone."""
        if not self.servers[index].node.alive:
            self.servers[index] = self._server(index)
            self.servers[index].start()

    def run(self) -> None:
        """Trouble, calm, verdict."""
        scenario, kernel = self.scenario, self.kernel
        self.oracle.limits = limits(scenario)
        try:
            self._begin()
            kernel.run(scenario.trouble)
            self.chaos.end()
            self._calm = kernel.now
            if not kernel.run(self._calm + QUIET_SECONDS, self._is_quiet) and not self._works_off_its_backlog():
                self.oracle.blame("I7", f"not quiet after {kernel.now - self._calm:.0f} s: {self._restless()}")
            self.quiet = kernel.now - self._calm
            judge(self)
        except Stuck as error:
            self.oracle.blame("I25", str(error))
        except Exception as error:
            self.oracle.blame("crash", f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Bury every process, close the store."""
        for node in [self.people._node, *(server.node for server in self.servers)]:
            self.kernel.kill(node)
        for host in self.hosts:
            host.kill_everything()
        self.kernel.limit = self.kernel.events + 100_000
        self.kernel.run(self.kernel.now)
        self.backend.close()

    def _begin(self) -> None:
        self.backend.write(lambda tx: apply_release(tx, self.scenario.snapshot, by="test", bundle=None), None)
        for server in self.servers:
            server.start()
        for host in self.hosts:
            host.start_worker()
        for at, deployment, parameters, delay, cancel in self.scenario.triggers:
            self.people.later(at, self.people.trigger, deployment, parameters, delay, cancel)
        for at in self.scenario.retries:
            self.people.later(at, self.people.retry_some)
        self.chaos.begin()
        self._measure()

    def _measure(self) -> None:
        """Twice a second: whether anybody could have renewed a lease."""
        serving = any(server.node.alive and not server.node.paused for server in self.servers)
        self.oracle.measure(serving=serving, reachable=serving and not self.backend.down)
        self.kernel.at(MEASURE_SECONDS, self._measure)

    def _works_off_its_backlog(self) -> bool:
        """A clock that went ahead left a hundred missed runs, and a limit of one lets them through one by one: that
        takes what so many runs take. Whether everything came to rest in that time."""
        return self.kernel.run(self.kernel.now + BACKLOG_SECONDS * len(self._restless()), self._is_quiet)

    def _is_quiet(self) -> bool:
        return (
            any(server.ticked.get("scheduler", 0.0) > self.chaos.settled_at for server in self.servers)
            and not self._restless()
            and all(answer is not None for answer in self.oracle.triggered.values())
        )

    def _restless(self) -> list[str]:
        """Runs from the time of trouble that are not over."""
        limit = self.chaos.calm_since
        return [
            f"{event['name']} {event['state_name']}"
            for event in self.oracle.states.values()
            if event["state"] not in ("completed", "failed", "crashed", "cancelled", "skipped")
            and self.oracle.histories[event["run_id"]][0]["at"] <= limit
        ]

    def _server(self, index: int) -> Server:
        return Server(self.kernel, f"server{index}", self.backend, self.oracle, self.scenario.store)
