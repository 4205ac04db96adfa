"""Runs that wait for a person: what they ask, the answer, and what else they are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from turnout.core import events as ev
from turnout.core.errors import Conflict, ParameterError, TooLarge
from turnout.core.limits import PARAMETERS_BYTES
from turnout.core.records import FlowRun, Principal, Question
from turnout.core.states import FINAL, RunState
from turnout.orchestration.access import find_run
from turnout.orchestration.parameters import check_values
from turnout.orchestration.transition import apply

if TYPE_CHECKING:
    from turnout.core.ports import Tx

ANSWER = "answer:"
"""Keys of answers begin so; what is sent to a run has other keys."""
KEY_CHARACTERS = 200


def note_question(tx: Tx, run: FlowRun, extra: Mapping[str, Any]) -> None:
    """Remember what a run that has just been paused waits for, as its journal says it."""
    asked = extra.get("question")
    if run.state != RunState.PAUSED or not isinstance(asked, Mapping):
        return
    form = asked.get("form")
    tx.inputs.ask(
        run.id,
        Question(
            key=str(asked.get("key", ""))[:KEY_CHARACTERS],
            form=form if isinstance(form, Mapping) else None,
            description=_text(asked.get("description")),
            asked_at=tx.now,
            until=_until(tx.now, asked.get("timeout")),
        ),
    )


def question(tx: Tx, run_id: str) -> Question | None:
    """What a run waits for. Raises NotFound."""
    return tx.inputs.question(find_run(tx, run_id).id)


def answer(tx: Tx, run_id: str, by: Principal | str, value: Mapping[str, Any] | None = None) -> FlowRun:
    """Let a paused run go on: in its process, or in a new attempt that reuses completed steps.

    Raises NotFound; Conflict when it is not paused; ParameterError when the answer does not fit the form.
    """
    run = find_run(tx, run_id)
    asked = tx.inputs.question(run_id)
    if run.state != RunState.PAUSED or asked is None:
        raise Conflict(
            f"run {run.name} is not paused: it is {run.state_name}",
            where=f"run {run.id}",
            fix=f"look at it: turnout runs show {run.name}",
        )
    value = dict(value or {})
    _check(asked, value, f"run {run.name}")
    tx.inputs.put(run_id, ANSWER + asked.key, value, str(by))
    return apply(tx, run, ev.Resumed(due=tx.now, reason=f"resumed by {by}"), str(by))


def send(tx: Tx, run_id: str, key: str, value: Any, sender: str | None) -> bool:
    """Tell a run something; False if it was told under this key. Raises NotFound, Conflict for a run that is over,
    ParameterError for a key of answers, TooLarge."""
    run = find_run(tx, run_id)
    if run.state in FINAL:
        raise Conflict(f"run {run.name} is over: it hears nothing any more", where=f"run {run.id}")
    if not 0 < len(key) <= KEY_CHARACTERS or key.startswith(ANSWER):
        raise ParameterError(
            f"'{key[:40]}' is no key for an input",
            fix=f"give 1 to {KEY_CHARACTERS} characters; `{ANSWER}` is for answers to a pause",
        )
    _check_size(value, f"run {run.name}")
    told = tx.inputs.put(run_id, key, value, sender)
    tx.after_commit(f"run:{run_id}")
    return told


def _check(asked: Question, value: Mapping[str, Any], where: str) -> None:
    _check_size(value, where)
    if asked.form is None:
        if value:
            raise ParameterError("the run waits for a go-ahead and takes no input", where=where, fix="give none")
        return
    check_values(asked.form, value, where)


def _check_size(value: Any, where: str) -> None:
    size = len(json.dumps(value, default=str).encode())
    if size > PARAMETERS_BYTES:
        raise TooLarge(
            f"the input takes {size:,} bytes; at most {PARAMETERS_BYTES:,} are kept",
            where=where,
            fix="store the data in a file or table and pass its name",
        )


def _until(now: datetime, seconds: Any) -> datetime | None:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    return now + timedelta(seconds=min(max(float(seconds), 0.0), 10 * 365 * 86400.0))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:10_000]
