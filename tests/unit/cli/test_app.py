"""The command's overview, its completion, and what it costs."""

import os
import subprocess
import sys
from importlib import import_module

import pytest

from turnout.cli.app import COMMANDS

COSTLY = ("httpx", "pydantic", "starlette", "uvicorn", "duckdb", "msgspec", "yaml", "rich.table", "sqlite3")
GROUPS = ("runs", "deployments", "secret")


def turnout(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """`python -m turnout WORDS`, 80 columns wide."""
    return subprocess.run(
        [sys.executable, "-m", "turnout", *words],
        env={**os.environ, "COLUMNS": "80", **environ},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_overview_imports_nothing_costly() -> None:
    code = (
        "import sys; sys.argv = ['turnout', '--help']\n"
        "from turnout.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {COSTLY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert "Make a repository" in done.stdout
    assert done.stderr == "[]\n"


def test_the_overview_shows_whole_sentences() -> None:
    shown = turnout("--help").stdout
    for name, (_, sentence) in COMMANDS.items():
        assert f"  {name:<11}  {sentence}\n" in shown


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_shows_whole_sentences(group: str) -> None:
    listed = turnout(group, "--help").stdout.partition("Commands:")[2]
    assert listed.count(".\n") == len(listed.strip().splitlines())
    assert "..." not in listed


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    assert import_module(COMMANDS[name][0]).app


def complete(*words: str) -> list[str]:
    """What bash is offered for the last of `words`."""
    line = " ".join(("turnout", *words))
    environ = {"COMP_WORDS": line, "COMP_CWORD": str(len(words)), "_TURNOUT_COMPLETE": "complete_bash"}
    return turnout(**environ).stdout.split()


def test_completion_offers_the_commands() -> None:
    assert complete("") == list(COMMANDS)
    assert complete("re") == ["releases", "restore"]


def test_completion_offers_what_a_group_holds() -> None:
    assert complete("runs", "") == ["ls", "show", "logs", "cancel", "resume", "retry", "delete"]


def test_completion_offers_options() -> None:
    assert "--follow" in complete("runs", "logs", "--")


def test_a_command_that_is_not_there_is_a_usage_error() -> None:
    done = turnout("frobnicate")
    assert done.returncode == 2
    assert "No such command 'frobnicate'" in done.stderr
    assert done.stdout == ""


def test_the_version() -> None:
    from turnout._version import __version__

    assert turnout("--version").stdout == f"{__version__}\n"
