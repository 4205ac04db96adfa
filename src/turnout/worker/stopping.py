"""How a run is stopped: what to do next and when, decided without touching a process."""

from typing import Literal, NamedTuple

Event = Literal["cancelled", "failed", "lost"]
Action = Literal["dump", "term", "wake", "kill"]

DUMP_SECONDS = 0.1
"""Between asking for the stacks and TERM, so that they show where the flow was and not how it ends."""


WAKE_SECONDS = 1.0
"""Between TERM and each reminder: a TERM that comes in the instant in which Python enters a blocking call is not heard
before the call returns, unless another signal interrupts it."""


class Stop(NamedTuple):
    """Why a run has to end. event: what is reported if the engine says nothing that holds. grace: seconds between
    TERM and KILL. dump: ask for the stacks first. task: the task whose deadline passed."""

    event: Event
    reason: str
    grace: float
    dump: bool = False
    task: str | None = None

    @property
    def overrules(self) -> bool:
        """Whether the engine's own `cancelled`, its answer to TERM, is not the truth."""
        return self.event != "cancelled"


class StopPlan:
    """The steps of one stop: `dump` and `term` are due once, `wake` each second until `kill`."""

    def __init__(self, stop: Stop, now: float) -> None:
        self.stop = stop
        term_at = now + (DUMP_SECONDS if stop.dump else 0.0)
        self._steps: list[tuple[float, Action]] = [(term_at, "term"), (term_at + stop.grace, "kill")]
        if stop.dump:
            self._steps.insert(0, (now, "dump"))

    def due(self, now: float) -> list[Action]:
        """The steps whose time has come. `kill` comes again each time until nothing is left to kill."""
        actions: list[Action] = []
        while self._steps and self._steps[0][0] <= now:
            _, action = self._steps.pop(0)
            if action != "wake" or self._steps[0][0] > now:
                actions.append(action)
            self._follow(action, now)
            if action == "kill":
                break
        return actions

    def _follow(self, action: Action, now: float) -> None:
        if action == "kill":
            self._steps.insert(0, (now + 0.2, "kill"))
        elif action != "dump" and now + WAKE_SECONDS < self._steps[0][0]:
            self._steps.insert(0, (now + WAKE_SECONDS, "wake"))

    def hurry(self, now: float) -> None:
        """No more grace."""
        self._steps = [(now, "kill")]

    @property
    def next_at(self) -> float:
        """When to ask again, on the clock that `now` came from."""
        return self._steps[0][0]


class Deadlines:
    """Tasks with a timeout, as the engine announces them over the control pipe:

    `deadline <n> <unix seconds> <task name>` and `clear <n>`, one a line. Anything else is ignored.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._rest = b""
        self._tasks: dict[int, tuple[float, float, str]] = {}

    def feed(self, chunk: bytes, *, unix: float, monotonic: float) -> None:
        """Take what the pipe gave, at this moment on both clocks."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[-4096:]
        for line in lines:
            parts = line.decode(errors="replace").split(" ", 3)
            try:
                if parts[0] == "deadline" and len(parts) == 4:
                    left = float(parts[2]) - unix
                    self._tasks[int(parts[1])] = (monotonic + left, left, parts[3])
                elif parts[0] == "clear" and len(parts) == 2:
                    self._tasks.pop(int(parts[1]), None)
            except ValueError:
                continue

    def overdue(self, monotonic: float) -> tuple[str, float] | None:
        """(task name, its timeout in seconds) of a task that is still going a grace after its deadline."""
        for at, timeout, name in self._tasks.values():
            if monotonic >= at + self._grace:
                return name, timeout
        return None

    @property
    def next_at(self) -> float | None:
        """When the first one would be overdue."""
        return min((at + self._grace for at, _, _ in self._tasks.values()), default=None)
