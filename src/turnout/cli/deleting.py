"""Deleting runs: how many match, whether it is meant, a portion at a time, and what came of it."""

import sys
from datetime import UTC, datetime, timedelta

import typer

from turnout.cli import output
from turnout.core.durations import parse_duration
from turnout.core.errors import ConfigurationError, ParameterError
from turnout.core.ports import AdminApi
from turnout.core.records import RunFilter
from turnout.core.views import BulkOutcome, Refusal
from turnout.worker import clock

WORD = "delete"
"""What is typed where a `y` is typed too easily."""
MANY = 20
"""More than these take the word."""
SHOWN = 20


def made_before(older_than: str | None) -> datetime:
    """Up to when runs were made that are meant: those that are made from now on never are. Raises ParameterError."""
    now = datetime.fromtimestamp(clock.now(), UTC)
    if older_than is None:
        return now
    try:
        return now - timedelta(seconds=parse_duration(older_than))
    except (ValueError, OverflowError):
        raise ParameterError(
            f"--older-than is no span of time: {older_than}", fix="write it like 30d, 12h or 90m"
        ) from None


def is_wanted(api: AdminApi, where: RunFilter, *, yes: bool) -> bool:
    """Whether there is something to delete, and somebody means it. Raises ConfigurationError where nobody can be
    asked; ends the command on a no."""
    found = api.count_runs(where, "delete")
    total = sum(found.states.values())
    if not total and found.complete:
        output.say("No run that is over matches.")
        return False
    states = ", ".join(f"{count:,} {state}" for state, count in found.states.items())
    number = f"{total:,}" if found.complete else f"{total:,} or more"
    output.say(f"{number} {'run is' if total == 1 and found.complete else 'runs are'} over and match: {states}")
    if not yes:
        _ask(total > MANY or not found.complete)
    return True


def delete_all(api: AdminApi, where: RunFilter) -> BulkOutcome:
    """All that match, a portion at a time: a kill in between leaves whole runs, and the rest for the next time."""
    done, after = 0, None
    refused: tuple[Refusal, ...] = ()
    with output.busy("deleting") as tell:
        while True:
            outcome = api.act_on_runs(where, "delete", after)
            done, refused, after = done + outcome.done, refused + outcome.refused, outcome.next
            if after is None:
                return BulkOutcome(done=done, refused=refused, next=None)
            tell(f"{done:,} deleted")


def print_outcome(outcome: BulkOutcome, *, as_json: bool) -> None:
    """How many are gone, and which were kept and why."""
    if as_json:
        output.print_json({"deleted": outcome.done, "kept": outcome.refused})
        return
    output.show(f"{outcome.done:,} {'run' if outcome.done == 1 else 'runs'} deleted")
    for refusal in outcome.refused[:SHOWN]:
        output.say(output.escape(f"kept: {refusal.name}: {refusal.why}"))
    if len(outcome.refused) > SHOWN:
        output.say(f"and {len(outcome.refused) - SHOWN:,} more were kept")


def _ask(many: bool) -> None:
    if not sys.stdin.isatty():
        raise ConfigurationError("nobody can be asked whether this is meant", fix="look at the number, then add --yes")
    if not many:
        typer.confirm("delete them for good?", abort=True, err=True)
    elif typer.prompt(f"type '{WORD}' to delete them for good", err=True) != WORD:
        raise typer.Abort
