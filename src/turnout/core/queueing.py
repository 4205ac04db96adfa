"""Who starts next: waiting runs, the limits that they need, and the greedy choice among them. Pure.

A run needs a slot of its deployment's limit, of its pool's, and of every named limit that its deployment lists or that
one of its tags belongs to, all at once. Runs of one *lane* need the same limits with the same weight: when the first of
a lane cannot start, none of it can, so a claim looks at one run of each lane however many wait behind it.

Order is priority descending, then due time, then id. A run that a limit has room for, but too little for its weight,
keeps what is free of that limit from those behind it, as long as nothing else holds the run up: heavy ones are not
starved by light ones. Tasks that wait for a slot stand in the same order; runs behind them leave them their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dataclasses import dataclass, field

    from turnout.core.records import FlowRun, Waiting
else:
    from turnout.core.values import dataclass, field

LimitKind = Literal["deployment", "pool", "limit"]
LimitKey = tuple[str, str, str]
"""(environment, kind, name) within a project."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A bound as it is declared: `concurrency` weights at once, one start every `interval` seconds, or both.

    A deployment's and a pool's limit bind the runs of the same name. A named one binds the deployments of `users`
    (name -> weight) and every run with one of `tags`.
    """

    environment: str
    kind: LimitKind
    name: str
    concurrency: int | None = None
    interval: float | None = None
    tags: tuple[str, ...] = ()
    users: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> LimitKey:
        """Its identity within the project."""
        return self.environment, self.kind, self.name


@dataclass(frozen=True, kw_only=True)
class Occupied:
    """A limit as it is used now: the weights held, and when its rate lets the next one through (None: at once)."""

    limit: Limit
    held: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Head:
    """A waiting run that is due: the first of its lane and priority."""

    id: str
    lane: str
    priority: int
    due_at: datetime
    environment: str
    deployment: str | None
    pool: str
    tags: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Its place among those that wait."""
        return -self.priority, self.due_at, self.id


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A task that waits for a slot of the named limit `name`."""

    environment: str
    name: str
    run_id: str
    holder: str
    weight: int
    priority: int
    asked_at: datetime

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Its place among those that wait."""
        return -self.priority, self.asked_at, f"{self.run_id}/{self.holder}"


def lane(run: FlowRun | Waiting, limited_tags: Iterable[str] = ()) -> str | None:
    """The lane of a waiting run; `limited_tags` are those of its tags that a limit names. None for a script's run,
    which nobody claims. Names hold no '/', so lanes of a pool are the texts that begin with its name and a '/'."""
    if run.pool is None:
        return None
    tags = sorted(set(limited_tags))
    mark = f"#{_digest(chr(0).join(tags))}" if tags else ""
    return f"{run.pool}/{run.environment}/{run.deployment or ''}{mark}"


def fitting(limit: Limit, asked: int) -> int:
    """`asked`, but never more than the whole limit: what wants more than there is takes all of it."""
    return asked if limit.concurrency is None else max(1, min(asked, limit.concurrency))


Need = tuple[Occupied, int]
"""A limit, and the weight that is asked of it."""


class Bounds:
    """The limits of a project, found by what they bind. Time to look up does not grow with their number."""

    def __init__(self, occupied: Iterable[Occupied]) -> None:
        self._by_key: dict[LimitKey, Occupied] = {}
        self._by_user: dict[tuple[str, str], list[Need]] = {}
        self._by_tag: dict[tuple[str, str], list[Occupied]] = {}
        self.named = False
        """Whether any limit has a name of its own, so that tasks may wait for it."""
        self.rated = False
        """Whether any limit has a rate."""
        for each in occupied:
            limit = each.limit
            self._by_key[limit.key] = each
            self.named = self.named or limit.kind == "limit"
            self.rated = self.rated or limit.interval is not None
            for deployment, weight in limit.users.items():
                self._by_user.setdefault((limit.environment, deployment), []).append((each, weight))
            for tag in limit.tags:
                self._by_tag.setdefault((limit.environment, tag), []).append(each)

    def all(self) -> list[Occupied]:
        """Every limit, by environment, kind and name."""
        return list(self._by_key.values())

    def get(self, key: LimitKey) -> Occupied | None:
        """A limit by its key."""
        return self._by_key.get(key)

    def names(self, environment: str) -> list[str]:
        """The named limits of an environment."""
        return [name for owner, kind, name in self._by_key if (owner, kind) == (environment, "limit")]

    def needs(self, environment: str, deployment: str | None, pool: str | None, tags: Iterable[str]) -> list[Need]:
        """The limits that a run needs, each with its weight in it: own deployment, own pool, named ones."""
        found: dict[LimitKey, Need] = {}
        for key in ((environment, "deployment", deployment or ""), (environment, "pool", pool or "")):
            if key in self._by_key:
                found[key] = (self._by_key[key], 1)
        for tag in tags:
            for each in self._by_tag.get((environment, tag), ()):
                found[each.limit.key] = (each, 1)
        for each, weight in self._by_user.get((environment, deployment or ""), ()):
            found[each.limit.key] = (each, weight)
        return [(each, fitting(each.limit, weight)) for each, weight in found.values()]

    def of(self, head: Head) -> list[Need]:
        """The limits that a waiting run needs."""
        return self.needs(head.environment, head.deployment, head.pool, head.tags)


class Ledger:
    """What is left of each limit while runs are chosen; at most one start per rate and instant."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._left: dict[LimitKey, int] = {}
        self._spent: set[LimitKey] = set()

    def lacking(self, wanted: Iterable[Need]) -> list[Occupied]:
        """The limits that do not let it through now."""
        return [each for each, weight in wanted if not self._open(each) or self._room(each) < weight]

    def take(self, wanted: Iterable[Need]) -> None:
        """Use the limits."""
        for each, weight in wanted:
            self._left[each.limit.key] = self._room(each) - weight
            if each.limit.interval is not None:
                self._spent.add(each.limit.key)

    def keep(self, each: Occupied) -> None:
        """Leave nothing of a limit to those that come later."""
        self._left[each.limit.key] = 0

    def _room(self, each: Occupied) -> int:
        limit = each.limit
        if limit.concurrency is None:
            return 1_000_000_000
        return self._left.get(limit.key, limit.concurrency - each.held)

    def _open(self, each: Occupied) -> bool:
        if each.limit.interval is None:
            return True
        return each.limit.key not in self._spent and (each.next_at is None or each.next_at <= self._now)


Following = Callable[[Head, int], Sequence[Head]]
"""The next runs of a head's lane and priority, in order; at most so many."""
Rank = tuple[int, datetime, str]


class _Line:
    """Heads and tasks in the order in which they may start, each head followed by the rest of its lane."""

    def __init__(self, heads: Iterable[Head], waiters: Iterable[Waiter], following: Following) -> None:
        self._heap: list[tuple[Rank, Head | Waiter]] = [
            *((head.rank, head) for head in heads),
            *((waiter.rank, waiter) for waiter in waiters),
        ]
        heapify(self._heap)
        self._following = following
        self._behind: dict[tuple[int, str], list[Head]] = {}

    def __iter__(self) -> Iterator[Head | Waiter]:
        while self._heap:
            yield heappop(self._heap)[1]

    def advance(self, head: Head, count: int) -> None:
        """`head` starts: the next of its lane stands in line; at most `count` more are asked for."""
        key = (head.priority, head.lane)
        if key not in self._behind:
            self._behind[key] = list(self._following(head, count))[::-1]
        if self._behind[key]:
            found = self._behind[key].pop()
            heappush(self._heap, (found.rank, found))


def choose(
    heads: Iterable[Head], bounds: Bounds, waiters: Iterable[Waiter], wanted: int, now: datetime, following: Following
) -> list[str]:
    """The ids of up to `wanted` runs that start now, in order; `heads` are due."""
    ledger, line = Ledger(now), _Line(heads, waiters, following)
    chosen: list[str] = []
    if wanted <= 0:
        return chosen
    for first in line:
        asked = bounds.of(first) if isinstance(first, Head) else _asked_by(first, bounds)
        lacking = ledger.lacking(asked)
        if len(lacking) == 1:
            ledger.keep(lacking[0])
        if lacking:
            continue
        ledger.take(asked)
        if isinstance(first, Head):
            chosen.append(first.id)
            if len(chosen) >= wanted:
                break
            line.advance(first, wanted - len(chosen))
    return chosen


def _asked_by(waiter: Waiter, bounds: Bounds) -> list[Need]:
    limit = bounds.get((waiter.environment, "limit", waiter.name))
    return [(limit, fitting(limit.limit, waiter.weight))] if limit else []


def _digest(text: str) -> str:
    """Of tags: an index must not grow with what people write into them."""
    import hashlib  # on use: every script records its run, hardly any has a limited tag, and this takes 6 ms

    return hashlib.sha256(text.encode()).hexdigest()[:16]
