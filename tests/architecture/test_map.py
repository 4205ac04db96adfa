"""Who looks for something finds it: the map of the source is whole, and what is named as a string is there."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SOURCE, python_files, relative, strings

MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_FILES = 50
"""So many modules a folder may hold; one that grows beyond is several subjects, and wants to be grouped."""
PACKAGES = sorted(init.parent for init in SOURCE.rglob("__init__.py") if init.parent != SOURCE)
DOTTED = re.compile(r"(turnout(?:\.\w+)+)(?::(\w+))?")


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: str(folder.relative_to(SOURCE)))
def test_every_folder_is_on_the_map(folder: Path) -> None:
    name = folder.relative_to(SOURCE).as_posix()
    assert f"`{name}`" in MAP, f"docs/architecture.md lacks a line for {name}"


def test_the_map_names_what_there_is() -> None:
    named = {name for name in re.findall(r"`([\w/]+\.py)(?:::\w+)?`", MAP) if "/" in name}
    assert len(named) > 20
    assert [name for name in sorted(named) if not any((base / name).is_file() for base in (SOURCE, ROOT))] == []


@pytest.mark.parametrize("folder", [SOURCE, *PACKAGES], ids=lambda folder: folder.name)
def test_no_folder_is_a_heap(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_FILES


def test_an_init_of_the_engine_holds_no_code() -> None:
    for path in (SOURCE / "engine").rglob("__init__.py"):
        assert re.fullmatch(r'"""[^"]+"""\n', path.read_text(encoding="utf-8")), relative(path)


def test_every_module_named_in_a_string_is_there() -> None:
    found = [
        (f"{relative(path)}:{line}", named)
        for path in python_files()
        for line, text in strings(path)
        if (named := DOTTED.fullmatch(text)) and (SOURCE / named[1].split(".")[1]).is_dir()
    ]
    assert len(found) > 20
    assert [(where, named[0]) for where, named in found if not is_there(named[1], named[2])] == []


def is_there(module: str, attribute: str | None) -> bool:
    """Whether `module` can be imported and has `attribute`."""
    try:
        known = find_spec(module) is not None
    except ModuleNotFoundError:
        return False
    return known and (attribute is None or hasattr(import_module(module), attribute))
