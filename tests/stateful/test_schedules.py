"""Schedules that are followed late, by several schedulers, edited, paused, removed and declared again: each occurrence
has one run, and each is accounted for, by the closed form of an interval.
"""

import re
import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.orchestration.world import ANN, FIELD, NOON, World, deployment
from turnout.core.records import FlowRun
from turnout.core.snapshot import ScheduleSpec
from turnout.core.states import RunState
from turnout.orchestration import pausing
from turnout.services.scheduler import Scheduler

STEPS = (300, 600, 900)
ANCHOR = NOON - timedelta(days=1)
COUNTED = re.compile(r"(\d+) occurrences since")


class SchedulesMachine(RuleBasedStateMachine):
    """`due` holds the occurrences that some call of a scheduler was responsible for."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="turnout-stateful-"))
        self.world = World(self.folder)
        self.world.register(capacity=1000)
        self.schedulers = [Scheduler(), Scheduler()]
        self.step, self.policy = 600, "all"
        self.deployed = self.paused = self.was_paused = False
        self.watermark = NOON
        self.due: set[tuple[datetime, int]] = set()
        self.deploy(True, 600, "all")

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder)

    @rule(there=st.booleans(), step=st.sampled_from(STEPS), policy=st.sampled_from(["all", "latest", "none"]))
    def deploy(self, there: bool, step: int, policy: str) -> None:
        spec = ScheduleSpec(slug="often", every=step, anchor=ANCHOR.isoformat())
        specs = [deployment("load", schedules=(spec,), catch_up=policy)] if there else []
        self.world.deploy(*specs, deployment("other"), variables={"step": step})
        if there and (not self.deployed or step != self.step):
            self.watermark, self.step = self.world.clock.now(), step
        self.deployed, self.policy = there, policy
        if not there:
            self.paused = False

    @rule(minutes=st.sampled_from([1, 4, 5, 10, 11, 60, 300]))
    def pass_time(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @rule(who=st.sampled_from([0, 1]), afresh=st.booleans())
    def follow(self, who: int, afresh: bool) -> None:
        if afresh:
            self.schedulers[who] = Scheduler()
        self.schedulers[who].tick(self.world.store, self.world.clock.now())
        if self.deployed and not self.paused:
            self.due |= {(at, self.step) for at in self.occurrences()}
            self.watermark = self.world.clock.now()

    @rule()
    def follow_with_an_old_clock(self) -> None:
        """A server that was stopped goes on with the time it had."""
        self.schedulers[0].tick(self.world.store, self.world.clock.now() - timedelta(minutes=7))
        self.was_paused = True  # how far it looked is not modelled: only that nothing happens twice

    @precondition(lambda self: self.deployed)
    @rule(on=st.booleans())
    def pause(self, on: bool) -> None:
        act = pausing.pause if on else pausing.resume
        self.world.write(lambda tx: act(tx, FIELD, "load", None, ANN))
        self.paused, self.was_paused = on, True

    @rule()
    def claim(self) -> None:
        for job in self.world.claim(50):
            assert not (self.paused and job.run.deployment == "load"), "a paused deployment started a run"
            self.world.start(job)
            self.world.complete(job)

    @invariant()
    def an_occurrence_has_one_run(self) -> None:
        assert all(count == 1 for count in Counter(run.occurrence for run in self.rows()).values())

    @invariant()
    def runs_are_at_occurrences_and_none_before_its_time(self) -> None:
        for run in self.rows():
            assert run.occurrence is not None
            assert any((run.occurrence - ANCHOR) % timedelta(seconds=step) == timedelta() for step in STEPS)
            assert run.occurrence <= self.world.clock.now()

    @invariant()
    def each_occurrence_is_accounted_for(self) -> None:
        if self.was_paused:
            return
        covered: set[datetime] = set()
        for run in self.rows():
            counted = COUNTED.match(run.reason or "") if run.state == RunState.SKIPPED else None
            steps = {step for at, step in self.due if at == run.occurrence} or {self.step}
            for number in range(int(counted.group(1)) if counted else 1):
                covered |= {(run.occurrence or NOON) - timedelta(seconds=step * number) for step in steps}
        assert {at for at, _ in self.due} <= covered

    def occurrences(self) -> list[datetime]:
        """The closed form, in (watermark, now]."""
        step = timedelta(seconds=self.step)
        first, last = (self.watermark - ANCHOR) // step + 1, (self.world.clock.now() - ANCHOR) // step
        return [ANCHOR + number * step for number in range(first, last + 1)]

    def rows(self) -> list[FlowRun]:
        return [run for run in self.world.runs_of("load") if run.occurrence is not None]


TestSchedules = SchedulesMachine.TestCase
TestSchedules.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
