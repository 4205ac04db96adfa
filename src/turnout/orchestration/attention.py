"""What needs a person: runs that failed, crashed, are late or stuck or ask, and pools without a worker, by cause.

A failure closes by itself when a later run of its deployment completes. What a person marked stays quiet until the
cause shows again (seen), or until the time that was named. Every question to the database is bounded: of more than
`LOOKED_AT` runs in a state, the newest are looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from turnout.core.errors import NotFound
from turnout.core.home import Cause, CauseKind, CauseRun, Mark
from turnout.core.previews import is_preview
from turnout.core.records import FlowRun, Namespace, Page, Principal, RunFilter
from turnout.core.states import ACTIVE, RunState
from turnout.core.values import replace
from turnout.orchestration.explain import explained
from turnout.orchestration.inventory import usual
from turnout.orchestration.places import pools
from turnout.orchestration.source import commit_trouble, source

if TYPE_CHECKING:
    from turnout.core.ports import Tx

KIND = "attention"
"""The kind of stored values that marks are; no flow and no client may set one itself."""
LOOKED_AT = 200
SHOWN_RUNS = 50
FAILED_FOR = timedelta(days=7)
"""Failures that nobody closed for so long need nobody any more."""
LATE = timedelta(minutes=5)
STARTING = timedelta(minutes=2)
STOPPING = timedelta(minutes=5)
LONG_TIMES = 3
"""A run is stuck when it takes so many times as long as usual, and LONG_LEAST."""
LONG_LEAST = timedelta(minutes=10)
WORDS = 240

Trouble = tuple[CauseKind, str, FlowRun, datetime]


def causes(tx: Tx, namespace: Namespace) -> list[Cause]:
    """Everything that needs attention, what shows the latest first; each with its mark, in force or not."""
    marks = {value.name: value for value in tx.values.all(namespace, KIND)}
    found = [*_grouped(_troubles(tx, namespace)), *_without_workers(tx, namespace), *_refused_commit(tx, namespace)]
    found.sort(key=lambda cause: (cause.latest, cause.id), reverse=True)

    def mark(cause: Cause) -> Mark | None:
        kept = marks.get(cause.id)
        if kept is None:
            return None
        until = kept.content.get("until")
        return Mark(by=kept.changed_by, at=kept.changed_at, until=datetime.fromisoformat(until) if until else None)

    return [replace(cause, mark=mark(cause)) for cause in found]


def is_quiet(cause: Cause, now: datetime) -> bool:
    """Whether its mark is in force."""
    if cause.mark is None:
        return False
    return cause.latest <= cause.mark.at if cause.mark.until is None else now < cause.mark.until


def set_mark(tx: Tx, namespace: Namespace, cause_id: str, until: datetime | None, by: Principal) -> None:
    """Say that a cause was seen, or is to be left until a time."""
    content = {"until": until.isoformat() if until else None}
    tx.values.put(namespace, KIND, cause_id, content, (), f"{by.kind}:{by.name}")


def remove_mark(tx: Tx, namespace: Namespace, cause_id: str) -> None:
    """Bring a cause back. Raises NotFound."""
    if not tx.values.remove(namespace, KIND, cause_id):
        raise NotFound("nobody has marked this")


def cause_id(kind: CauseKind, words: str) -> str:
    """The same for words that differ in their numbers, ids and addresses only."""
    plain = re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+", "#", words.lower())
    return hashlib.sha256(f"{kind} {plain}".encode()).hexdigest()[:16]


def _troubles(tx: Tx, namespace: Namespace) -> Iterator[Trouble]:
    yield from _failures(tx, namespace)
    yield from _late(tx, namespace)
    yield from _stuck(tx, namespace)


def _failures(tx: Tx, namespace: Namespace) -> Iterator[Trouble]:
    good = tx.runs.recent(namespace, 1, state=RunState.COMPLETED)
    closed = {name: bars[0].id for name, bars in good.items() if bars}
    for run in _runs(tx, namespace, RunState.FAILED, RunState.CRASHED):
        if run.state_at > tx.now - FAILED_FOR and run.id > closed.get(run.deployment or "", ""):
            kind: CauseKind = "failed" if run.state == RunState.FAILED else "crashed"
            yield kind, _first_line(run.reason) or "no reason was given", run, run.state_at


def _late(tx: Tx, namespace: Namespace) -> Iterator[Trouble]:
    heads = [
        head
        for head in tx.runs.heads(namespace.project)
        if head.environment == namespace.environment and head.due_at < tx.now - LATE
    ]
    waiting = [run for head in heads[:LOOKED_AT] if (run := tx.runs.get(head.id))]
    for run in explained(tx, waiting):
        yield "late", run.wait_reason or "it waits", run, run.due_at


def _stuck(tx: Tx, namespace: Namespace) -> Iterator[Trouble]:
    active = _runs(tx, namespace, *ACTIVE)
    # Few pages have a run that could be called long: only they ask how long runs take.
    long = any(run.state == RunState.RUNNING and tx.now - run.state_at > LONG_LEAST for run in active)
    takes = usual(tx, namespace) if long else {}
    for run in active:
        since, age = run.state_at, tx.now - run.state_at
        match run.state:
            case RunState.PAUSED:
                yield "asks", _first_line(run.reason) or "it waits for an answer", run, since
            case RunState.PENDING if age > STARTING:
                yield "stuck", "a worker took it and has not started it", run, since
            case RunState.CANCELLING if age > STOPPING:
                yield "stuck", "it was told to stop and has not", run, since
            case RunState.RUNNING if _too_long(run, age, takes.get(run.deployment or "")):
                yield "stuck", f"it takes more than {LONG_TIMES} times as long as usual", run, since


def _too_long(run: FlowRun, age: timedelta, takes: timedelta | None) -> bool:
    return takes is not None and age > max(LONG_LEAST, LONG_TIMES * takes)


def _without_workers(tx: Tx, namespace: Namespace) -> Iterator[Cause]:
    for pool in pools(tx, namespace):
        if pool.online or not pool.deployments:
            continue
        seen = tx.workers.last_seen(namespace.project, pool.name)
        what = "the last one is gone" if seen else "there was none yet"
        title = f"no worker of pool {pool.name} is running: {what}"
        yield Cause(
            id=cause_id("worker", title),
            kind="worker",
            title=title,
            deployments=pool.deployments,
            count=0,
            runs=(),
            since=seen or tx.now,
            latest=seen or tx.now,
            pool=pool.name,
        )


def _refused_commit(tx: Tx, namespace: Namespace) -> Iterator[Cause]:
    known = source(tx)
    title = None if known.report is None else commit_trouble(known.report)
    if known.report is None or known.at is None or title is None:
        return
    if known.report.project in (None, namespace.project) and not is_preview(namespace.environment):
        yield Cause(
            id=cause_id("source", title),
            kind="source",
            title=_first_line(title),
            deployments=(),
            count=0,
            runs=(),
            since=known.at,
            latest=known.at,
        )


def _grouped(troubles: Iterable[Trouble]) -> Iterator[Cause]:
    groups: dict[str, list[Trouble]] = {}
    for trouble in troubles:
        groups.setdefault(cause_id(trouble[0], trouble[1]), []).append(trouble)
    for found, members in groups.items():
        members.sort(key=lambda trouble: (trouble[3], trouble[2].id), reverse=True)
        kind, title, _, latest = members[0]
        names = (run.deployment or run.flow_name for _, _, run, _ in members)
        yield Cause(
            id=found,
            kind=kind,
            title=title,
            deployments=tuple(dict.fromkeys(names)),
            count=len(members),
            runs=tuple(_newest(members)),
            since=members[-1][3],
            latest=latest,
        )


def _newest(members: Iterable[Trouble]) -> Iterator[CauseRun]:
    """The first run of each deployment; every run that has none."""
    firsts: dict[str, CauseRun] = {}
    for _, _, run, at in members:
        firsts.setdefault(run.deployment or run.id, _shown(run, at))
    return islice(firsts.values(), SHOWN_RUNS)


def _shown(run: FlowRun, at: datetime) -> CauseRun:
    return CauseRun(
        id=run.id, name=run.name, deployment=run.deployment, state=run.state, state_name=run.state_name, at=at
    )


def _runs(tx: Tx, namespace: Namespace, *states: RunState) -> list[FlowRun]:
    where = RunFilter(project=namespace.project, environment=namespace.environment, states=tuple(sorted(states)))
    return tx.runs.search(where, Page(limit=LOOKED_AT))[0]


def _first_line(text: str | None) -> str:
    line = (text or "").strip().split("\n", 1)[0]
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"
