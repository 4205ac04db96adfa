"""`turnout slots`: who holds the limits, and who waits."""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api
from turnout.core.records import LimitStatus

app = command_app()

NOTHING = "Nothing is limited: no deployment or pool has `concurrency`, and turnout.yaml has no `limits`."
_SHOWN = 3


@app.command()
def slots(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show who holds the limits, and who waits.

    Why a certain run waits: turnout runs show RUN.
    """
    with admin_api() as api:
        found = api.limits()
    if as_json:
        output.print_json(found)
        return
    layout.table(("LIMIT", "OF", "HELD", "RATE", "WAITING", "HOLDERS"), [_row(status) for status in found], NOTHING)


def _row(status: LimitStatus) -> list[str]:
    bound = "" if status.concurrency is None else f"/{status.concurrency}"
    rate = status.rate or "-"
    if status.next_at is not None:
        rate += f", next {output.short_moment(status.next_at)}"
    where = "" if status.environment == "production" else f" ({status.environment})"
    return [
        output.escape(status.name + where),
        {"limit": "project", "deployment": "deployment", "pool": "pool"}[status.kind],
        f"{status.held}{bound}" if bound else "-",
        rate,
        str(status.waiting) if status.waiting <= 1000 else "more than 1,000",
        output.escape(_holders(status)),
    ]


def _holders(status: LimitStatus) -> str:
    names = [f"{it.run_name}/{it.holder}" if it.holder else it.run_name for it in status.holders[:_SHOWN]]
    more = len(status.holders) - _SHOWN
    return ", ".join(names) + (f" and {more} more" if more > 0 else "") or "-"
