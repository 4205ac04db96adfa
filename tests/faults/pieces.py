"""How each row of the table is worked off: the command of one piece, its size, and what a case takes on two cores."""

from __future__ import annotations

from dataclasses import dataclass

SCHEDULED_A_MINUTE = 6000
"""Occurrences of 100 schedules of one second."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """`options` may name {count}, {number} (1 for the first piece), {first} (1 + the cases done before), {minutes}.

    row: as in an outcome; size: cases of a campaign's piece; seconds: of one case; start: seconds before the first.
    """

    row: str
    options: str
    size: int
    seconds: float
    start: float = 2.0

    @property
    def harness(self) -> str:
        """The module in `tests.faults`."""
        return self.options.split()[0]

    def command(self, *, count: int, done: int, number: int) -> str:
        """The arguments of `./dev faults`."""
        return self.options.format(count=count, first=done + 1, number=number, minutes=count / SCHEDULED_A_MINUTE)

    def estimate(self, count: int) -> float:
        """Seconds that `count` cases take."""
        return self.start + count * self.seconds


_ROLES = ("flow", "supervisor", "worker", "server")


def _kill(row: str, role: str, options: str, seconds: float, size: int = 10) -> Piece:
    command = f"kill --role {role}{options} --cycles {{count}} --seed {{number}}"
    return Piece(row=row, options=command, size=size, seconds=seconds, start=6.0)


def _network(row: str, place: str, seconds: float, size: int) -> Piece:
    command = f"network --between {place} --cases {{count}} --seed {{number}}"
    return Piece(row=row, options=command, size=size, seconds=seconds, start=6.0)


def _soak(what: str, seconds: float, size: int) -> Piece:
    command = f"soak --what {what} --count {{count}} --seed {{number}}"
    return Piece(row="soak" if what == "runs" else what, options=command, size=size, seconds=seconds, start=6.0)


def _sim(level: str, seconds: float, size: int) -> Piece:
    command = f"sim --level {level} --seeds {{count}} --seed {{first}}"
    return Piece(row=f"sim-{level}", options=command, size=size, seconds=seconds)


PIECES: tuple[Piece, ...] = (
    _sim("model", 0.07, 500),
    _sim("store", 0.3, 100),
    _sim("liveness", 0.3, 100),
    Piece(row="stateful", options="stateful --examples {count} --steps 100 --seed {number}", size=25, seconds=4.0),
    Piece(row="calendar", options="calendar --cases {count} --seed {number}", size=5_000, seconds=0.008),
    *(
        Piece(
            row="crash-points",
            options=f"crash --level {level} --points {{count}} --seed {{number}}",
            size=300,
            seconds=seconds,
            start=5.0,
        )
        for level, seconds in (("sqlite", 0.05), ("postgresql", 0.2), ("calls", 0.5))
    ),
    Piece(row="power", options="power --crashes {count} --spool-crashes 200 --seed {number}", size=2000, seconds=0.02),
    Piece(
        row="power-spool", options="power --crashes 1 --spool-crashes {count} --seed {number}", size=5000, seconds=0.004
    ),
    Piece(row="disk-full", options="disk --cycles {count} --seed {number}", size=10, seconds=6.0, start=8.0),
    *(_kill(f"kill:{role}", role, " --faster 20", 5.0) for role in _ROLES),
    _kill("pg-kill", "postgres", " --faster 20", 8.0),
    _kill("pg-immediate", "postgres-immediate", " --faster 20", 8.0),
    _kill("pairs", "pairs", " --faster 20", 6.5),
    _kill("pairs", "pairs", " --faster 20 --database postgresql", 10.0),
    _kill("pairs", "everything", " --faster 20 --database postgresql", 11.0, 4),
    *(_kill(f"pause:{role}", role, " --faster 20 --pause", 7.0, 5) for role in _ROLES),
    *(_kill(f"kill-shipped:{role}", role, "", 15.0, 5) for role in _ROLES),
    Piece(row="resume", options="resume --cycles {count} --seed {number}", size=24, seconds=1.0, start=6.0),
    _network("requests", "client", 0.08, 500),
    _network("partition:worker", "worker", 7.0, 10),
    _network("partition:database", "database", 9.0, 10),
    _network("partition:requests", "requests", 5.0, 10),
    Piece(row="cancel", options="cancel --rounds {count}", size=1, seconds=100.0, start=6.0),
    Piece(
        row="schedule",
        options="schedule --servers 3 --deployments 100 --minutes {minutes:.2f} --seed {number}",
        size=30_000,
        seconds=0.012,
        start=12.0,
    ),
    _soak("runs", 0.012, 20_000),
    _soak("storm", 4.0, 20),
    _soak("outage", 45.0, 1),
    _soak("starved", 5.0, 20),
    Piece(row="restore", options="restore --cycles {count} --seed {number}", size=5, seconds=30.0, start=6.0),
    Piece(row="migration", options="migration", size=100, seconds=0.3),
    Piece(row="planted", options="planted --first {first} --count {count}", size=3, seconds=30.0),
)
"""In the order in which a campaign takes turns."""
