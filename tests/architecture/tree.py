"""The repository as these tests see it: its files, and what a Python file refers to."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "turnout"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks, or would: a rule that only sees committed files closes the gate a commit too late."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


@cache
def python_files(folder: Path = SOURCE) -> tuple[Path, ...]:
    """The Python files under `folder`, in order."""
    return tuple(sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def relative(path: Path) -> str:
    """The path below the repository's root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def dotted_names(path: Path) -> Iterator[tuple[int, str]]:
    """(line, full name) of everything imported or reached through an import: `time.sleep`, `datetime.datetime.now`."""
    known = dict(_imports(path))
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Attribute) and (name := _spell(node, known)):
            yield node.lineno, name


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string in a file, docstrings included, the parts of an f-string one by one."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                yield local, alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _spell(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _spell(node.value, known)
        return f"{owner}.{node.attr}" if owner else None
    return None
