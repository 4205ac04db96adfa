"""Deployments that start once others have completed.

The rule: a deployment with `after` starts once every deployment it names completed since its own last automatic
start. A manual run neither waits for `after` nor counts as an automatic start. A failed upstream leaves it waiting.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from turnout.core.errors import ParameterError
from turnout.core.events import Skipped
from turnout.core.records import FlowRun, Namespace
from turnout.core.states import FINAL, RunState
from turnout.orchestration.creation import Followups, Wanted, insert, insert_unstarted

if TYPE_CHECKING:
    from turnout.core.ports import Tx
    from turnout.core.snapshot import DeploymentSpec

ACTOR = "system:after"


def start_dependents(tx: Tx, completed: FlowRun) -> Followups:
    """Make runs of the deployments that `completed` was the last to be waited for; the caller applies the events."""
    if completed.deployment is None:
        return []
    namespace = Namespace(project=completed.project, environment=completed.environment)
    followups: Followups = []
    for name in tx.projects.dependents(namespace, completed.deployment):
        followups += start_if_ready(tx, namespace, name, completed.deployment)
    return followups


def start_if_ready(tx: Tx, namespace: Namespace, name: str, just_completed: str | None = None) -> Followups:
    """Make a run of a deployment whose upstreams have all completed since its last automatic start; not while it is
    paused: then it is asked for once more when it goes on."""
    found = tx.projects.deployment(namespace, name)
    if found is None or not found[0].after or _paused(tx, namespace, name):
        return []
    since = tx.projects.last_automatic_start(namespace, name)
    others = [upstream for upstream in found[0].after if upstream != just_completed]
    if not all(_completed_since(tx, namespace, upstream, since) for upstream in others):
        return []
    tx.projects.set_last_automatic_start(namespace, name, tx.now)
    return _start(tx, namespace, found[0])


def waiting(tx: Tx, namespace: Namespace, name: str) -> str | None:
    """What a deployment with `after` waits for, in one sentence; None for a deployment without."""
    found = tx.projects.deployment(namespace, name)
    if found is None or not found[0].after:
        return None
    since = tx.projects.last_automatic_start(namespace, name)
    missing = [upstream for upstream in found[0].after if not _completed_since(tx, namespace, upstream, since)]
    return "; ".join(_reason(tx, namespace, upstream) for upstream in missing) or None


def _paused(tx: Tx, namespace: Namespace, name: str) -> bool:
    return any((pause.deployment, pause.schedule) == (name, None) for pause in tx.projects.pauses(namespace))


def _start(tx: Tx, namespace: Namespace, spec: DeploymentSpec) -> Followups:
    wanted = Wanted(namespace=namespace, deployment=spec.name, trigger="after", by=ACTOR)
    try:
        made = insert(tx, wanted)
    except ParameterError as error:
        # The upstream run did complete: that must be recorded whatever its dependents can make of it.
        run = insert_unstarted(tx, wanted)
        return [(run, Skipped(reason=f"its parameters do not fit: {error.what}"))] if run else []
    return made[1] if made else []


def _completed_since(tx: Tx, namespace: Namespace, upstream: str, since: datetime | None) -> bool:
    # By the time the completion was committed: the executor's own clock may be behind the last start.
    run = tx.runs.latest(namespace, upstream, RunState.COMPLETED)
    return run is not None and (since is None or run.state_at > since)


def _reason(tx: Tx, namespace: Namespace, upstream: str) -> str:
    latest = tx.runs.latest(namespace, upstream)
    if latest is None:
        return f"waits for '{upstream}', which has not run yet"
    if latest.state in FINAL and latest.state != RunState.COMPLETED:
        why = f": {latest.reason.splitlines()[0]}" if latest.reason else ""
        return f"waits for '{upstream}', whose run {latest.name} ended {latest.state_name.lower()}{why}"
    if latest.state == RunState.COMPLETED:
        return f"waits for the next completion of '{upstream}'"
    return f"waits for '{upstream}', whose run {latest.name} is {latest.state_name.lower()}"
