"""Makes the faults of a scenario happen, and ends them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tests.simulation.scenario import Fault

if TYPE_CHECKING:
    from tests.simulation.kernel import Node
    from tests.simulation.simulation import World
    from tests.simulation.worker import Attempt

MINUTE = 60.0
JUMP = 7200.0
"""How far a server's clock may be set, either way, in seconds."""


class Chaos:
    """`begin` arranges for every fault; `end` heals everything."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kernel = world.kernel
        self._paused: list[Node] = []
        self.calm = False
        self.calm_since = datetime.max.replace(tzinfo=world.backend.clock.now().tzinfo)
        self.jumps: list[float] = []
        self.edits = 0
        self.settled_at = 0.0
        """From when on what the services do is about what is."""

    def begin(self) -> None:
        for fault in self._world.scenario.faults:
            self._kernel.at(fault.at, self._happen, fault)

    def end(self) -> None:
        """Nothing goes wrong from now on, and what is down is started again."""
        world = self._world
        self.calm = True
        self.settled_at = self._kernel.now + 1.0
        self._kernel.note("calm")
        world.network.calm()
        world.scenario.store.calm()
        world.backend.down = False
        self.calm_since = world.backend.clock.highest()
        world.backend.clock.put_right()
        for node in self._paused:
            self._kernel.unpause(node)
        for index in range(len(world.servers)):
            world.restart_server(index)
        for host in world.hosts:
            if host.worker is None or not host.worker.alive:
                host.start_worker()

    def _happen(self, fault: Fault) -> None:
        self._kernel.note(f"fault: {fault.kind} for {fault.seconds:g} s")
        _ACTS[fault.kind](self, fault)

    def _after(self, fault: Fault, act: Callable[[], None]) -> None:
        def unless_calm() -> None:
            if not self.calm:
                act()

        self._kernel.at(fault.seconds, unless_calm)

    def _kill_server(self, fault: Fault) -> None:
        self._down(fault, int(fault.dice * len(self._world.servers)))

    def _kill_all_servers(self, fault: Fault) -> None:
        for index in range(len(self._world.servers)):
            self._down(fault, index)

    def _down(self, fault: Fault, index: int) -> None:
        self._world.servers[index].stop()
        self._after(fault, lambda: self._world.restart_server(index))

    def _kill_worker(self, fault: Fault) -> None:
        host = self._world.hosts[int(fault.dice * len(self._world.hosts))]
        host.kill_worker()
        self._after(fault, lambda: None if host.worker and host.worker.alive else host.start_worker())

    def _kill_host(self, fault: Fault) -> None:
        host = self._world.hosts[int(fault.dice * len(self._world.hosts))]
        host.kill_everything()
        self._after(fault, lambda: None if host.worker and host.worker.alive else host.start_worker())

    def _kill_attempt(self, fault: Fault) -> None:
        attempt = self._some_attempt(fault)
        if attempt is not None:
            self._kernel.note(f"kill {attempt.name}")
            self._kernel.kill(attempt.node)

    def _pause_attempt(self, fault: Fault) -> None:
        attempt = self._some_attempt(fault)
        if attempt is not None:
            self._pause(fault, attempt.node)

    def _pause_server(self, fault: Fault) -> None:
        self._pause(fault, self._world.servers[int(fault.dice * len(self._world.servers))].node)

    def _pause(self, fault: Fault, node: Node) -> None:
        self._kernel.note(f"pause {node.name}")
        self._kernel.pause(node)
        self._paused.append(node)
        self._after(fault, lambda: self._kernel.unpause(node))

    def _cut(self, fault: Fault) -> None:
        world, random = self._world, self._kernel.random
        pair = (random.choice(world.hosts).name, random.choice(world.servers).node.host)
        pairs = {(pair[0], server.node.host) for server in world.servers} if fault.dice < 0.5 else {pair}
        world.network.cuts |= pairs
        self._after(fault, lambda: world.network.cuts.difference_update(pairs))

    def _outage(self, fault: Fault) -> None:
        self._world.backend.down = True
        self._after(fault, lambda: setattr(self._world.backend, "down", False))

    def _restart_database(self, fault: Fault) -> None:
        self._world.backend.reopen()
        self._outage(fault)

    def _jump(self, fault: Fault) -> None:
        # Most are minutes, so that most seeds are not about a hundred missed occurrences.
        seconds = (1 if fault.dice < 0.5 else -1) * MINUTE * (JUMP / MINUTE) ** (fault.dice * 2 % 1)
        self._kernel.note(f"the clock is set by {seconds:.0f} s")
        self._world.backend.clock.offset += seconds
        self.jumps.append(seconds)

    def _redeploy(self, _: Fault) -> None:
        world = self._world
        world.people.later(0.0, world.people.apply, world.scenario.snapshot)

    def _edit(self, _: Fault) -> None:
        world = self._world
        self.edits += 1
        world.people.later(0.0, world.people.apply, world.scenario.edited)

    def _some_attempt(self, fault: Fault) -> Attempt | None:
        alive = [attempt for host in self._world.hosts for attempt in host.spool.values() if attempt.alive]
        return alive[int(fault.dice * len(alive))] if alive else None


_ACTS: dict[str, Callable[[Chaos, Fault], None]] = {
    "kill server": Chaos._kill_server,
    "all servers": Chaos._kill_all_servers,
    "kill worker": Chaos._kill_worker,
    "kill host": Chaos._kill_host,
    "kill attempt": Chaos._kill_attempt,
    "pause attempt": Chaos._pause_attempt,
    "pause server": Chaos._pause_server,
    "cut": Chaos._cut,
    "outage": Chaos._outage,
    "restart database": Chaos._restart_database,
    "jump": Chaos._jump,
    "redeploy": Chaos._redeploy,
    "edit": Chaos._edit,
}
