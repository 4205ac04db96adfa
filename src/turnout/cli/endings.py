"""`--for 2h` and `--until TIME`: when what a person changes on the server ends by itself."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from turnout.core.durations import parse_duration
from turnout.core.errors import ParameterError

For = Annotated[str | None, typer.Option("--for", metavar="SPAN", help="For how long, as in 2h or 3d.")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Until when, ISO 8601 with an offset.")]


def ending(span: str | None, until: str | None) -> datetime | None:
    """When it ends; None for never. Raises ParameterError."""
    if span is not None and until is not None:
        raise ParameterError("--for and --until both say when it ends", fix="give one of them")
    if until is not None:
        return moment("--until", until)
    if span is None:
        return None
    from turnout.store.clock import SystemClock  # loaded on use

    try:
        return SystemClock().now() + timedelta(seconds=parse_duration(span))
    except ValueError as error:
        raise ParameterError(f"--for: {error}", fix="write 90m, 2h or 3d") from None


def moment(option: str, text: str) -> datetime:
    """A time with an offset. Raises ParameterError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ParameterError(f"{option} '{text}' is no time", fix="write 2026-11-03T18:00:00-05:00") from None
    if found.tzinfo is None:
        raise ParameterError(f"{option} '{text}' has no offset", fix="write 2026-11-03T18:00:00-05:00")
    return found
