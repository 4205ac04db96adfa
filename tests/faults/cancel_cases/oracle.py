"""What really happened, told by /proc and by the bodies themselves, not by Turnout."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Living(NamedTuple):
    """A process: its id, its parent's, and its start in clock ticks, which with the id names it for ever."""

    pid: int
    parent: int
    start: int


class Oracle:
    """The bodies' own file; read again at each question, from where it was left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._said: dict[str, list[tuple[float, str]]] = {}

    def said(self, run_id: str) -> list[tuple[float, str]]:
        """(unix time, text) of everything that the run has said."""
        self._read()
        return self._said.get(run_id, [])

    def ready_at(self, run_id: str) -> float | None:
        """When the body was where it should be stopped."""
        return next((at for at, text in self.said(run_id) if text == "ready"), None)

    def last_task(self, run_id: str) -> float | None:
        """When the last task began."""
        return max((at for at, text in self.said(run_id) if text == "task"), default=None)

    def pids(self, run_id: str) -> set[int]:
        """Processes that the run named."""
        return {int(text.split()[1]) for _, text in self.said(run_id) if text.startswith("pid ")}

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole, _, _ = file.read().rpartition(b"\n")
        self._offset += len(whole) + 1 if whole else 0
        for line in whole.decode().splitlines():
            run_id, at, text = line.split(" ", 2)
            self._said.setdefault(run_id, []).append((float(at), text))


def processes() -> dict[int, Living]:
    """Every living process, zombies left out."""
    return {living.pid: living for living in _living()}


def tree(root: int, among: dict[int, Living]) -> set[Living]:
    """`root` and everything that descends from it."""
    found: set[Living] = set()
    wanted = {root}
    while wanted:
        level = {living for living in among.values() if living.pid in wanted and living not in found}
        found |= level
        pids = {living.pid for living in level}
        wanted = {living.pid for living in among.values() if living.parent in pids and living not in found}
    return found


def _living() -> Iterator[Living]:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            yield Living(int(name), int(fields[1]), int(fields[19]))
