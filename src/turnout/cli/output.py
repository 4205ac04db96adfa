"""What people and machines read: tables and sentences on stdout, talk and errors on stderr, JSON on request.

Colour only where a person looks (a terminal, NO_COLOR unset); everything is readable without it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from turnout.core.errors import TurnoutError
from turnout.core.states import RunState

STATE_STYLE: dict[RunState, tuple[str, str]] = {
    RunState.SCHEDULED: ("cyan", "◷"),
    RunState.PENDING: ("cyan", "◔"),
    RunState.RUNNING: ("blue", "▶"),
    RunState.PAUSED: ("magenta", "‖"),
    RunState.CANCELLING: ("yellow", "◌"),
    RunState.COMPLETED: ("green", "✓"),
    RunState.FAILED: ("red", "✗"),
    RunState.CRASHED: ("red", "⚡"),
    RunState.CANCELLED: ("yellow", "⊘"),
    RunState.SKIPPED: ("bright_black", "↷"),
}
"""The one place that gives a state its colour and sign on a terminal."""


def print_json(value: Any) -> None:
    """Records, or anything made of them, as JSON on stdout."""
    import msgspec  # loaded on use: `turnout --help` needs none of it

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def show(text: str) -> None:
    """A line of the result, with rich markup. Never broken: a link or a log line can be copied whole."""
    console().print(text, highlight=False, soft_wrap=True)


def say(text: str, *, whole: bool = False) -> None:
    """Talk: progress and hints, on stderr; wrapped between words on a terminal. whole: never broken, as for links."""
    console(stderr=True).print(text, highlight=False, soft_wrap=whole or not sys.stderr.isatty())


def print_error(error: TurnoutError) -> None:
    """What failed, where, how to mend it: one line each, on stderr."""
    _trouble(f"error: {error.what}", "red", where=error.where, fix=error.fix, indent="")


def print_warning(what: str, where: str | None, fix: str | None) -> None:
    """Something that works and is worth a look, on stderr."""
    _trouble(f"warning: {what}", "yellow", where=where, fix=fix, indent="  ")


def _trouble(what: str, colour: str, *, where: str | None, fix: str | None, indent: str) -> None:
    say(f"[{colour}]{escape(what)}[/{colour}]")
    for label, text in (("where", where), ("fix", fix)):
        if text:
            say(f"{indent}{label:>5}: {escape(text)}")


@contextmanager
def busy(doing: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr while something takes its time, where a person looks; yields the way to say what it does.

    doing: plain text, as is what the yielded function takes.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with console(stderr=True).status(escape(doing)) as status:
        yield lambda text: status.update(escape(text))


def console(*, stderr: bool = False) -> Any:
    """A rich console; without a terminal it is wide, so that pipes get whole lines."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 240, emoji=False)


def width() -> int | None:
    """The columns of the terminal on stdout; None without one."""
    return int(console().width) if sys.stdout.isatty() else None


def escape(text: str) -> str:
    """Text of unknown origin, made harmless: no markup, no control characters that move the cursor."""
    from rich.markup import escape as escape_markup

    return escape_markup("".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text))


def state_cell(state: RunState, name: str) -> str:
    """A state as sign and word in its colour."""
    colour, sign = STATE_STYLE[state]
    return f"[{colour}]{sign} {escape(name)}[/{colour}]"


def moment(at: datetime | None) -> str:
    """A time in the reader's zone, to the second; `-` for none."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "-"


def short_moment(at: datetime | None) -> str:
    """For a terminal's tables: today's times without the day, others without seconds. In full elsewhere."""
    if at is None or not sys.stdout.isatty():
        return moment(at)
    local = at.astimezone()
    return local.strftime("%H:%M:%S" if local.date() == datetime.now(local.tzinfo).date() else "%Y-%m-%d %H:%M")


def short_commit(commit: str | None) -> str:
    """A commit in ten digits, and whether there was more than the commit; `-` for none."""
    if not commit:
        return "-"
    digits, _, more = commit.partition("+")
    return escape(digits[:10] + (f"+{more.partition('.')[0]}" if more else ""))


def span(start: datetime | None, end: datetime | None) -> str:
    """How long something took, or has been running; `-` before it started."""
    if start is None:
        return "-"
    seconds = ((end or datetime.now(UTC)) - start).total_seconds()
    if seconds < 60:
        return f"{max(seconds, 0):.2f}s" if seconds < 10 else f"{seconds:.0f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"
