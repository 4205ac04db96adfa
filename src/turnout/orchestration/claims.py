"""The executor's side of a run's life: register, claim, heartbeat, report.

A claim repeats its answer when its key is repeated: the same runs with the same tokens, and none besides. Only hashes
of tokens are stored, so a token is made from the claim and from what the worker proves itself by: it can be made again.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Literal

from turnout.core import events as ev
from turnout.core.errors import Conflict, TurnoutError
from turnout.core.jobs import Checkpoint, Heartbeat, Job
from turnout.core.limits import LEASE_SECONDS
from turnout.core.ports import Tx
from turnout.core.queueing import Head, Limit, Occupied
from turnout.core.records import FlowRun, Principal, Turn, Worker
from turnout.core.states import RunState
from turnout.core.tokens import run_token_hash
from turnout.orchestration.access import check_attempt, executor_run, fenced, holds
from turnout.orchestration.jobs import build_job
from turnout.orchestration.queue import bounds_of, startable
from turnout.orchestration.slots import take_for_run
from turnout.orchestration.transition import Lease, apply

for _made_by_the_hundred in (Head, Limit, Occupied):
    fields(_made_by_the_hundred)  # compiles them (see core/values.py): each claim makes one of every lane and limit

PAST_SESSIONS = 8
"""How many earlier sessions of a worker are known again."""

Mint = Callable[[str], str]
"""The run token, `tn_run_` and 43 characters, for a text that names the claim and the run: the same for the same text
and credential, and not to be guessed without that."""


def register(
    tx: Tx,
    principal: Principal,
    *,
    worker_id: str,
    name: str,
    project: str,
    pool: str,
    capacity: int,
    version: str,
    holding: Iterable[tuple[str, int]],
    lease_seconds: float = LEASE_SECONDS,
    session: str = "",
) -> list[FlowRun]:
    """Note a worker, and release the runs that it was given but never started; returns those.

    holding: the (run, attempt) pairs that have a spool or a process there. lease_seconds: what it is told; the worker
    is shown as offline once it was silent for so long. session: see `WorkApi.register`; empty for a worker of an older
    Turnout. Raises Conflict for a copy that comes too late: what it tells of is no longer so.
    """
    turn = _opened(tx.workers.turn(worker_id), session)
    known = tx.workers.get(worker_id)
    tx.workers.put(
        Worker(
            id=worker_id,
            name=name,
            pool=pool,
            project=project,
            version=version,
            capacity=capacity,
            started_at=known.started_at if known else tx.now,
            seen_at=tx.now,
            lease_seconds=lease_seconds,
        )
    )
    tx.workers.put_turn(worker_id, turn)
    held = set(holding)
    reason = f"worker {name} registered again and had never started it"
    return [
        apply(tx, run, ev.Released(reason=reason), str(principal))
        for run in tx.runs.held_by(worker_id)
        if run.state == RunState.PENDING and (run.id, run.attempt) not in held
    ]


def claim(
    tx: Tx,
    principal: Principal,
    *,
    worker_id: str,
    key: str,
    slots: int,
    lease_seconds: float,
    mint: Mint,
    session: str = "",
    number: int = 0,
) -> list[Job]:
    """Up to `slots` due runs of the worker's pool, each `pending` under a lease and a new run token; none for a copy of
    a claim that comes after a newer one, because nobody waits for its answer.

    A run that cannot be executed (a variable, secret or connection is gone) is failed here with that reason.
    Raises Conflict for a worker that has not registered, or has registered anew since.
    """
    worker = tx.workers.get(worker_id)
    if worker is None:
        raise Conflict(f"worker {worker_id} is not registered", fix="register, then claim")
    if not _is_its_turn(tx, worker_id, session, number):
        return []
    tx.workers.seen(worker_id)
    until = tx.now + timedelta(seconds=lease_seconds)
    again = _answered(tx, principal, worker, key, until, lease_seconds, mint)
    if again:
        return again
    wanted = min(slots, worker.capacity - tx.runs.count_held(worker.id))
    if wanted <= 0:
        return []
    bounds = bounds_of(tx, worker.project)
    jobs = []
    for run in startable(tx, worker.project, worker.pool, wanted, bounds):
        take_for_run(tx, bounds, run)
        jobs.append(
            _take(tx, principal, run, worker, key, until, lease_seconds, mint(_named(key, run, run.version + 1)))
        )
    return [job for job in jobs if job is not None]


def answered_with_nothing(tx: Tx, worker_id: str, session: str, number: int) -> None:
    """A claim's time was up: a copy of it that comes later gets nothing either."""
    last = tx.workers.turn(worker_id)
    if session and session == last.session and number == last.number:
        tx.workers.put_turn(worker_id, Turn(session=session, number=number + 1, past=last.past))


def heartbeat(tx: Tx, principal: Principal, run_id: str, attempt: int, lease_seconds: float) -> Heartbeat:
    """Renew the lease; the answer carries `cancel` once the run is to stop. Raises NotFound, Forbidden, Fenced."""
    run = executor_run(tx, principal, run_id)
    check_attempt(principal, run, attempt)
    if not holds(run, attempt) or not tx.runs.renew(run_id, attempt, tx.now + timedelta(seconds=lease_seconds)):
        raise fenced(run, attempt)
    if run.state == RunState.CANCELLING:
        return Heartbeat(lease_seconds=lease_seconds, command="cancel", reason=run.reason)
    return Heartbeat(lease_seconds=lease_seconds)


def report(
    tx: Tx,
    principal: Principal,
    run_id: str,
    attempt: int,
    event: Literal["lost", "cancelled", "failed"],
    reason: str,
) -> FlowRun:
    """The end of an attempt as its supervisor or worker saw it. Says nothing new about an attempt that is over.
    Raises NotFound, Forbidden; Fenced for a run token whose attempt was superseded."""
    run = executor_run(tx, principal, run_id)
    if principal.kind == "run":
        check_attempt(principal, run, attempt)
    if not holds(run, attempt):
        return run
    events: dict[str, ev.RunEvent] = {
        "lost": ev.Lost(reason=reason),
        "cancelled": ev.Cancelled(reason=run.reason if run.state == RunState.CANCELLING else reason),
        "failed": ev.Failed(reason=reason, name="TimedOut"),
    }
    return apply(tx, run, events[event], str(principal))


def checkpoints(tx: Tx, principal: Principal, run_id: str, attempt: int) -> list[Checkpoint]:
    """Completed steps of the attempts before `attempt`, the newest of each key. Raises NotFound, Forbidden; Fenced for
    a run token whose attempt was superseded."""
    run = executor_run(tx, principal, run_id)
    if principal.kind == "run":
        check_attempt(principal, run, attempt)
    return list(tx.journal.checkpoints(run_id, attempt))


def _opened(last: Turn, session: str) -> Turn:
    """The turn after a registration."""
    if session in last.past or (session and session == last.session and last.number > 0):
        raise Conflict("this registration is older than what the worker asked since", fix="register anew")
    if session == last.session:
        return last
    return Turn(session=session, past=(*last.past, last.session)[-PAST_SESSIONS:] if last.session else last.past)


def _is_its_turn(tx: Tx, worker_id: str, session: str, number: int) -> bool:
    """Whether no newer claim of the worker was seen; remembers this one."""
    if not session:
        return True
    last = tx.workers.turn(worker_id)
    if session != last.session:
        raise Conflict(f"worker {worker_id} has registered anew since", fix="register, then claim")
    if number > last.number:
        tx.workers.put_turn(worker_id, Turn(session=session, number=number, past=last.past))
    return number >= last.number


def _answered(
    tx: Tx, principal: Principal, worker: Worker, key: str, until: datetime, lease_seconds: float, mint: Mint
) -> list[Job]:
    """What the key got before. A run whose token cannot be made again is released: nobody holds that token."""
    jobs = []
    for run in tx.runs.claimed_with(key):
        if run.worker != worker.id:  # a key is only its worker's: another one's runs are under way
            continue
        token = mint(_named(key, run, run.version))
        holder = tx.runs.token_holder(run_token_hash(token))
        if holder is None or holder[1] != run.attempt:
            apply(tx, run, ev.Released(reason="the answer to its claim was lost"), str(principal))
            continue
        tx.runs.renew(run.id, run.attempt, until)
        jobs.append(_job(tx, principal, run, token, lease_seconds))
    return [job for job in jobs if job is not None]


def _named(key: str, run: FlowRun, version: int) -> str:
    """version: the run's, once it is claimed."""
    return f"{key}/{run.id}/{run.attempt}/{version}"


def _take(
    tx: Tx,
    principal: Principal,
    run: FlowRun,
    worker: Worker,
    key: str,
    until: datetime,
    lease_seconds: float,
    token: str,
) -> Job | None:
    lease = Lease(until=until, key=key, token_hash=run_token_hash(token))
    claimed = apply(tx, run, ev.Claimed(worker=worker.id), str(principal), lease=lease)
    return _job(tx, principal, claimed, token, lease_seconds)


def _job(tx: Tx, principal: Principal, run: FlowRun, token: str, lease_seconds: float) -> Job | None:
    try:
        return build_job(tx, run, token, lease_seconds)
    except TurnoutError as error:
        apply(tx, run, ev.Failed(reason=_one_line(error)), str(principal))
        return None


def _one_line(error: TurnoutError) -> str:
    return f"{error.what}; {error.fix}" if error.fix else error.what
