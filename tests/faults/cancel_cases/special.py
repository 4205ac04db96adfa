"""Cancelled where no body is running: queued, claimed, before a retry, and with nobody there to obey."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from tests.faults.cancel_cases.oracle import processes, tree
from tests.faults.cancel_cases.stage import Stage
from tests.faults.cancel_cases.watch import TASK_START_SECONDS
from tests.faults.cluster import wait_until
from turnout.core.states import RunState

Complaints = list[str]


def queued(stage: Stage) -> Complaints:
    """Another run has the only slot: it is cancelled at once, and never starts; then the holder gives the slot back."""
    holder, run_id = stage.trigger("single"), stage.trigger("single")
    wait_until(lambda: stage.oracle.ready_at(holder) is not None, 30.0, "the holder")
    stage.cancel(run_id)
    run = stage.run(run_id)
    found = [] if run.state == RunState.CANCELLED else [f"{run.state} right after the cancel"]
    stage.cancel(holder)
    stage.wait_final(holder, stage.grace + 5.0)
    follower = stage.trigger("single")
    wait_until(lambda: stage.oracle.ready_at(follower) is not None, 10.0, "a follower to get the slot")
    stage.cancel(follower)
    stage.wait_final(follower, stage.grace + 5.0)
    return found + ([f"{run_id} started"] if stage.oracle.ready_at(run_id) else [])


def before_start(stage: Stage) -> Complaints:
    """Claimed, but the process that starts flows stands still: the flow must not begin when it goes on."""
    zygote = _zygote(stage)
    os.kill(zygote, signal.SIGSTOP)
    try:
        run_id = stage.trigger("probe")
        wait_until(lambda: stage.run(run_id).state == RunState.PENDING, 20.0, "the claim")
        acked = stage.cancel(run_id)
        state = stage.run(run_id).state
        time.sleep(TASK_START_SECONDS + 0.2)
    finally:
        os.kill(zygote, signal.SIGCONT)
    run = stage.wait_final(run_id, stage.lease + 2 * stage.sweep + stage.grace + 5.0)
    found = [] if state == RunState.CANCELLING else [f"{state} right after the cancel"]
    found += [] if run.state == RunState.CANCELLED else [f"ended as {run.state} ({run.reason})"]
    ready = stage.oracle.ready_at(run_id)
    if ready is not None and ready > acked + TASK_START_SECONDS:
        found.append(f"its flow began {ready - acked:.1f} s after the cancel")
    return found


def before_task_retry(stage: Stage) -> Complaints:
    """A task waits ten minutes for its next try."""
    run_id = stage.trigger("retry-task")
    wait_until(lambda: stage.oracle.ready_at(run_id) is not None, 30.0, "the first try")
    time.sleep(0.3)
    stage.cancel(run_id)
    run = stage.wait_final(run_id, stage.grace + 5.0)
    return [] if run.state == RunState.CANCELLED else [f"ended as {run.state} ({run.reason})"]


def before_run_retry(stage: Stage) -> Complaints:
    """The run waits ten minutes for its next attempt."""
    run_id = stage.trigger("retry-run")
    wait_until(lambda: stage.run(run_id).attempt == 2, 30.0, "the second attempt")
    stage.cancel(run_id)
    run = stage.run(run_id)
    return [] if run.state == RunState.CANCELLED else [f"{run.state} right after the cancel"]


def unreachable(stage: Stage) -> Complaints:
    """The supervisor hears nothing: Cancelling with the reason until the lease ends, and fenced when it is back."""
    run_id = stage.trigger("sleep")
    wait_until(lambda: stage.oracle.ready_at(run_id) is not None, 30.0, "the body")
    [path] = (stage.cluster.data / "spool").glob(f"{run_id}.*.supervisor")
    supervisor = int(path.read_text().split()[0])
    everything = tree(supervisor, processes())
    os.kill(supervisor, signal.SIGSTOP)
    try:
        acked = stage.cancel(run_id)
        run = stage.run(run_id)
        found = [] if run.state == RunState.CANCELLING else [f"{run.state} right after the cancel"]
        found += [] if run.reason and "enough" in run.reason else [f"its reason is {run.reason}"]
        run = stage.wait_final(run_id, stage.lease + 2 * stage.sweep + 5.0)
        found += [] if run.state == RunState.CANCELLED else [f"ended as {run.state} ({run.reason})"]
        if time.time() < acked + stage.lease / 3:
            found.append("was given up before its lease had ended")
    finally:
        os.kill(supervisor, signal.SIGCONT)
    wait_until(lambda: not everything & set(processes().values()), stage.grace + 5.0, "the fenced tree to go")
    return found


def _zygote(stage: Stage) -> int:
    assert stage.cluster.worker is not None
    worker = stage.cluster.worker.pid
    return next(living.pid for living in processes().values() if living.parent == worker)


SPECIAL: dict[str, Callable[[Stage], Complaints]] = {
    "queued": queued,
    "before-start": before_start,
    "before-task-retry": before_task_retry,
    "before-run-retry": before_run_retry,
    "unreachable": unreachable,
}
"""Name -> the case; what it returns is wrong."""
