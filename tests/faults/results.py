"""What was tried, one JSON line an outcome, in a folder that git ignores."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.outcome import Outcome
from tests.faults.rows import BY_KEY, Row, split

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".faults"
RESULTS = FOLDER / "results.jsonl"

Entry = Mapping[str, Any]
"""An outcome's fields, and `at`, `tier`, `command`, `commit`."""


def entry(outcome: Outcome, *, tier: str, command: str, commit: str) -> dict[str, Any]:
    """An outcome as it is kept."""
    kept = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "tier": tier, "command": command, "commit": commit}
    return kept | dataclasses.asdict(outcome)


def append(path: Path, entries: Iterable[Entry]) -> None:
    """Add lines; one write each, so that two campaigns may share the file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for kept in entries:
            file.write(json.dumps(kept, default=str) + "\n")
            file.flush()


def read(path: Path = RESULTS) -> Iterator[Entry]:
    """What is kept, oldest first; a torn last line is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def this_commit() -> str:
    """The commit whose code is tried, with `+` when files differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


@dataclass
class Total:
    """What a row came to."""

    row: Row
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seeds: set[int] = field(default_factory=set)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    kinds: tuple[str, ...] = ()

    @property
    def achieved(self) -> int:
        """Cases, of the kind with the fewest where the row has kinds."""
        return min((self.counts.get(kind, 0) for kind in self.kinds), default=0) if self.kinds else self.cases

    @property
    def cases(self) -> int:
        """Cases of all kinds together."""
        return sum(self.counts.values())


def totals(entries: Iterable[Entry]) -> dict[str, Total]:
    """Row key -> its total, in the order of the table; rows that the table does not have come last."""
    found = {key: Total(row, kinds=row.kinds) for key, row in BY_KEY.items()}
    for kept in entries:
        key, kind = split(str(kept["row"]))
        if key not in found:
            row = Row(key=key, title=f"`{key}`", commit=0, ci=0, campaign=0, good="no fault")
            found[key] = Total(row)
        total = found[key]
        total.counts[kind] += int(kept["count"])
        total.seconds += float(kept["seconds"])
        total.faults += kept.get("faults") or []
        if kept.get("seed") is not None:
            total.seeds.add(int(kept["seed"]))
    for total in found.values():
        total.kinds = total.kinds or tuple(sorted(kind for kind in total.counts if kind))
    return found
