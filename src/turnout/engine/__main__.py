"""One attempt of a run under a worker: `execute(job)`, or `python -m turnout.engine JOBFILE`.

The spool is open before user code is imported, so that a file that does not import is a failed run with a traceback.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import traceback

from turnout.core.errors import ResumeRefused
from turnout.core.journal import FLOW_STREAM, spool_name
from turnout.engine.clock import now
from turnout.engine.connect import header_line
from turnout.engine.context.scopes import FlowScope, Root
from turnout.engine.definitions.load import load_entrypoint, search
from turnout.engine.futures import arguments
from turnout.engine.journal import entries
from turnout.engine.journal.spool import SpoolJournal
from turnout.engine.logs import handlers
from turnout.engine.results import restoring
from turnout.engine.reuse.checkpoints import Checkpoints
from turnout.engine.runners import thread_pool
from turnout.engine.runs import tracebacks
from turnout.engine.runs.failures import error_fact, tell
from turnout.engine.runs.tracebacks import summary, trim
from turnout.engine.states.state import State
from turnout.engine.stopping.control import Control
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any

    from turnout.engine.flow import Flow

COMPLETED, FAILED, CANCELLED = 0, 1, 130
PRELOADED = (traceback, arguments, handlers, restoring, thread_pool, tracebacks)
"""What a run loads sooner or later: imported here, where the zygote does it once for all runs."""


def execute(job: Mapping[str, Any]) -> int:
    """Run one attempt in this process, to its end; the exit code says how it went.

    `job`: a `core.jobs.Job` as JSON, with data_dir, bundle_dir, spool (a folder, or stream 0's file), control_fd,
    checkpoints (path or null), mask, env, and under a supervisor stop_flag (see `control`).
    """
    run = job["run"]
    os.environ.update(job.get("env") or {})
    root = _root(job, run)
    entrypoint = run["spec"]["entrypoint"]
    _stop_on_sigterm(root)
    try:
        _enter(job.get("bundle_dir"), entrypoint)
        flow = _under_policy(load_entrypoint(entrypoint), run["spec"].get("policy") or {})
        if root.checkpoints is not None:
            _check_flow(flow, run)
    except BaseException as error:
        return _fail_early(root, error)
    try:
        state = flow.run_in(root, job.get("parameters") or run["parameters"])
    except BaseException as error:
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return COMPLETED
        return _fail_early(root, error)
    if state.type == "cancelled":
        return CANCELLED
    return COMPLETED if state.type in ("completed", "paused") else FAILED


def _root(job: Mapping[str, Any], run: Mapping[str, Any]) -> Root:
    mask = tuple(job.get("mask") or ())
    attempt = int(run["attempt"])
    checkpoints = job.get("checkpoints")
    control = job.get("control_fd")
    root = Root(
        journal=None,  # type: ignore[arg-type]
        run_id=run["id"],
        attempt=attempt,
        name=run["name"],
        trigger=run["trigger"],
        deployment=run.get("deployment"),
        project=run.get("project"),
        environment=run.get("environment") or "production",
        data_dir=job.get("data_dir"),
        tags=tuple(run.get("tags") or ()),
        mask=mask,
        variables=job.get("variables") or {},
        connections=job.get("connections") or {},
        connection=run["spec"].get("connection"),
        checkpoints=Checkpoints(checkpoints) if checkpoints and os.path.exists(checkpoints) else None,
        digests=True,
        bundle=run["spec"].get("bundle"),
        due_at=run.get("due_at"),
        control=Control(control, job.get("stop_flag")) if control is not None else None,
    )
    spool = job["spool"]
    path = os.path.join(spool, spool_name(run["id"], attempt, FLOW_STREAM)) if os.path.isdir(spool) else spool
    header = header_line(
        run_id=run["id"], attempt=attempt, flow=run["flow_name"], name=run["name"], redact=root.redact,
        parameters=job.get("parameters") or run["parameters"], tags=root.tags, entrypoint=run["spec"]["entrypoint"],
        project=root.project, trigger=root.trigger,
    )  # fmt: skip
    root.journal = SpoolJournal(path, header)
    return root


def _enter(bundle_dir: str | None, entrypoint: str) -> None:
    """Work in the bundle, and import from it and from the flow's own folder."""
    if bundle_dir:
        os.chdir(bundle_dir)
    here = os.getcwd()
    for folder in (os.path.dirname(os.path.join(here, entrypoint.partition(":")[0])), here):
        search(folder)


def _check_flow(flow: Flow[Any, Any], run: Mapping[str, Any]) -> None:
    """A resumed run is of the flow that it was begun with. Raises ResumeRefused."""
    if flow.name != run["flow_name"]:
        raise ResumeRefused(
            f"the run cannot be resumed: it was begun as flow '{run['flow_name']}' and its code is now '{flow.name}'",
            where=run["spec"]["entrypoint"],
            fix="give the flow its old name, or trigger a new run",
        )


def _under_policy(flow: Flow[Any, Any], policy: Mapping[str, Any]) -> Flow[Any, Any]:
    """Where the manifest says how often or how long, it says it alone: server and supervisor see to it."""
    changes: dict[str, Any] = {}
    if policy.get("retries") or policy.get("own_retries") is False:
        changes["retries"] = 0
    if policy.get("timeout_seconds") is not None:
        changes["timeout_seconds"] = None
    return flow.copy_with(changes) if changes else flow


def _stop_on_sigterm(root: Root) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        if root.cancelled is not None:
            return  # once is enough; the supervisor's KILL comes after the grace
        root.cancelled = "cancelled on request"
        if not _cancel_main_coroutine():
            raise Interrupt

    signal.signal(signal.SIGTERM, stop)
    # A TERM in the instant before a blocking call waits for its end. Who stops a run sends this each second after it.
    signal.signal(signal.SIGURG, lambda *_: None)


def _cancel_main_coroutine() -> bool:
    """An async flow is stopped by cancelling its task; an exception out of a signal handler would break its loop."""
    asyncio = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio is not None else None
    if loop is None or asyncio is None:
        return False
    for task in asyncio.all_tasks(loop):
        if getattr(task.get_coro(), "__name__", "") == "run_awaiting":
            loop.call_soon_threadsafe(task.cancel)
            return True
    return False


def _fail_early(root: Root, error: BaseException) -> int:
    """User code did not import, or a parameter does not fit: the run failed before it began."""
    trim(error)
    scope = FlowScope(root, None, 0, "", root.name)
    cancelled = isinstance(error, Interrupt) and root.cancelled is not None
    state = State("cancelled" if cancelled else "failed", reason=root.cancelled if cancelled else summary(error))
    if not cancelled:
        tell(root, scope.name, error)
    scope.record(state, error=None if cancelled else error_fact(root, error))
    root.journal.close(entries.END_LINE.format(now()))
    return CANCELLED if cancelled else FAILED


def main() -> int:
    """`python -m turnout.engine JOBFILE`."""
    with open(sys.argv[1], "rb") as file:
        job = json.load(file)
    if hasattr(signal, "SIGUSR2"):
        faulthandler.register(signal.SIGUSR2, all_threads=True)  # the supervisor asks where a stuck task is
    code = execute(job)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing is left to cancel
    return code


if __name__ == "__main__":
    sys.exit(main())
