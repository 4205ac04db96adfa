"""The words are part of the product: what can be set, typed or implemented is named in docs/, and no link is dead."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import typer

from tests.architecture.tree import ROOT, SOURCE, parsed, relative, tracked_files

DOCS = ROOT / "docs"
ADR = DOCS / "adr"


@cache
def documentation() -> str:
    """Every page below docs/, but for the decisions, which speak of the past."""
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md") if ADR not in path.parents)


def undocumented(names: Iterator[str]) -> list[str]:
    """Those of `names` that no page spells as code, alone or with something behind them."""
    return [name for name in names if not re.search(rf"`{re.escape(name)}(?![\w-])[^`\n]*`", documentation())]


@pytest.mark.skipif(not (SOURCE / "settings.py").exists() and not (SOURCE / "settings").exists(), reason="no settings")
def test_every_setting_is_documented() -> None:
    settings = import_module("turnout.settings").Settings
    assert undocumented(field.name for field in dataclasses.fields(settings)) == []


def test_every_command_is_documented() -> None:
    assert undocumented(command_names()) == []


def test_every_port_is_documented() -> None:
    names = [
        node.name
        for ports in (SOURCE / "core").glob("*ports.py")
        for node in parsed(ports).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("Protocol") for base in node.bases)
    ]
    assert names
    assert undocumented(iter(names)) == []


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{relative(page)} -> {target}"
        for page in tracked_files()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", target) and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not dead, dead


def test_decisions_are_numbered_in_a_row() -> None:
    numbers = [int(path.name[:4]) for path in sorted(ADR.glob("[0-9]*.md"))]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("page", sorted(ADR.glob("[0-9]*.md")), ids=lambda page: page.stem)
def test_a_decision_has_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    number = int(page.name[:4])
    assert text.startswith(f"# {number:04}. ")
    for part in ("Status:", "## Why", "## Decision", "## What follows"):
        assert part in text, part


def command_names() -> Iterator[str]:
    """`turnout runs ls` for every command that is there to be loaded."""
    if not (SOURCE / "cli" / "app.py").exists():
        return
    for name, (module, _) in import_module("turnout.cli.app").COMMANDS.items():
        if find_spec(module) is not None:
            yield from _spelled(f"turnout {name}", typer.main.get_command(import_module(module).app))


def _spelled(prefix: str, command: click.Command) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children:
        yield prefix
    for name, child in children.items():
        yield from _spelled(f"{prefix} {name}", child)
