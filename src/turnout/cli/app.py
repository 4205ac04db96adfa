"""The `turnout` command: a group that knows its commands by name and sentence, and loads one when it is called."""

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from turnout.cli.output import print_error
from turnout.core.errors import TurnoutError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("turnout.cli.init", "Make a repository: manifest, a flow, a SQL file, tests."),
    "ci": ("turnout.cli.ci", "Write what continuous integration needs."),
    "run": ("turnout.cli.run", "Run a flow here and now: FILE:FLOW -p name=value."),
    "up": ("turnout.cli.up", "Server, scheduler and worker, applied again on every save."),
    "check": ("turnout.cli.check", "Check the repository, offline."),
    "plan": ("turnout.cli.plan", "Show what apply would change on the server."),
    "apply": ("turnout.cli.apply", "Make the server equal this repository, all or nothing."),
    "trigger": ("turnout.cli.trigger", "Start a run of a deployment."),
    "runs": ("turnout.cli.runs", "List, show, follow, cancel, resume, retry and delete runs."),
    "events": ("turnout.cli.events", "List what flows told that happened."),
    "deployments": ("turnout.cli.deployments", "List, show, pause and resume what is in production."),
    "schedule": ("turnout.cli.schedule", "Pause a deployment's schedule, and let it go on."),
    "slots": ("turnout.cli.slots", "Show who holds the project's limits, and who waits."),
    "override": ("turnout.cli.override", "Let a value on the server hold instead of the repository's."),
    "drift": ("turnout.cli.drift", "List what was changed on the server and not in the repository."),
    "releases": ("turnout.cli.releases", "List what was applied, when and by whom."),
    "rollback": ("turnout.cli.rollback", "Go back to an earlier release: code, schedules, limits."),
    "preview": ("turnout.cli.preview", "Apply this branch beside production."),
    "follow": ("turnout.cli.follow", "Keep the server equal to a branch of a repository."),
    "workers": ("turnout.cli.workers", "List the workers and when they were last heard of."),
    "connections": ("turnout.cli.connections", "List the databases by name, and try one."),
    "secret": ("turnout.cli.secret", "Set, remove and list the secrets of this machine."),
    "server": ("turnout.cli.server", "Start the server."),
    "worker": ("turnout.cli.worker", "Start a worker for a pool."),
    "login": ("turnout.cli.login", "Print a one-time link that opens the server's pages."),
    "doctor": ("turnout.cli.doctor", "Check this installation, and every promise."),
    "backup": ("turnout.cli.backup", "Write the database to one file, while the server works."),
    "restore": ("turnout.cli.restore", "Put a backup in the place of the database."),
    "limits": ("turnout.cli.limits", "Show every limit of the system."),
}
"""Command -> (module with a Typer named `app`, its sentence in the overview)."""


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are used, so that `turnout --help` stays instant."""

    _names_only = False
    """Whether a shell asks for the commands' names: their sentences are enough, too."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        if self._names_only or self._only_overview():
            return _summary(cmd_name)
        module, _ = COMMANDS[cmd_name]
        command = typer.main.get_command(import_module(module).app)
        command.name = cmd_name
        return command

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        self._names_only = True
        return super().shell_complete(ctx, incomplete)

    @staticmethod
    def _only_overview() -> bool:
        """Whether the command is wanted for its sentence in the overview alone."""
        words = [word for word in sys.argv[1:] if not word.startswith("-")]
        return not words and "_TURNOUT_COMPLETE" not in os.environ


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    help="Turnout turns a git repository into a running data platform.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    """Turnout turns a git repository into a running data platform."""
    if version:
        from turnout._version import __version__

        typer.echo(__version__)
        raise typer.Exit


def run() -> None:
    """Run the command line; a `TurnoutError` becomes three readable lines and exit code 1."""
    try:
        app(prog_name="turnout")
    except TurnoutError as error:
        print_error(error)
        sys.exit(1)


def _summary(name: str) -> Any:
    overview = typer.Typer()
    overview.command(name, help=COMMANDS[name][1], short_help=COMMANDS[name][1])(lambda: None)
    return typer.main.get_command(overview)
