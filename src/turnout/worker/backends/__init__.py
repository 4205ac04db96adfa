"""Ways to execute an attempt. A backend knows processes or containers, never run states."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol


class Observation(NamedTuple):
    """What can be seen of a submitted attempt. `unknown` is not `gone`: nothing may be concluded from it."""

    state: Literal["alive", "gone", "unknown"]
    detail: str | None = None


class Backend(Protocol):
    """submit is idempotent by run and attempt: a second one of the same has no effect."""

    def submit(self, name: str, order: Mapping[str, Any]) -> str:
        """Start the attempt `<run>.<attempt>`; a reference for the other calls."""
        ...

    def observe(self, reference: str) -> Observation: ...
    def cancel(self, reference: str, grace: float) -> None:
        """Ask the attempt to stop; it ends within `grace` and a few seconds."""
        ...
