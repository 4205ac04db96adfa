"""How each row of the table is worked off: the command of one piece, its size, and what a case takes on two cores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """`options` may name {count}, {number} (1 for the first piece), {first} (1 + the cases done before).

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
        return self.options.format(count=count, first=done + 1, number=number)

    def estimate(self, count: int) -> float:
        """Seconds that `count` cases take."""
        return self.start + count * self.seconds


_KILL = "kill --role {role} --cycles {{count}} --seed {{number}}"


def _kill(row: str, role: str, options: str, seconds: float, size: int = 10) -> Piece:
    return Piece(row=row, options=f"{_KILL.format(role=role)}{options}", size=size, seconds=seconds, start=6.0)


PIECES: tuple[Piece, ...] = (
    *(_kill(f"kill:{role}", role, " --faster 20", 3.0) for role in ("flow", "supervisor", "worker", "server")),
    *(_kill(f"kill-shipped:{role}", role, "", 12.0, 5) for role in ("flow", "supervisor", "worker", "server")),
    Piece(row="cancel", options="cancel --rounds {count}", size=2, seconds=45.0, start=6.0),
    Piece(row="resume", options="resume --cycles {count} --seed {number}", size=50, seconds=0.6, start=6.0),
    Piece(row="calendar", options="calendar --cases {count} --seed {number}", size=10_000, seconds=0.004),
)
"""In the order in which a campaign takes turns."""
