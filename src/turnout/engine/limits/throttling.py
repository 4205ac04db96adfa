"""What a called API says when it is asked too often: 429, or 503 with Retry-After. Known by shape, not by library."""

from __future__ import annotations

from turnout.core.errors import MissingContext
from turnout.engine.clock import monotonic, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.limits.gates import Claim, Gate

_CHAIN = 5
"""So many causes of an error are looked at: libraries wrap what others raise."""


def asked_to_wait(error: BaseException | None) -> float | None:
    """Seconds that the API asks for; 0 if it refuses without a number, None if the error is no such refusal.

    Known: `error.response` with `status_code` and `headers` (httpx, requests), `error.code` or `error.status` with
    `error.headers` (urllib, aiohttp).
    """
    for _ in range(_CHAIN):
        if error is None:
            return None
        found = _refusal(error)
        if found is not None:
            return found
        error = error.__cause__
    return None


def seconds_of(retry_after: Any) -> float | None:
    """A Retry-After as seconds from now: a number, its text, or an HTTP date. None for what is neither."""
    try:
        seconds = float(retry_after)
    except (TypeError, ValueError):
        return _until(retry_after)
    return min(max(seconds, 0.0), 86400.0 * 365) if seconds == seconds else None


def throttled(retry_after: Any = None, name: str | None = None) -> None:
    """Tell that an API refused a call because it is asked too often: the limit of the task around this, or the limit
    `name`, slows down for everybody, and the task's next try waits at least `retry_after` (seconds, or an HTTP date).

    For libraries that raise no error with a status. Raises MissingContext without a limit around.
    """
    from turnout.engine.context.scopes import current
    from turnout.engine.limits.declared import gate_of

    seconds = seconds_of(retry_after) or 0.0
    claim = _held()
    if name is not None and (claim is None or claim.gate.name != name):
        gate = gate_of(name, current.get())
        if gate is not None:
            slow(gate, monotonic(), seconds)
        return
    if claim is None:
        raise MissingContext("throttled() needs a task with a limit around it", fix='give it @task(per="...")')
    claim.asked = max(claim.asked, seconds)
    slow(claim.gate, claim.at, seconds)


def slow(gate: Gate, began: float, seconds: float) -> str:
    """Slow a limit down because a call that began then was refused; says what was done."""
    gap = gate.pace.update(lambda pace: pace.refuse(monotonic(), began, seconds))
    asked = f"asks for {seconds:g} s" if seconds else "refuses"
    return f"the API {asked}: limit {gate.name} goes on at {1 / gap:.3g}/s"


def _refusal(error: BaseException) -> float | None:
    response: Any = getattr(error, "response", None)
    source = response if response is not None else error
    status = getattr(source, "status_code", None) or getattr(source, "code", None) or getattr(source, "status", None)
    if status not in (429, 503):
        return None
    headers: Any = getattr(source, "headers", None)
    given = None
    if hasattr(headers, "get"):
        given = headers.get("Retry-After") or headers.get("retry-after")
    seconds = None if given is None else seconds_of(given)
    return seconds if seconds is not None or status == 503 else 0.0


def _until(date: Any) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(parsedate_to_datetime(str(date)).timestamp() - now(), 0.0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _held() -> Claim | None:
    from turnout.engine.context.scopes import current

    scope: Any = current.get()
    while scope is not None:
        claim: Any = getattr(scope, "place", None)
        if claim is not None and claim.granted and not claim.over:
            return claim  # type: ignore[no-any-return]
        scope = scope.parent
    return None
