"""`concurrency` and `rate_limit`: a limit around some lines of code, in flows, in tasks and outside of both."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager

from turnout.core.errors import LimitTimeout, LimitUnavailable, ParameterError
from turnout.engine.clock import monotonic
from turnout.engine.context.scopes import current
from turnout.engine.limits.declared import gate_of, undeclared
from turnout.engine.limits.limiting import leave_with_flow
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterator
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.limits.gates import Claim

RETRY_SECONDS = 1.0
"""What one of `max_retries` is worth: places are waited for, not asked for again and again."""


class _Wish:
    """The places that one call needs, asked for one after the other, by name, so that no two callers have half each."""

    def __init__(
        self, names: str | list[str], occupy: int, timeout: float | None, retries: int | None, strict: bool
    ) -> None:
        self._names = sorted({names} if isinstance(names, str) else set(names))
        if type(occupy) is not int or occupy < 1:
            raise ParameterError(f"occupy is {occupy!r}", fix="give a whole number from 1")
        self._occupy = occupy
        limits = [each for each in (timeout, None if retries is None else retries * RETRY_SECONDS) if each is not None]
        self._seconds = min(limits, default=None)
        self._end = None if self._seconds is None else monotonic() + self._seconds
        self._strict = strict
        self._scope = current.get()
        self._taken: list[Claim] = []

    def claims(self, rated: bool) -> Iterator[Claim]:
        """To be waited for one by one; `check` each then."""
        for name in self._names:
            gate = gate_of(name, self._scope)
            if gate is None:
                self._unknown(name)
                continue
            if rated and not gate.rated:
                raise LimitUnavailable(f"limit '{name}' has no rate", fix="declare rate: 10/s, or use concurrency()")
            claim = gate.ask(self._occupy, self._scope.key or "flow" if self._scope is not None else "", self._scope)
            self._taken.append(claim)
            if self._scope is not None:
                leave_with_flow(self._scope, claim)
            yield claim

    def left(self) -> float | None:
        """Seconds until nobody waits any more."""
        ends = [end for end in (self._end, self._scope.ends if self._scope is not None else None) if end is not None]
        return max(min(ends) - monotonic(), 0.0) if ends else None

    def check(self, claim: Claim) -> None:
        """Raise what went wrong with the wait."""
        if isinstance(claim.error, LimitUnavailable):
            self._unknown(claim.gate.name)
        elif claim.error is not None:
            raise claim.error
        elif claim.granted:
            return
        elif claim.done():
            raise Interrupt  # the flow around it has ended badly
        elif self._end is not None and monotonic() >= self._end:
            raise LimitTimeout(
                f"limit '{claim.gate.name}' had no place within {self._seconds:g} s: {claim.gate.said()}",
                fix="raise the limit, or timeout_seconds",
            )
        else:
            raise Interrupt  # the time of a run around is over

    def release(self) -> None:
        """Give everything back."""
        for claim in reversed(self._taken):
            claim.release()

    def _unknown(self, name: str) -> None:
        error = undeclared(name)
        if self._strict:
            raise error
        _warn(self._scope, f"{error.what}, so nothing is limited: {error.fix}")


@contextmanager
def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: Any = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> Generator[None, None, None]:
    """Around code: hold `occupy` of each of the limits `names`, waiting for them.

    Raises LimitTimeout after `timeout_seconds` (or `max_retries` seconds). A limit that nobody declared limits nothing,
    with a warning; `strict`: LimitUnavailable. A place ends with its holder, so `lease_duration`, `holder` and
    `raise_on_lease_renewal_failure` change nothing.
    """
    wish = _Wish(names, occupy, timeout_seconds, max_retries, strict)
    try:
        for claim in wish.claims(rated=False):
            _wait(wish, claim)
        yield
    finally:
        wish.release()


@asynccontextmanager
async def concurrency_async(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: Any = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> AsyncGenerator[None, None]:
    """`concurrency` for `async with`."""
    wish = _Wish(names, occupy, timeout_seconds, max_retries, strict)
    try:
        for claim in wish.claims(rated=False):
            await _await(wish, claim)
        yield
    finally:
        wish.release()


def rate_limit(
    names: str | list[str], occupy: int = 1, timeout_seconds: float | None = None, strict: bool = False
) -> None:
    """Wait until each of the limits `names`, which have a rate, lets `occupy` more calls through. Raises LimitTimeout
    after `timeout_seconds`, and LimitUnavailable for a limit without a rate, or, if `strict`, that nobody declared."""
    wish = _Wish(names, occupy, timeout_seconds, None, strict)
    try:
        for claim in wish.claims(rated=True):
            _wait(wish, claim)
    finally:
        wish.release()


async def rate_limit_async(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    strict: bool = False,
) -> None:
    """`rate_limit`, awaited."""
    wish = _Wish(names, occupy, timeout_seconds, None, strict)
    try:
        for claim in wish.claims(rated=True):
            await _await(wish, claim)
    finally:
        wish.release()


def _wait(wish: _Wish, claim: Claim) -> None:
    claim.block(wish.left())
    wish.check(claim)


async def _await(wish: _Wish, claim: Claim) -> None:
    from turnout.engine.runners.loops import until

    await until(claim, wish.left())
    wish.check(claim)


def _warn(scope: Scope | None, said: str) -> None:
    if scope is not None:
        from turnout.engine.runs.failures import report

        report(scope, said, None)
        return
    import logging

    logging.getLogger("turnout").warning(said)
