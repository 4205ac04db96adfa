"""What earlier supervisors left: their journals are shipped, their runs reported, their processes ended."""

import contextlib
import json
import logging
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from turnout.core import errors
from turnout.core.journal import FLOW_STREAM, PROTOCOL
from turnout.core.ports import WorkApi
from turnout.worker import clock, process_tree
from turnout.worker.shipping import Shipper
from turnout.worker.spool_files import AttemptFiles, is_locked, jobs_in, try_lock

log = logging.getLogger("turnout.worker")

Drained = Literal["alive", "busy", "done", "refused"]

KILL_SECONDS = 5.0


class Survey(NamedTuple):
    """The attempts in a spool folder. alive: supervised; dead: the flow began, nobody is left; unstarted: it never
    did, so it can be given back."""

    alive: list[AttemptFiles]
    dead: list[AttemptFiles]
    unstarted: list[AttemptFiles]


def survey(mine: list[AttemptFiles]) -> Survey:
    """What became of these attempts."""
    found = Survey([], [], [])
    for files in mine:
        if is_locked(files.supervisor):
            found.alive.append(files)
        elif files.stream(FLOW_STREAM).exists():
            found.dead.append(files)
        else:
            found.unstarted.append(files)
    return found


def attempts_of(spool_jobs: list[AttemptFiles], worker_ids: set[str]) -> list[AttemptFiles]:
    """Those whose `.job` names one of these workers. A `.job` that cannot be read belongs to nobody."""
    return [files for files in spool_jobs if read_job(files).get("worker_id") in worker_ids]


def read_job(files: AttemptFiles) -> Mapping[str, Any]:
    """The `.job` file, {} if it is gone or damaged."""
    try:
        found = json.loads(files.job.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def give_back(files: AttemptFiles) -> bool:
    """Forget an attempt that never started; False if a supervisor has it after all."""
    lock = try_lock(files.supervisor, create=True)
    if lock is None:
        return False
    try:
        if files.stream(FLOW_STREAM).exists():
            return False
        files.delete()
        return True
    finally:
        os.close(lock)


def refuse(files: AttemptFiles, job: Mapping[str, Any], reason: str) -> None:
    """Write the journal of an attempt that fails before its flow can start; a drain ships it like any other."""
    run, at = job["run"], clock.now()
    header = {
        "protocol": PROTOCOL,
        "run": files.run_id,
        "attempt": files.attempt,
        "stream": FLOW_STREAM,
        "pid": os.getpid(),
        "flow": run["flow_name"],
        "run_name": run["name"],
        "at": at,
        "parameters": run["parameters"],
        "tags": run["tags"],
        "entrypoint": run["spec"]["entrypoint"],
        "project": run["project"],
        "trigger": run["trigger"],
    }
    entries = [
        header,
        ["l", 0, at, 40, "turnout.worker", reason],
        ["s", 0, "failed", at, {"reason": reason}],
        ["e", at],
    ]
    files.stream(FLOW_STREAM).write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def living_roots(spool: Path, *, besides: AttemptFiles) -> set[int]:
    """Processes whose descendants are in good hands: this worker, and every other supervisor that lives."""
    others = (files for files in jobs_in(spool) if files.name != besides.name and is_locked(files.supervisor))
    leaders = (process_tree.read_leader(files.supervisor) for files in others)
    return {os.getpid(), *(leader.pid for leader in leaders if leader is not None)}


def drain(files: AttemptFiles, api: WorkApi, reason: str, *, sleep: Callable[[float], None] = clock.sleep) -> Drained:
    """Ship and account for an attempt without a supervisor, then delete its files.

    alive: a supervisor has it. busy: a process of it does not die yet. refused: the server does not want it; its
    files are kept aside. Raises ServerUnreachable, with everything left as it was.
    """
    lock = try_lock(files.supervisor, create=True)
    if lock is None:
        return "alive"
    try:
        if not files.job.exists():
            files.supervisor.unlink(missing_ok=True)
            return "done"
        if not _end_processes(files, sleep):
            return "busy"
        return _account(files, api, reason)
    finally:
        os.close(lock)


def _account(files: AttemptFiles, api: WorkApi, reason: str) -> Drained:
    shipper = Shipper(files, api)
    try:
        shipper.ship_all()
        if shipper.outcome is None:
            with contextlib.suppress(errors.Conflict):  # the attempt is over already
                api.report(files.run_id, files.attempt, "lost", reason)
    except errors.Unauthorized:
        raise  # the worker's own token: not this run's fault
    except (errors.Forbidden, errors.NotFound, errors.Conflict, errors.ParameterError) as error:
        log.warning("the server refuses what is left of run %s: %s; kept in %s", files.name, error, _put_aside(files))
        return "refused"
    finally:
        shipper.close()
    files.delete()
    return "done"


def _end_processes(files: AttemptFiles, sleep: Callable[[float], None]) -> bool:
    """Kill what is left of the attempt; whether nothing is."""
    leader = process_tree.read_leader(files.supervisor)
    worker_id = str(read_job(files).get("worker_id"))
    for _ in range(int(KILL_SECONDS / 0.05)):
        roots = living_roots(files.spool, besides=files)
        left = process_tree.marked(files.name) + process_tree.strays(worker_id, roots)
        if leader is not None:
            left += process_tree.of_session(leader)
        if not left and not any(is_locked(files.stream(number)) for number in files.streams()):
            return True
        process_tree.send(left, signal.SIGKILL)
        sleep(0.05)
    return False


def _put_aside(files: AttemptFiles) -> str:
    aside = files.spool / "refused"
    aside.mkdir(exist_ok=True, mode=0o700)
    for path in [files.job, *(files.stream(number) for number in files.streams())]:
        if path.exists():
            os.replace(path, aside / path.name)
    files.delete()
    return str(aside)
