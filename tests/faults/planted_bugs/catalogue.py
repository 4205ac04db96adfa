"""The fifteen bugs, and who must catch each within how many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from tests.faults.planted_bugs import control, executing, hunts, storing

Cases = Callable[[int, int], Iterator[str]]
"""(seed, budget) -> for each case in turn what it caught, empty for nothing."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One planted bug. harness: what catches it; budget: in how many cases at most."""

    number: int
    name: str
    plant: Callable[[], AbstractContextManager[None]]
    harness: str
    cases: Cases
    budget: int
    unit: str = "seeds"


def _sim(level: hunts.Level) -> Cases:
    return partial(hunts.simulated, level)


BUGS = (
    Bug(
        number=1,
        name="no fence check",
        plant=control.no_fence,
        harness="sim, model",
        cases=_sim("model"),
        budget=200,
    ),
    Bug(
        number=2,
        name="no unique index of occurrences",
        plant=storing.no_occurrence_index,
        harness="sim, store",
        cases=_sim("store"),
        budget=300,
    ),
    Bug(
        number=3,
        name="watermark in a second transaction",
        plant=control.watermark_apart,
        harness="sim, model",
        cases=_sim("model"),
        budget=200,
    ),
    Bug(
        number=4,
        name="answer before COMMIT",
        plant=storing.answer_before_commit,
        harness="sim, store",
        cases=_sim("store"),
        budget=100,
    ),
    Bug(
        number=5,
        name="state written without version",
        plant=storing.no_version,
        harness="stateful, runs",
        cases=hunts.runs_machine,
        budget=200,
        unit="examples",
    ),
    Bug(
        number=6,
        name="error in the release of slots swallowed",
        plant=control.swallowed_release,
        harness="sim, model",
        cases=_sim("model"),
        budget=50,
    ),
    Bug(
        number=7,
        name="counter of slots instead of rows",
        plant=storing.counted_slots,
        harness="sim, store",
        cases=_sim("store"),
        budget=100,
    ),
    Bug(
        number=8,
        name="leases by the worker's clock",
        plant=control.workers_clock,
        harness="sim, model",
        cases=_sim("model"),
        budget=100,
    ),
    Bug(
        number=9,
        name="no grace after a start",
        plant=control.no_grace,
        harness="sim, model",
        cases=_sim("model"),
        budget=200,
    ),
    Bug(
        number=10,
        name="synchronous=NORMAL",
        plant=executing.synchronous_normal,
        harness="power",
        cases=hunts.power_losses,
        budget=300,
        unit="power losses",
    ),
    Bug(
        number=11,
        name="log lines acknowledged before the spool is synced",
        plant=executing.unsynced_spool,
        harness="power, spool",
        cases=hunts.spool_losses,
        budget=200,
        unit="power losses",
    ),
    Bug(
        number=12,
        name="cancel kills the flow's process alone",
        plant=executing.one_process,
        harness="cancel",
        cases=hunts.cancelled_bodies,
        budget=4,
        unit="bodies",
    ),
    Bug(
        number=13,
        name="lost runs looked for once, errors skipped",
        plant=control.fetched_once,
        harness="sim, model",
        cases=_sim("model"),
        budget=50,
    ),
    Bug(
        number=14,
        name="checkpoints reused by position alone",
        plant=executing.by_position,
        harness="mutated flows",
        cases=hunts.mutated_flows,
        budget=50,
        unit="flows",
    ),
    Bug(
        number=15,
        name="local times by plain arithmetic",
        plant=executing.plain_arithmetic,
        harness="calendar",
        cases=hunts.calendar_cases,
        budget=5000,
        unit="schedules",
    ),
)
