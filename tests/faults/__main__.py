"""`python -m tests.faults HARNESS [options]`: run a fault harness, a tier of them, or report what they found."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HARNESSES = {
    "sim": "the whole system in one thread on a virtual clock; a seed replays identically",
    "stateful": "random operations against a model, on both databases",
    "calendar": "schedules against a walk from minute to minute",
    "crash": "a crash or an error at every store call and system call",
    "power": "power losses: what was not synced is dropped or torn",
    "migration": "migrations killed between statements",
    "disk": "a disk that is full, and free again, under a server and a flow",
    "kill": "kill -9 of real processes: roles, pairs, all, PostgreSQL; SIGSTOP",
    "network": "connections cut, held, duplicated, reordered",
    "cancel": "cancel and timeouts against bodies that resist",
    "resume": "12 tasks killed after each side effect, then resumed: nothing is done twice without need",
    "restore": "backup under load, then restore",
    "schedule": "1 s schedules on several servers that are killed: the count is arithmetic",
    "soak": "many runs; restarts, outages and load under running flows",
    "planted": "bugs put in on purpose: each must be caught",
}
TIERS = {
    "ci": "every harness at reduced counts, in at most 15 minutes",
    "commit": "the smallest counts, in at most 5 minutes",
    "campaign": "the full counts in resumable pieces (--resume)",
    "report": "the table of counts: wanted, achieved, faults, seeds",
}


def main(arguments: list[str]) -> int:
    """Exit code: 0 without a fault, 1 with one, 2 for a command that cannot be."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(usage())
        return 0
    name, *rest = arguments
    signal.signal(signal.SIGTERM, _stop)
    try:
        if name in TIERS:
            return run_tier(name, rest)
        if name in HARNESSES:
            return run_harness(name, rest)
    except KeyboardInterrupt:
        return 143
    print(f"{usage()}\n\nerror: there is no harness '{name}'\n  fix: choose one of the above", file=sys.stderr)
    return 2


def _stop(*_: object) -> None:
    """What a harness started is stopped on the way out. Not by SystemExit: Hypothesis takes that for a failure of its
    example, tries it again, and calls the machine flaky (`FlakyStrategyDefinition`)."""
    raise KeyboardInterrupt


def usage() -> str:
    """What can be asked for."""
    lines = [f"  {name:<10} {what}" for name, what in (*HARNESSES.items(), *TIERS.items())]
    return "\n".join(["usage: ./dev faults HARNESS [options]; --help after a name lists its options", "", *lines])


def run_harness(name: str, arguments: list[str]) -> int:
    """Run, print and keep the outcomes."""
    harness = load(name)
    if harness is None:
        print(f"error: the harness '{name}' is not there yet\n  fix: choose one of tests/faults/", file=sys.stderr)
        return 2
    from tests.faults import results

    parser = argparse.ArgumentParser(prog=f"./dev faults {name}", description=(harness.__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="the file that outcomes are added to")
    parser.add_argument("--tier", default="hand", help=argparse.SUPPRESS)
    harness.add_arguments(parser)
    options = parser.parse_args(arguments)
    commit, command = results.this_commit(), shlex.join([name, *_without_plumbing(arguments)])
    outcomes = harness.run(options)
    results.append(
        options.results,
        (results.entry(outcome, tier=options.tier, command=command, commit=commit) for outcome in outcomes),
    )
    for outcome in outcomes:
        seed = "" if outcome.seed is None else f", seed {outcome.seed}"
        print(f"{outcome.row}: {outcome.count:,} in {outcome.seconds:.1f} s{seed}, {len(outcome.faults)} faults")
        for key, value in outcome.details.items():
            print(f"  {key}: {value}")
        for fault in outcome.faults:
            print(f"  FAULT {fault}")
    return int(any(outcome.faults for outcome in outcomes))


def run_tier(name: str, arguments: list[str]) -> int:
    """`ci`, `commit`, `campaign` or `report`."""
    from tests.faults import campaign, report

    parser = argparse.ArgumentParser(prog=f"./dev faults {name}", description=TIERS[name])
    if name == "report":
        report.add_arguments(parser)
        return report.main(parser.parse_args(arguments))
    if name == "campaign":
        campaign.add_arguments(parser)
        return campaign.campaign(parser.parse_args(arguments))
    campaign.add_tier_arguments(parser)
    return campaign.tier("ci" if name == "ci" else "commit", parser.parse_args(arguments))


def load(name: str) -> Any | None:
    """The module of a harness; None if it is not part of this tree."""
    try:
        return import_module(f"tests.faults.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"tests.faults.{name}":
            raise
        return None


def _without_plumbing(arguments: list[str]) -> list[str]:
    kept = list(arguments)
    for option in ("--results", "--tier"):
        if option in kept:
            at = kept.index(option)
            del kept[at : at + 2]
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
