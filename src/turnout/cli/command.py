"""How every command module declares itself: plain help text, one set of completion options (the root's)."""

import os
from typing import Annotated

import typer


def command_app(help_text: str | None = None) -> typer.Typer:
    """A Typer for one command, or, with `help_text`, for a group of commands."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=help_text is not None,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def _choose(environment: str | None) -> str | None:
    """From here on every setting is read for this environment."""
    if environment is not None:
        os.environ["TURNOUT_ENVIRONMENT"] = environment
    return environment


Env = Annotated[
    str | None,
    typer.Option(
        "--env", callback=_choose, is_eager=True, metavar="NAME", help="The environment; production if left out."
    ),
]
"""For commands that mean one environment of the manifest; `TURNOUT_ENVIRONMENT` says it for all of them."""
