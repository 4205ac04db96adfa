"""The promises that a database can show, checked by read-only SQL: the oracle of every fault harness and of `doctor`.

Each file `sql/invariants/iNN_what[.<dialect>].sql` finds rows that break promise NN: two lines of comment (what is
wrong; how to mend it), then one statement of the columns `id` and `detail`. Its parameters: `:limit`, and `:long_ago`,
the microseconds before which a live control plane has dealt with everything.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from turnout.core.legal_transitions import legal_transitions
from turnout.core.limits import DEAD_SECONDS
from turnout.core.steps import LEGAL_STEPS
from turnout.store.session import Session
from turnout.store.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass

FOLDER = "invariants"
MOST = 1000
"""The most violations that one invariant counts: more are as bad."""
SHOWN = 20
"""The most ids that a finding names."""
NEED_A_SERVER = frozenset({"i03_nothing_overdue", "i07_nobody_forgotten"})
"""What only a running server keeps true; a database at rest falls behind."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A broken promise. ids: the first of the rows, `details`: what is wrong with each; count: at most MOST."""

    promise: str
    invariant: str
    what: str
    fix: str
    ids: tuple[str, ...]
    details: tuple[str, ...]
    count: int


def check(tx: Any, *, serving: bool = True, dead_seconds: float = DEAD_SECONDS) -> list[Finding]:
    """Every broken promise, in order; [] for a sound database. Reads only; one snapshot.

    serving: whether a server has been at work for the last `dead_seconds`; else what only it keeps true is left out.
    """
    found: list[Finding] = tx.invariants.check(serving=serving, dead_seconds=dead_seconds)
    return found


class Invariants:
    """The same for one transaction: `tx.invariants`."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def check(self, *, serving: bool = True, dead_seconds: float = DEAD_SECONDS) -> list[Finding]:
        """See the module's `check`."""
        self._session.take_time()  # a big table takes longer than a transaction of the server may
        found = (self.check_one(name, dead_seconds) for name in self.names(serving=serving))
        return [finding for finding in found if finding is not None]

    def check_one(self, name: str, dead_seconds: float = DEAD_SECONDS) -> Finding | None:
        """What is wrong by one invariant."""
        text = self._session.text(f"{FOLDER}/{name}")
        what, fix = (line.removeprefix("-- ") for line in text.splitlines()[:2])
        values: dict[str, Any] = {"limit": MOST}
        if ":long_ago" in text:
            values["long_ago"] = to_micros(self._now - timedelta(seconds=dead_seconds))
        rows = self._session.execute_text(_completed(text), values).fetchall()
        if not rows:
            return None
        return Finding(
            promise=promise(name),
            invariant=name[4:],
            what=what,
            fix=fix,
            ids=tuple(str(row[0]) for row in rows[:SHOWN]),
            details=tuple(str(row[1] or "") for row in rows[:SHOWN]),
            count=len(rows),
        )

    def names(self, *, serving: bool = True) -> list[str]:
        """The invariants of this database, in order."""
        return [name for name in invariant_names(self._session.dialect) if serving or name not in NEED_A_SERVER]


def promise(name: str) -> str:
    """`I7` of `i07_leased`."""
    return f"I{int(name[1:3])}"


@cache
def invariant_names(dialect: str) -> tuple[str, ...]:
    """Every invariant that has a statement for a dialect."""
    return tuple(sorted(_names(dialect)))


def _names(dialect: str) -> Iterator[str]:
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql", FOLDER)
    for file in os.listdir(folder):
        name, *middle = file.removesuffix(".sql").split(".")
        if not middle or middle == [dialect]:
            yield name


def _completed(text: str) -> str:
    """The statement with the tables of legal steps in its lists."""
    if "{" not in text:
        return text
    flow = sorted(f"'{before} {after} {int(opens)}'" for before, after, opens in legal_transitions())
    task = sorted(f"'{before} {after}'" for before, steps in LEGAL_STEPS.items() for after in steps)
    task.append("'completed completed'")  # of a task run that was rolled back
    return text.replace("{legal_transitions}", ", ".join(flow)).replace("{legal_steps}", ", ".join(task))
