"""Hypothesis state machines: random operations against a model, the closed form, and database against database."""

from __future__ import annotations

import argparse
import contextlib
import time
import traceback
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test

from tests.faults.outcome import Outcome
from tests.postgres import find_binaries, start_cluster
from tests.stateful.test_limits import LimitsMachine
from tests.stateful.test_runs import RunsMachine
from tests.stateful.test_schedules import SchedulesMachine
from tests.stateful.test_stores import StoresMachine

MACHINES: dict[str, type[RuleBasedStateMachine]] = {
    "runs": RunsMachine,
    "limits": LimitsMachine,
    "schedules": SchedulesMachine,
    "stores": StoresMachine,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `stateful`."""
    parser.add_argument("--machine", choices=[*MACHINES, "all"], default="all")
    parser.add_argument("--examples", type=int, default=100, help="of each machine")
    parser.add_argument("--steps", type=int, default=50, help="of each example, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-postgresql", action="store_true", help="`stores` compares SQLite and the model alone")


def run(options: argparse.Namespace) -> list[Outcome]:
    """One outcome for the machines together: the row counts the examples of each."""
    began = time.monotonic()
    faults: list[str] = []
    details: dict[str, object] = {}
    StoresMachine.unanswered.clear()
    names = list(MACHINES) if options.machine == "all" else [options.machine]
    with contextlib.ExitStack() as stack:
        if "stores" in names and not options.no_postgresql:
            find_binaries()
            StoresMachine.postgres = stack.enter_context(start_cluster())
        for name in names:
            started = time.monotonic()
            error = failure(MACHINES[name], options.examples, options.steps, options.seed)
            details[name] = f"{options.examples} examples of {options.steps} steps, {time.monotonic() - started:.1f} s"
            if error is not None:
                print("".join(traceback.format_exception(error)))
                faults.append(f"{name}: {error!r}")
    StoresMachine.postgres = None
    details |= {"asked again for": f"{len(found)}, such as {found[0]}"} if (found := StoresMachine.unanswered) else {}
    return [
        Outcome(
            harness="stateful",
            row="stateful",
            count=options.examples if options.machine == "all" else 0,
            seconds=time.monotonic() - began,
            seed=options.seed,
            faults=tuple(faults),
            details=details,
        )
    ]


def failure(machine: type[RuleBasedStateMachine], examples: int, steps: int, seed: int) -> BaseException | None:
    """What a machine found, shrunk to the fewest steps; None for nothing."""
    try:
        checked(machine, examples, steps, seed, tuple(Phase))
    except Exception as error:
        return error
    return None


def examples(name: str, budget: int, steps: int, seed: int) -> Iterator[str]:
    """For each example of a machine what failed in it, up to the first that did; empty for nothing."""
    begun = 0

    class Counted(MACHINES[name]):  # type: ignore[misc]
        def __init__(self) -> None:
            nonlocal begun
            begun += 1
            super().__init__()

    failed = ""
    try:
        checked(Counted, budget, steps, seed, (Phase.generate,))
    except Exception as error:
        failed = f"{error!r}"
    yield from [""] * (begun - 1)
    yield failed


def checked(
    machine: type[RuleBasedStateMachine], examples: int, steps: int, seed: int, phases: tuple[Phase, ...]
) -> None:
    """Run a machine; raises what it finds."""
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    test: Any = get_state_machine_test(machine, settings=wanted)
    seeded(seed)(test)()


__all__ = ["MACHINES", "examples", "failure"]
