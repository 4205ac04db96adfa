"""Steps that an earlier attempt completed, and the digest that tells whether their inputs are the same."""

from __future__ import annotations

import hashlib
import json

from turnout.core.errors import ResultUnavailable
from turnout.engine.restoring import restore
from turnout.engine.results import NotStorable, typed_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MISSING: Any = object()
DIGEST_BYTES = 256_000
"""Arguments with more typed JSON than this are not compared, and their step runs again: reading a megabyte for each of
a thousand mapped tasks would cost more than most of them do."""


class Checkpoints:
    """Reusable results by step key, read from a file of one `core.jobs.Checkpoint` a line."""

    def __init__(self, path: str) -> None:
        self._steps: dict[str, tuple[int, str, Any]] = {}
        with open(path, "rb") as file:
            for line in file:
                step = json.loads(line)
                if step["inputs"] is not None and "inline" in step["result"]:
                    self._steps[step["key"]] = (step["attempt"], step["inputs"], step["result"]["inline"])

    def find(self, key: str, inputs: str | None) -> tuple[int, Any]:
        """(attempt, value) of the step `key` with these inputs; the value is MISSING if there is none."""
        attempt, recorded, result = self._steps.get(key, (0, None, None))
        if inputs is None or recorded != inputs:
            return 0, MISSING
        try:
            return attempt, restore(result)
        except ResultUnavailable:  # its class is gone: run the step again
            return 0, MISSING


def inputs_digest(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """SHA-256 of the typed JSON of a call's arguments; None if they have none, and then the step is not reused."""
    try:
        return hashlib.sha256(typed_json([args, kwargs], DIGEST_BYTES).encode()).hexdigest()
    except NotStorable:
        return None
