"""Runs under arbitrary orders of everything that can happen to them, over the real store: what must hold, holds.

Each rule goes through the use case that production goes through; refusals are as good as acceptances, the invariants
decide. Messages arrive late, twice, from superseded attempts and with lost answers.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from tests.unit.orchestration.world import ANN, FIELD, NOON, POOL, World, deployment
from turnout.core import events as ev
from turnout.core.errors import Conflict, NotFound, ParameterError
from turnout.core.jobs import Job
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, HistoryEntry, Page, RunFilter
from turnout.core.snapshot import Concurrency, ScheduleSpec
from turnout.core.states import ACTIVE, FINAL, RunState
from turnout.orchestration import runs
from turnout.orchestration.explain import explained
from turnout.orchestration.transition import apply
from turnout.services.rescuer import Rescuer
from turnout.services.scheduler import Scheduler

LIMITS = {"plain": None, "queue": 2, "skip": 1, "replace": 1, "latest": 1, "again": None, "after": None}
HOURLY = (ScheduleSpec(slug="hourly", cron="0 * * * *"),)
DEPLOYMENTS = (
    deployment("plain", schedules=HOURLY, catch_up="all"),
    deployment("queue", concurrency=Concurrency(limit=2), retries=1, retry_delay_seconds=5),
    deployment("skip", concurrency=Concurrency(limit=1, on_collision="skip"), schedules=HOURLY),
    deployment("replace", concurrency=Concurrency(limit=1, on_collision="replace")),
    deployment("latest", concurrency=Concurrency(limit=1, on_collision="queue-latest")),
    deployment("again", on_crash="resume", retries=2),
    deployment("after", after=("plain", "skip")),
)
ENDS = st.sampled_from(["lost", "cancelled", "failed"])


class RunsMachine(RuleBasedStateMachine):
    """The rules; `world` is the system, `seen` each history as it was last read."""

    created = Bundle("created")
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="turnout-stateful-"))
        self.world = World(self.folder)
        self.world.deploy(*DEPLOYMENTS)
        self.world.register(capacity=4)
        self.scheduler, self.rescuer = Scheduler(), Rescuer(30.0, 5.0)
        self.seen: dict[str, list[HistoryEntry]] = {}
        self.keys: dict[str, str] = {}

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder)

    @rule(target=created, name=st.sampled_from(sorted(LIMITS)), minutes=st.sampled_from([0, 0, 0, 30]))
    def create(self, name: str, minutes: int) -> object:
        due = self.world.clock.now() if not minutes else NOON.replace(hour=23)
        try:
            return self.world.trigger(name, due_at=due)
        except NotFound:  # a release removed the deployment
            assert self.world.read(lambda tx: tx.projects.deployment(FIELD, name)) is None
            return multiple()

    @rule(name=st.sampled_from(["plain", "queue", "skip"]), key=st.sampled_from("abc"))
    def ask_with_a_key(self, name: str, key: str) -> None:
        before = len(self.all_runs())
        run = self.world.trigger(name, idempotency_key=key)
        known = self.keys.setdefault(key, run.id)
        assert run.id == known
        assert len(self.all_runs()) - before == (known not in self.seen)

    @rule(run=created, other=st.booleans())
    def act_on_what_was_read_before(self, run: FlowRun, other: bool) -> None:
        current = self.world.run(run)
        event = ev.CancelRequested(reason="late") if other else ev.Skipped(reason="late")
        try:
            self.world.write(lambda tx: apply(tx, run, event, "late"))
        except Conflict:
            return
        assert current.version == run.version, "a state was written over one that nobody had read"

    @rule(job=jobs, data=st.data())
    def repeat_an_old_message(self, job: Job, data: st.DataObject) -> None:
        acked = self.world.read(lambda tx: tx.journal.acked(job.run.id, job.run.attempt, 0))
        if acked < 1:
            return
        first = data.draw(st.integers(0, acked), label="first")
        before = self.world.history(job.run)
        line = json.dumps(["s", 0, "completed", self.world.seconds, None]).encode()
        self.attempt(lambda: self.world.ship(job, [line] * (acked + 1 - first), first=first))
        assert self.world.history(job.run) == before

    @rule(target=jobs, slots=st.integers(1, 3))
    def claim(self, slots: int) -> object:
        return multiple(*self.world.claim(slots))

    @rule(target=jobs, slots=st.integers(1, 3))
    def claim_with_a_lost_answer(self, slots: int) -> object:
        lost = self.world.claim(slots, key="k")
        again = self.world.claim(slots, key="k")
        assert {job.run.id for job in lost} <= {run.id for run in self.all_runs()}
        return multiple(*again)

    @rule(job=jobs)
    def start(self, job: Job) -> None:
        self.attempt(lambda: self.world.start(job))

    @rule(job=jobs)
    def complete(self, job: Job) -> None:
        self.attempt(lambda: self.world.complete(job))

    @rule(job=consumes(jobs))
    def fail(self, job: Job) -> None:
        self.attempt(lambda: self.world.fail(job))

    @rule(job=jobs, event=ENDS)
    def report(self, job: Job, event: str) -> None:
        self.attempt(lambda: self.world.report(job, event))  # type: ignore[arg-type]

    @rule(job=jobs)
    def drain_an_orphan(self, job: Job) -> None:
        at = self.world.seconds
        self.attempt(lambda: self.world.say(job, ("s", 0, "running", at, None), by=POOL))

    @rule(job=jobs)
    def beat(self, job: Job) -> None:
        self.attempt(lambda: self.world.heartbeat(job))

    @rule(run=created)
    def cancel(self, run: FlowRun) -> None:
        self.attempt(lambda: self.world.write(lambda tx: runs.cancel(tx, run.id, ANN)))

    @rule(run=created, resume=st.booleans())
    def retry(self, run: FlowRun, resume: bool) -> None:
        self.attempt(lambda: self.world.write(lambda tx: runs.retry(tx, run.id, ANN, from_failure=resume)))

    @rule(holding=st.booleans())
    def register_again(self, holding: bool) -> None:
        held = [(run.id, run.attempt) for run in self.all_runs() if run.state in ACTIVE] if holding else []
        self.world.register(capacity=4, holding=held)

    @rule(seconds=st.sampled_from([1, 5, 31, 3600, 3 * 3600]))
    def pass_time(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.rescuer.tick(self.world.store, self.world.clock.now())

    @rule()
    def follow_schedules(self) -> None:
        self.scheduler.tick(self.world.store, self.world.clock.now())

    @rule(keep=st.booleans())
    def apply_release(self, keep: bool) -> None:
        self.world.deploy(*(DEPLOYMENTS if keep else DEPLOYMENTS[:-1]))

    @invariant()
    def history_is_gap_free_append_only_and_ends_in_the_state(self) -> None:
        for run in self.all_runs():
            history = self.world.history(run)
            assert [entry.version for entry in history] == list(range(1, run.version + 1))
            last = history[-1]
            assert (last.state, last.name, last.attempt) == (run.state, run.state_name, run.attempt)
            before = self.seen.get(run.id, [])
            assert history[: len(before)] == before
            self.seen[run.id] = history

    @invariant()
    def only_a_new_attempt_follows_a_final_state(self) -> None:
        for history in self.seen.values():
            for entry, following in pairwise(history):
                assert following.attempt == entry.attempt + (entry.state in FINAL)

    @invariant()
    def no_more_live_runs_than_the_limit(self) -> None:
        live = Counter(run.deployment for run in self.all_runs() if run.state in ACTIVE)
        for name, limit in LIMITS.items():
            assert limit is None or live[name] <= limit

    @invariant()
    def an_occurrence_has_one_run(self) -> None:
        keys = [(run.deployment, run.schedule, run.occurrence) for run in self.all_runs() if run.occurrence]
        assert len(set(keys)) == len(keys)

    @invariant()
    def live_runs_have_a_lease_and_others_none(self) -> None:
        for run in self.all_runs():
            assert (run.lease_until is not None) is (run.state in ACTIVE)
            assert (run.ended_at is not None) is (run.state in FINAL)

    @invariant()
    def every_waiting_run_says_why(self) -> None:
        found = self.all_runs()
        for run in self.world.read(lambda tx: explained(tx, found)):
            assert run.wait_reason or run.state != RunState.SCHEDULED

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it; being refused is an answer too."""
        with suppress(Conflict, ParameterError):
            act()

    def all_runs(self) -> list[FlowRun]:
        found: list[FlowRun] = []
        while page := self.world.read(self._page_after(found[-1].id if found else None)):
            found += page
        return found

    def _page_after(self, last: str | None) -> Callable[[Tx], list[FlowRun]]:
        return lambda tx: tx.runs.find(RunFilter(project=FIELD.project), Page(limit=200, after=last))


TestRuns = RunsMachine.TestCase
TestRuns.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
