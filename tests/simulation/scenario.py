"""What a seed means: the deployments, how many of whom, what people ask for and what goes wrong when."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.backends import BASE, StoreFaults
from tests.simulation.network import Weather
from turnout.core.snapshot import Concurrency, DeploymentSpec, LimitSpec, LimitUse, PoolSpec, ScheduleSpec, Snapshot

ANCHOR = BASE - timedelta(hours=1)
POLICIES = ("all", "latest", "none", "within:60")
KINDS = (
    "drop", "double", "late", "refused", "undone", "unknown", "slow", "kill server", "kill worker", "kill attempt",
    "kill host", "pause attempt", "pause server", "cut", "outage", "restart database", "jump", "skew", "all servers",
    "redeploy", "edit",
)  # fmt: skip
"""What may go wrong; a seed switches on about half of it."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong: at this second, for so long."""

    at: float
    kind: str
    seconds: float
    dice: float


@dataclass(kw_only=True)
class Scenario:
    """Everything a seed decides before the first event."""

    seed: int
    trouble: float
    """Seconds during which things go wrong."""
    kinds: frozenset[str]
    servers: int
    hosts: tuple[tuple[int, float], ...]
    """(capacity, clock skew in seconds) of each."""
    snapshot: Snapshot
    edited: Snapshot
    weather: Weather
    store: StoreFaults
    faults: tuple[Fault, ...]
    triggers: tuple[tuple[float, str, dict[str, Any], float, float | None], ...]
    retries: tuple[float, ...]
    steps: dict[str, float] = field(default_factory=dict)
    """Seconds between the occurrences of each deployment's schedule."""
    policies: dict[str, str] = field(default_factory=dict)


def draw(seed: int, *, hard: bool = False) -> Scenario:
    """The scenario of a seed; `hard`: everything that can go wrong does, more often."""
    rng = random.Random(f"scenario {seed}")
    kinds = frozenset(kind for kind in KINDS if hard or rng.random() < 0.45)
    trouble = rng.choice((20.0, 40.0, 60.0)) if not hard else 150.0
    specs, steps, policies = _deployments(rng)
    bounds = (rng.randint(1, 3), rng.choice((None, None, 2, 4)))
    names = [spec.name for spec in specs]
    return Scenario(
        seed=seed,
        trouble=trouble,
        kinds=kinds,
        servers=rng.choice((1, 1, 2, 2, 3, 3, 4, 5)),
        hosts=tuple(
            (rng.randint(1, 4), rng.uniform(-86400, 86400) if "skew" in kinds else 0.0)
            for _ in range(rng.choice((1, 2, 2, 3)))
        ),
        snapshot=_snapshot(specs, 0, *bounds),
        edited=_snapshot([_edited(spec) for spec in specs], 1, *bounds),
        weather=_weather(rng, kinds),
        store=_store(rng, kinds),
        faults=tuple(sorted(_faults(rng, kinds, trouble, hard), key=lambda fault: fault.at)),
        triggers=tuple(_trigger(rng, names, trouble) for _ in range(rng.randint(2, 10))),
        retries=tuple(rng.uniform(5, trouble) for _ in range(rng.randint(0, 3))),
        steps=steps,
        policies=policies,
    )


def occurrences(scenario: Scenario, deployment: str, after: datetime, until: datetime) -> list[datetime]:
    """The closed form: multiples of the step since the anchor in (after, until]."""
    step = timedelta(seconds=scenario.steps[deployment])
    first, last = (after - ANCHOR) // step + 1, (until - ANCHOR) // step
    return [ANCHOR + number * step for number in range(first, last + 1)]


def limits(scenario: Scenario) -> list[tuple[str, dict[str, int], int]]:
    """Each limit as (what, deployment -> weight, at most)."""
    deployments = scenario.snapshot.deployments
    found = [
        (f"deployment {name}", {name: 1}, spec.concurrency.limit)
        for name, spec in deployments.items()
        if spec.concurrency is not None
    ]
    for name, limit in scenario.snapshot.limits.items():
        users = {spec.name: use.weight for spec in deployments.values() for use in spec.limits if use.name == name}
        tagged = {spec.name: 1 for spec in deployments.values() if set(spec.tags) & set(limit.tags)}
        most = limit.concurrency or 1_000_000
        # Who wants more than there is takes all of it.
        found.append((f"limit {name}", {user: min(weight, most) for user, weight in {**tagged, **users}.items()}, most))
    for name, pool in scenario.snapshot.pools.items():
        members = {spec.name: 1 for spec in deployments.values() if spec.pool == name}
        found.append((f"pool {name}", members, pool.concurrency or 1_000_000))
    return found


def _deployments(rng: random.Random) -> tuple[list[DeploymentSpec], dict[str, float], dict[str, str]]:
    limited = Concurrency(
        limit=rng.randint(1, 2), on_collision=rng.choice(("queue", "skip", "replace", "queue-latest"))
    )
    made = [
        _deployment("plain", retries=rng.randint(0, 1), retry_delay_seconds=2.0, on_crash="resume"),
        _deployment("narrow", concurrency=limited, on_crash=rng.choice(("stop", "resume"))),
        _deployment("next", after=("plain",), tags=("shared",), priority=rng.randint(0, 1)),
    ]
    if rng.random() < 0.5:
        made[0] = _with(made[0], limits=(LimitUse(name="shared", weight=rng.randint(1, 2)),))
        made[1] = _with(made[1], limits=(LimitUse(name="shared"),))
    steps, policies = {}, {}
    for index, spec in enumerate(made[:2]):
        step, policy = float(rng.choice((5, 10, 15, 20, 30))), rng.choice(POLICIES)
        steps[spec.name], policies[spec.name] = step, policy
        made[index] = _with_schedule(spec, step, policy)
    return made, steps, policies


def _deployment(name: str, **fields: Any) -> DeploymentSpec:
    return DeploymentSpec(name=name, flow_name=name, entrypoint=f"flows/{name}.py:run", **fields)


def _with_schedule(spec: DeploymentSpec, step: float, policy: str) -> DeploymentSpec:
    schedule = ScheduleSpec(slug="often", every=step, anchor=ANCHOR.isoformat(), catch_up=policy)
    return _with(spec, schedules=(schedule,))


def _with(spec: DeploymentSpec, **changes: Any) -> DeploymentSpec:
    return DeploymentSpec(**{**vars(spec), **changes})


def _edited(spec: DeploymentSpec) -> DeploymentSpec:
    """The same deployment whose schedule says the same in other words, which starts it afresh."""
    if not spec.schedules:
        return spec
    schedule = spec.schedules[0]
    other = ScheduleSpec(**{**vars(schedule), "anchor": (ANCHOR - timedelta(seconds=schedule.every or 1)).isoformat()})
    return _with(spec, schedules=(other,))


def _snapshot(specs: list[DeploymentSpec], version: int, shared: int, places: int | None) -> Snapshot:
    return Snapshot(
        project="field",
        deployments={spec.name: spec for spec in specs},
        variables={"version": version},
        limits={"shared": LimitSpec(concurrency=shared, tags=("shared",))},
        pools={"default": PoolSpec(concurrency=places)},
    )


def _weather(rng: random.Random, kinds: frozenset[str]) -> Weather:
    return Weather(
        drop=rng.choice((0.02, 0.1, 0.25)) if "drop" in kinds else 0.0,
        double=rng.choice((0.05, 0.2)) if "double" in kinds else 0.0,
        late=rng.choice((0.01, 0.05)) if "late" in kinds else 0.0,
    )


def _store(rng: random.Random, kinds: frozenset[str]) -> StoreFaults:
    rate = rng.choice((0.01, 0.05, 0.15))
    return StoreFaults(
        before=rate if "refused" in kinds else 0.0,
        undone=rate if "undone" in kinds else 0.0,
        unknown=rate if "unknown" in kinds else 0.0,
        slow=rate if "slow" in kinds else 0.0,
    )


def _faults(rng: random.Random, kinds: frozenset[str], trouble: float, hard: bool) -> list[Fault]:
    happenings = sorted(kinds & set(KINDS[7:]) - {"skew"})
    if not happenings:
        return []
    count = rng.randint(2, 8) if not hard else 25
    return [
        Fault(
            at=rng.uniform(2, trouble), kind=rng.choice(happenings), seconds=rng.choice((1.0, 5.0, 20.0, 45.0)),
            dice=rng.random(),
        )
        for _ in range(count)
    ]  # fmt: skip


def _trigger(
    rng: random.Random, names: list[str], trouble: float
) -> tuple[float, str, dict[str, Any], float, float | None]:
    parameters = {
        "tasks": rng.randint(0, 3),
        "pace": rng.choice((0.1, 1.0, 5.0)),
        "fails": rng.choice((0, 0, 0, 1, 2)),
    }
    cancel = rng.uniform(0, 20) if rng.random() < 0.25 else None
    return rng.uniform(0.5, trouble), rng.choice(names), parameters, rng.choice((0.0, 0.0, 0.0, 15.0)), cancel
