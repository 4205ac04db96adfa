"""How every command module declares itself: plain help text, one set of completion options (the root's)."""

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
