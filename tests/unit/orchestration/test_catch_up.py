"""After any downtime, of any schedule, under any policy: exactly the runs that were foretold, and no storm.

`TURNOUT_CASES` sets how many cases are tried (a tenth of it here).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.orchestration.world import FIELD, NOON, World, deployment, project
from tests.unit.schedules.oracle import CASES
from turnout.core.limits import CATCH_UP_RUNS, CATCH_UP_STARTS_PER_SECOND, LATE_SECONDS
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Page, RunFilter, ScheduleRow
from turnout.core.snapshot import ScheduleSpec
from turnout.core.states import RunState
from turnout.orchestration import releases, scheduling

MINUTE = timedelta(minutes=1)
SCHEDULES: list[tuple[ScheduleSpec, Callable[[datetime], bool]]] = [
    (ScheduleSpec(slug="s", cron="* * * * *"), lambda at: True),
    (ScheduleSpec(slug="s", cron="*/15 * * * *"), lambda at: at.minute % 15 == 0),
    (ScheduleSpec(slug="s", cron="0 * * * *"), lambda at: at.minute == 0),
    (ScheduleSpec(slug="s", cron="30 2 * * *"), lambda at: (at.hour, at.minute) == (2, 30)),
    (ScheduleSpec(slug="s", every=420.0, anchor=NOON.isoformat()), lambda at: (at - NOON).total_seconds() % 420 == 0),
]
"""A schedule, and whether it fires at a whole minute: the slow and obvious way."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(Path(tmp_path_factory.mktemp("catch-up")))
    yield world
    world.store.close()


def occurrences(fires: Callable[[datetime], bool], downtime: timedelta) -> list[datetime]:
    """Every time in (NOON, NOON + downtime] that the schedule names, minute by minute."""
    minutes = int(downtime / MINUTE)
    return [at for n in range(1, minutes + 1) if fires(at := NOON + n * MINUTE)]


def foretold(policy: str, missed: list[datetime], now: datetime) -> list[datetime]:
    """What runs: the policy's choice and what is on time, the latest of it."""
    on_time = [at for at in missed if at >= now - timedelta(seconds=LATE_SECONDS)]
    if policy.startswith("within:"):
        chosen = [at for at in missed if (now - at).total_seconds() <= float(policy.removeprefix("within:"))]
    else:
        chosen = {"all": missed, "latest": missed[-1:], "none": []}[policy]
    return sorted({*chosen, *on_time})[-CATCH_UP_RUNS:]


POLICIES = st.sampled_from(["all", "latest", "none"]) | st.integers(1, 200_000).map(lambda n: f"within:{n}")


@settings(
    max_examples=max(CASES // 10, 1),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    policy=POLICIES,
    schedule=st.sampled_from(SCHEDULES),
    seconds=st.integers(0, 3 * 86_400) | st.integers(0, 7_200),
    own=st.booleans(),
)
def test_what_a_downtime_leaves_is_foretold(
    shared: World, policy: str, schedule: tuple[ScheduleSpec, Callable[[datetime], bool]], seconds: int, own: bool
) -> None:
    (spec, fires), downtime = schedule, timedelta(seconds=seconds)
    now = NOON + downtime
    missed = occurrences(fires, downtime)
    shared.clock.time = now
    made, row = executed(shared, policy, spec, own)
    started = [run for run in made if run.state == RunState.SCHEDULED]
    assert [run.occurrence for run in started] == foretold(policy, missed, now)
    skipped = [run for run in made if run.state == RunState.SKIPPED]
    left = sorted(set(missed) - {run.occurrence for run in started if run.occurrence})
    assert [run.occurrence for run in skipped] == left[-1:], "one record for the gap, at its newest"
    assert all(run.reason and (len(left) == 1 or run.reason.startswith(f"{len(left)} ")) for run in skipped)
    assert row.watermark == now
    assert row.next_due is not None
    assert row.next_due > now
    no_storm(started, now)


def no_storm(started: list[FlowRun], now: datetime) -> None:
    late = [run for run in started if run.occurrence and run.occurrence < now - timedelta(seconds=LATE_SECONDS)]
    starts = sorted(max(run.due_at, now) for run in late)
    for first, last in zip(starts, starts[int(CATCH_UP_STARTS_PER_SECOND) :], strict=False):
        assert last - first >= timedelta(seconds=1)
    assert starts[:1] in ([], [now]), "the first one does not wait"


class Undo(Exception):
    """Rolls a case back, so that the next one begins anew."""


def executed(world: World, policy: str, spec: ScheduleSpec, own: bool) -> tuple[list[FlowRun], ScheduleRow]:
    """The runs that one look at the schedule makes, and how far it was followed."""
    told: list[tuple[list[FlowRun], ScheduleRow]] = []

    def run(tx: Tx) -> None:
        declared = spec if not own else ScheduleSpec(**{**vars(spec), "catch_up": policy})
        load = deployment("load", schedules=(declared,), catch_up="none" if own else policy)
        releases.apply_release(tx, project(load), by="test", bundle=None)
        [row] = tx.projects.schedules(FIELD, "load")
        before = ScheduleRow(**{**vars(row), "watermark": NOON})
        tx.projects.put_schedule(before)
        scheduling.execute_step(tx, scheduling.plan_step(before, load.catch_up, tx.now))
        found = tx.runs.find(RunFilter(deployment="load"), Page(limit=200))
        told.append((found[::-1], tx.projects.schedules(FIELD, "load")[0]))
        raise Undo

    with pytest.raises(Undo):
        world.write(run)
    made, row = told[-1]
    return sorted(made, key=lambda it: it.occurrence or NOON), row
