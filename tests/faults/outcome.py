"""What one harness saw: the form in which every campaign reports, prints and keeps its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`count` cases of one row of the table of counts; good when `faults`, one sentence each, is empty."""

    harness: str
    row: str
    count: int
    seconds: float
    seed: int | None = None
    faults: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
