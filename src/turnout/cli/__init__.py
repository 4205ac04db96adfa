"""The command line: one module a command group, loaded when it is used.

Results go to stdout, talk goes to stderr; every read has `--json`; an error is one line of what, one of where, one of
how to mend it. Invariant: commands hold no rules; they call an `AdminApi`, `deploy`, or a composition root.
"""


def main() -> None:
    """Entry point of the `turnout` command."""
    from turnout.cli.app import run  # loaded on use: importing the package must stay free for the engine

    run()
