"""A control plane on which everything has happened once: for checks of the whole database."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.unit.orchestration.world import World, deployment
from turnout.core.records import FlowRun
from turnout.core.snapshot import Concurrency, ScheduleSpec, Snapshot
from turnout.orchestration import ingest, runs, scheduling
from turnout.services.spools import LOCAL
from turnout.store.invariants import Finding, check

BUNDLE = b"the code"
DIGEST = hashlib.sha256(BUNDLE).hexdigest()


class BusyField(World):
    """A control plane on which everything happened once."""

    def __init__(self, target: Path) -> None:
        super().__init__(target)
        self.write(lambda tx: tx.bundles.put(DIGEST, BUNDLE))
        hourly = ScheduleSpec(slug="hourly", cron="0 * * * *")
        self.deploy(
            deployment("load", schedules=(hourly,), catch_up="all"),
            deployment("clean", after=("load",)),
            deployment("flaky", retries=2),
            deployment("single", concurrency=Concurrency(limit=1)),
        )
        self.done = self.execute("load")
        self.clock.advance(hours=3, seconds=1)
        self.scheduled = self.follow_schedules()
        self.fail_twice()
        self.single = self.start_one("single")
        self.waiting = self.trigger("single")
        self.with_tasks = self.run_tasks()
        self.run_script()
        later = self.trigger("flaky", due_at=self.clock.now() + timedelta(days=1))
        self.write(lambda tx: runs.cancel(tx, later.id, "ann"))

    def apply(self, wanted: Snapshot, **options: Any) -> Mapping[str, Any]:
        return super().apply(wanted, **{"bundle": DIGEST, **options})

    def follow_schedules(self) -> list[FlowRun]:
        [row] = self.read(lambda tx: tx.projects.due_schedules(10))
        step = scheduling.plan_step(row, "all", self.clock.now())
        return self.write(lambda tx: scheduling.execute_step(tx, step))

    def start_one(self, name: str) -> FlowRun:
        run = self.trigger(name)
        [job] = [job for job in self.claim(10) if job.run.id == run.id]
        self.start(job)
        return self.run(run)

    def fail_twice(self) -> None:
        self.trigger("flaky")
        for _ in range(2):
            for job in self.claim(10):
                self.start(job)
                end = self.fail if job.run.deployment == "flaky" else self.complete
                end(job)
        for job in self.claim(10):
            self.start(job)
            self.report(job, "lost")

    def run_tasks(self) -> FlowRun:
        run = self.trigger("load")
        [job] = [job for job in self.claim(10) if job.run.id == run.id]
        at = self.seconds
        self.say(
            job,
            ("s", 0, "running", at, None),
            ("c", 1, 0, "flow", "sub#0", "sub", at, "running", None),
            ("c", 2, 1, "task", "sub#0/work#0", "work", at, "pending", None),
            ("l", 2, at, 20, "turnout.flow", "working"),
            ("s", 2, "running", at, None),
            ("s", 2, "completed", at, {"result": {"inline": 1}}),
        )
        self.say(
            job,
            ("l", 0, at, 20, "turnout.flow", "more"),
            ("a", 2, at, "link", "look", {"link": "x"}),
            ("s", 1, "completed", at, None),
        )
        self.complete(job)
        return self.run(run)

    def run_script(self) -> None:
        header = {"protocol": 1, "run": "0" * 32, "attempt": 1, "stream": 0, "flow": "f", "at": self.seconds, "pid": 1}
        lines = [
            json.dumps(header).encode(),
            b'["s",0,"running",%d,null]' % self.seconds,
            b'["s",0,"completed",%d,null]' % self.seconds,
        ]
        self.write(lambda tx: ingest.ship_script(tx, LOCAL, "0" * 32, 0, 0, lines, header))

    def break_it(self, *statements: str) -> None:
        """Write what Turnout itself would never write."""
        for statement in statements:
            self.write(lambda tx, text=statement: tx._session.execute_text(text, {}))  # type: ignore[misc]

    def findings(self, *, serving: bool = True) -> list[Finding]:
        """What `check` finds, less what it says of the settings of a test's own database server."""
        found = self.read(lambda tx: check(tx, serving=serving))
        return [finding for finding in found if finding.invariant != "durable_settings"]
