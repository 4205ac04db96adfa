"""The critical operations: each is one act of a person, a worker, an engine or a service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.contract.factories import NAMESPACE, START
from tests.faults.crash_points.world import (
    ANN,
    AT,
    LEASE,
    LOGIN,
    Act,
    Runs,
    claim,
    deployment,
    executor,
    finish,
    line,
    project,
    register,
    script_lines,
    ship,
    ship_script,
    trigger,
)
from turnout.core.errors import StoreError
from turnout.core.ports import Tx
from turnout.core.retention import Keep
from turnout.core.snapshot import Concurrency, ScheduleSpec
from turnout.orchestration import claims, ingest, overrides, pausing, releases, runs
from turnout.server.auth.sessions import exchange
from turnout.services.pruner import Pruner
from turnout.services.rescuer import Rescuer
from turnout.services.scheduler import Scheduler
from turnout.store import Store

SESSION = "tn_session_" + "y" * 43


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`act` on a store whose clock stands `later` seconds after the seeding.

    repeatable: doing it twice is doing it once (or is refused and changes nothing). transactions: "one", or "several",
    after some of which it may stop. threaded: on a store with a writer thread.
    """

    name: str
    act: Act
    later: float = 5.0
    repeatable: bool = True
    transactions: str = "one"
    threaded: bool = False


def _write(fn: Callable[[Tx, Runs], Any]) -> Act:
    return lambda store, ids: store.write(lambda tx: fn(tx, ids))


def _tasks(first: int, count: int) -> list[bytes]:
    entries = []
    for number in range(first, first + count):
        entries += [
            line("c", number, 0, "task", f"more#{number}", "more", AT, "pending", None),
            line("s", number, "running", AT, None),
            line("s", number, "completed", AT, {"result": {"inline": number}}),
        ]
    return entries


def _logs(count: int) -> list[bytes]:
    return [line("l", 0, AT, 20, "turnout.flow", f"line {number}") for number in range(count)]


def _artifacts() -> list[bytes]:
    return [
        line("a", 0, AT, "markdown", "report", {"text": "# All well"}),
        line("a", 1, AT, "link", "map", {"url": "x"}),
    ]


def _group(store: Store, ids: Runs) -> None:
    """Five writes in one commit, one of which raises by itself."""
    gate = threading.Event()
    hold = store.submit(lambda tx: gate.wait(20))
    futures = [store.submit(_created if number != 2 else _refused) for number in range(5)]
    gate.set()
    hold.result(30)
    errors = [future.exception(30) for future in futures]
    for number, error in enumerate(errors):
        if error is not None and number != 2:
            raise error
    assert isinstance(errors[2], KeyError | StoreError)


def _created(tx: Tx) -> Any:
    return runs.create(tx, NAMESPACE, "load", trigger="manual", by=ANN)


def _refused(tx: Tx) -> Any:
    _created(tx)
    raise KeyError("refused")


def _scheduler(store: Store, ids: Runs) -> None:
    Scheduler().tick(store, START + timedelta(minutes=10))


def _rescue(store: Store, ids: Runs) -> None:
    now = START + timedelta(minutes=10)
    rescuer = Rescuer(LEASE, 5.0)
    rescuer._last = now - timedelta(seconds=5)  # it swept five seconds ago: no grace after a start
    rescuer.tick(store, now)


def _step(slug: str) -> Act:
    def act(store: Store, ids: Runs) -> None:
        from turnout.orchestration.scheduling import execute_step, inherited_catch_up, plan_step

        due = store.read(lambda tx: [(row, inherited_catch_up(tx, row)) for row in tx.projects.due_schedules(10)])
        for row, policy in due:
            if row.slug == slug:
                step = plan_step(row, policy, START + timedelta(minutes=10))
                store.write(lambda tx, step=step: execute_step(tx, step))

    return act


def _prune(store: Store, ids: Runs) -> None:
    now = START + timedelta(days=400)
    pruner = Pruner(Keep())
    while (due := pruner.tick(store, now)) is not None and due - now < timedelta(seconds=1):
        pass


def _postpone(store: Store, ids: Runs) -> None:
    from turnout.orchestration.scheduling import postpone

    def put_off(tx: Tx) -> None:
        for row in tx.projects.schedules(NAMESPACE, "minutely"):
            postpone(tx, row)

    store.write(put_off)


def _apply(**options: Any) -> Act:
    without = options.pop("without", ())
    more = options.pop("more", ())
    return _write(
        lambda tx, ids: releases.apply_release(
            tx, project(*more, without=without), by=ANN, **{"bundle": None, "expected_release": 1, **options}
        )
    )


def _heartbeat(label: str) -> Act:
    return _write(lambda tx, ids: claims.heartbeat(tx, executor(ids[label]), ids[label], 1, LEASE).command)


def _report(label: str, event: Any) -> Act:
    return _write(lambda tx, ids: claims.report(tx, executor(ids[label]), ids[label], 1, event, "because").state)


def _journal(first: int, lines: list[bytes], stream: int = 0) -> Act:
    return _write(lambda tx, ids: ship(tx, ids["running"], first, lines, stream))


def _finish(label: str, state: str) -> Act:
    return lambda store, ids: finish(store, ids[label], state)


def _cancel(label: str) -> Act:
    return _write(lambda tx, ids: runs.cancel(tx, ids[label], ANN).state)


def _create(name: str, **options: Any) -> Act:
    return lambda store, ids: trigger(store, name, **options)


ONE: tuple[Operation, ...] = (
    Operation(name="create a run", act=_create("load"), repeatable=False),
    Operation(name="create a run by key", act=_create("load", idempotency_key="one")),
    Operation(name="create a run with tags", act=_create("load", idempotency_key="two", tags=("a", "b"))),
    Operation(
        name="create a run for later", act=_create("load", idempotency_key="l", due_at=START + timedelta(days=1))
    ),
    Operation(name="create a run that waits", act=_create("van", idempotency_key="three")),
    Operation(name="create a run that is skipped", act=_create("single", idempotency_key="four")),
    Operation(name="create a run that replaces", act=_create("newest", idempotency_key="five")),
    Operation(name="register a worker", act=_write(lambda tx, ids: register(tx, "w2"))),
    Operation(name="register again, giving back", act=_write(lambda tx, ids: register(tx, "w1"))),
    Operation(name="claim one", act=_write(lambda tx, ids: len(claim(tx, "new", 1)))),
    Operation(name="claim several", act=_write(lambda tx, ids: len(claim(tx, "new", 5)))),
    Operation(name="repeat a claim", act=_write(lambda tx, ids: len(claim(tx, "the-key", 1)))),
    Operation(name="heartbeat", act=_heartbeat("running")),
    Operation(name="heartbeat of a cancelled run", act=_heartbeat("cancelling")),
    Operation(name="journal: tasks", act=_journal(4, _tasks(2, 20))),
    Operation(name="journal: logs", act=_journal(4, _logs(50))),
    Operation(name="journal: artifacts", act=_journal(4, _artifacts())),
    Operation(name="journal: all kinds", act=_journal(4, [*_tasks(2, 3), *_logs(3), *_artifacts()])),
    Operation(name="journal: sent twice", act=_journal(2, [line("l", 0, AT, 20, "x", "a")] * 2 + _logs(2))),
    Operation(name="journal: another stream", act=_journal(0, _logs(5), stream=2)),
    Operation(name="journal: completed, waking others", act=_finish("running", "completed")),
    Operation(name="journal: failed, opening an attempt", act=_finish("to-fail", "failed")),
    Operation(name="journal: failed", act=_finish("running", "failed")),
    Operation(name="journal: cancelled", act=_finish("cancelling", "cancelled")),
    Operation(name="release a slot by completing", act=_finish("holder", "completed")),
    Operation(name="report lost", act=_report("running", "lost")),
    Operation(name="report lost, resuming", act=_report("to-lose", "lost")),
    Operation(name="report cancelled", act=_report("cancelling", "cancelled")),
    Operation(name="report failed", act=_report("running", "failed")),
    Operation(name="release a slot by a report", act=_report("holder", "lost")),
    Operation(name="cancel a waiting run", act=_cancel("queued")),
    Operation(name="cancel a live run", act=_cancel("running")),
    Operation(name="retry", act=_write(lambda tx, ids: runs.retry(tx, ids["failed"], ANN).attempt)),
    Operation(
        name="retry from the beginning",
        act=_write(lambda tx, ids: runs.retry(tx, ids["done"], ANN, from_failure=False).attempt),
    ),
    Operation(name="apply a release", act=_apply(more=(deployment("fresh"),))),
    Operation(name="apply a release with a bundle", act=_apply(bundle="b" * 64)),
    Operation(name="apply a release that prunes", act=_apply(without=("hourly", "van", "minutely"))),
    Operation(
        name="apply a release that changes all kinds",
        act=_apply(
            more=(deployment("minutely", schedules=(ScheduleSpec(slug="all", every=120.0),)), deployment("fresh")),
            without=("hourly", "van"),
            bundle="b" * 64,
        ),
    ),
    Operation(
        name="apply a release that renames",
        act=_apply(
            more=(
                deployment("loads", was="load"),
                deployment("vans", was="van", concurrency=Concurrency(limit=1)),
                deployment("after", after=("loads",)),
                deployment("every-hour", was="hourly"),
            ),
            without=("load", "van", "hourly"),
        ),
    ),
    Operation(
        name="override a parameter",
        act=_write(lambda tx, ids: overrides.put(tx, NAMESPACE, "parameter", "load", "size", 1, ANN).value),
    ),
    Operation(
        name="drop an override",
        act=_write(lambda tx, ids: overrides.remove(tx, NAMESPACE, "parameter", "hourly", "size")),
    ),
    Operation(name="upload a bundle", act=_write(lambda tx, ids: tx.bundles.put("c" * 64, b"x" * 200_000))),
    Operation(name="schedule: catch up with all", act=_step("all"), later=600),
    Operation(name="schedule: catch up with the latest", act=_step("latest"), later=600),
    Operation(name="schedule: put off a broken one", act=_postpone),
    Operation(name="pause", act=_write(lambda tx, ids: pausing.pause(tx, NAMESPACE, "minutely", None, ANN))),
    Operation(
        name="pause what has waiting runs", act=_write(lambda tx, ids: pausing.pause(tx, NAMESPACE, "load", None, ANN))
    ),
    Operation(name="leases lengthened", act=_write(lambda tx, ids: tx.runs.lengthen(timedelta(seconds=9)))),
    Operation(name="grace after a start", act=_write(lambda tx, ids: tx.runs.grace(START + timedelta(minutes=9)))),
    Operation(
        name="make a login link",
        act=_write(lambda tx, ids: tx.credentials.put("9" * 64, "login", "ann", None, tx.now + timedelta(minutes=10))),
    ),
    Operation(name="log in", act=_write(lambda tx, ids: exchange(tx, LOGIN, None, SESSION))),
    Operation(
        name="register a script", act=_write(lambda tx, ids: ship_script(tx, "e" * 32, 0, script_lines("e" * 32)))
    ),
    Operation(
        name="a script goes on",
        act=_write(lambda tx, ids: ship_script(tx, ids["script"], 2, script_lines(ids["script"])[2:])),
    ),
    Operation(
        name="a script's process is gone",
        act=_write(lambda tx, ids: ingest.script_lost(tx, ANN, ids["script"]).state),
    ),
)
SEVERAL: tuple[Operation, ...] = (
    Operation(name="the scheduler's tick", act=_scheduler, later=600, transactions="several"),
    Operation(name="the rescuer's tick", act=_rescue, later=600, transactions="several"),
    Operation(name="retention", act=_prune, later=400 * 86400, transactions="several"),
    Operation(name="five writes in one commit", act=_group, threaded=True, repeatable=False, transactions="several"),
)
OPERATIONS: tuple[Operation, ...] = (*ONE, *SEVERAL)
