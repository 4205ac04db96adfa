"""Limits, weights, tags, pools, priorities and tasks' slots under arbitrary orders of claims, ends and releases."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from tests.unit.orchestration.world import POOL, World, deployment, token_of
from turnout.core.errors import Conflict
from turnout.core.jobs import Job
from turnout.core.records import Page, RunFilter
from turnout.core.snapshot import Concurrency, LimitSpec, LimitUse, PoolSpec
from turnout.core.states import ACTIVE
from turnout.orchestration import runs, slots
from turnout.services.rescuer import Rescuer

DEPLOYMENTS = (
    deployment("light", limits=(LimitUse(name="api"),)),
    deployment("heavy", limits=(LimitUse(name="api", weight=2),), priority=1),
    deployment("tagged", tags=("db",)),
    deployment("alone", concurrency=Concurrency(limit=1), on_crash="resume"),
    deployment("free"),
)
LIVE = RunFilter(project="field", environment="production", states=tuple(sorted(ACTIVE)))
WEIGHTS = {"api": {"light": 1, "heavy": 2}, "base": {"tagged": 1}}


class LimitsMachine(RuleBasedStateMachine):
    """`held` is what tasks were granted; what runs hold is known from their jobs and ends."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="turnout-stateful-"))
        self.world = World(self.folder)
        self.rescuer = Rescuer(30.0, 5.0)
        self.bounds = {"api": 2, "base": 1, "tasks": 2, "pool": 5}
        self.allowed = dict(self.bounds)
        self.tasks: set[tuple[str, int, str]] = set()
        self.declare(2, 1, 2, 5)
        self.world.register(capacity=100)

    def teardown(self) -> None:
        for run in self.live():
            with suppress(Conflict):
                self.world.write(lambda tx, run=run: runs.cancel(tx, run.id, POOL))
        for _ in range(12):
            self.world.clock.advance(seconds=5)
            self.rescuer.tick(self.world.store, self.world.clock.now())
        assert not self.live(), "a cancelled run without an executor is over after its lease"
        assert all(each.held == 0 for each in self.world.read(lambda tx: tx.limits.occupied("field")))
        self.world.store.close()
        shutil.rmtree(self.folder)

    @rule(api=st.integers(1, 4), base=st.integers(1, 2), tasks=st.integers(1, 3), pool=st.integers(1, 6))
    def declare(self, api: int, base: int, tasks: int, pool: int) -> None:
        limits = {
            "api": LimitSpec(concurrency=api),
            "base": LimitSpec(concurrency=base, tags=("db",)),
            "tasks": LimitSpec(concurrency=tasks),
        }
        self.world.deploy(*DEPLOYMENTS, limits=limits, pools={"default": PoolSpec(concurrency=pool)})
        self.bounds = {"api": api, "base": base, "tasks": tasks, "pool": pool}
        # What is held already stays held when a limit is lowered below it.
        self.allowed = {name: max(bound, self.holding(name)) for name, bound in self.bounds.items()}

    @rule(name=st.sampled_from([spec.name for spec in DEPLOYMENTS]), count=st.integers(1, 3))
    def trigger(self, name: str, count: int) -> None:
        for _ in range(count):
            self.world.trigger(name)

    @rule(target=jobs, slots_=st.integers(1, 4))
    def claim(self, slots_: int) -> object:
        found = self.world.claim(slots_)
        assert len(found) <= slots_
        ranks = [(-job.run.priority, job.run.due_at, job.run.id) for job in found]
        assert ranks == sorted(ranks)
        return multiple(*found)

    @rule(job=jobs)
    def start(self, job: Job) -> None:
        self.attempt(lambda: self.world.start(job))

    @rule(job=consumes(jobs), how=st.sampled_from(["complete", "fail", "lost", "nothing"]))
    def end(self, job: Job, how: str) -> None:
        if how == "lost":
            self.attempt(lambda: self.world.report(job, "lost"))
        elif how != "nothing":
            self.attempt(lambda: getattr(self.world, how)(job))

    @rule(job=jobs, holder=st.sampled_from("xyz"), weight=st.integers(1, 2))
    def take_for_a_task(self, job: Job, holder: str, weight: int) -> None:
        run, who = job.run, token_of(job)
        with suppress(Conflict):
            grant = self.world.write(
                lambda tx: slots.acquire(tx, who, run.id, run.attempt, "tasks", holder, weight, 30.0)
            )
            if grant.held:
                self.tasks.add((run.id, run.attempt, holder))

    @rule(job=jobs, holder=st.sampled_from("xyz"))
    def give_back(self, job: Job, holder: str) -> None:
        run, who = job.run, token_of(job)
        with suppress(Conflict):
            self.world.write(lambda tx: slots.release(tx, who, run.id, run.attempt, "tasks", holder))
            self.tasks.discard((run.id, run.attempt, holder))

    @rule(seconds=st.sampled_from([1, 6, 31]))
    def pass_time(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)
        self.rescuer.tick(self.world.store, self.world.clock.now())

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        live = self.live()
        for name, bound in self.bounds.items():
            held = self.holding(name, live)
            assert held <= max(bound, self.allowed[name]), f"{name}: {held} of {bound}"
            self.allowed[name] = max(bound, min(self.allowed[name], held))
        assert sum(run.deployment == "alone" for run in live) <= 1  # type: ignore[attr-defined]

    @invariant()
    def what_is_shown_is_what_is_held(self) -> None:
        shown = {each.limit.name: each.held for each in self.world.read(lambda tx: tx.limits.occupied("field"))}
        live = self.live()
        assert shown["base"] == self.holding("base", live)
        assert shown["default"] == self.holding("pool", live)

    @invariant()
    def light_runs_wait_for_nothing(self) -> None:
        """Nothing waits in a deployment without limits while its pool has room, except for somebody to claim it."""
        if self.holding("pool") >= self.bounds["pool"]:
            return
        found = self.world.read(lambda tx: tx.runs.heads("field", "default"))
        free = [head for head in found if head.deployment == "free" and head.due_at <= self.world.clock.now()]
        assert len(free) <= 1

    def attempt(self, act: object) -> None:
        with suppress(Conflict):
            act()  # type: ignore[operator]

    def live(self) -> list[object]:
        return list(self.world.read(lambda tx: tx.runs.find(LIVE, Page(limit=200))))

    def holding(self, name: str, live: list[object] | None = None) -> int:
        """The weights that are held, by the model."""
        live = self.live() if live is None else live
        if name == "pool":
            return len(live)
        if name == "tasks":
            current = {(run.id, run.attempt) for run in live}  # type: ignore[attr-defined]
            self.tasks = {task for task in self.tasks if task[:2] in current}
            return len(self.tasks)
        bound = self.bounds[name]
        weights = WEIGHTS[name]
        return sum(min(weights.get(run.deployment, 0), bound) for run in live)  # type: ignore[attr-defined]


TestLimits = LimitsMachine.TestCase
TestLimits.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
