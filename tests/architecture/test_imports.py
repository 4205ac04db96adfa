"""What importing Turnout brings with it: a flow author pays for every module, on every start."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import SOURCE, parsed, python_files, relative

FORBIDDEN = (
    "asyncio",
    "dataclasses",
    "inspect",
    "msgspec",
    "pydantic",
    "sqlite3",
    "turnout.cli",
    "turnout.client",
    "turnout.server",
    "turnout.store",
)
STANDARD_LIBRARY_ONLY = ("core", "engine")
"""Packages whose module-level imports are Turnout or the standard library."""

needs_engine = pytest.mark.skipif(
    not (SOURCE / "engine" / "flow.py").exists() or not (SOURCE / "__init__.py").stat().st_size,
    reason="there is no engine yet",
)


def modules_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after `statement`, beyond those it starts with."""
    script = f"import sys; before = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before), sep='\\n')"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@needs_engine
@pytest.mark.parametrize(
    "statement",
    [
        "from turnout import flow, task, get_run_logger",
        "from turnout import flow, task\n@task\ndef a(): pass\n@flow\ndef b(): a()",
    ],
    ids=["import", "define"],
)
def test_a_flow_file_stays_light(statement: str) -> None:
    loaded = modules_after(statement)
    found = sorted(m for m in loaded for name in FORBIDDEN if m == name or m.startswith(f"{name}."))
    assert not found, f"a flow file now loads {found}"


@needs_engine
def test_a_flow_file_loads_no_third_party_module() -> None:
    foreign = {m.partition(".")[0] for m in modules_after("from turnout import flow, task, get_run_logger")}
    assert foreign - set(sys.stdlib_module_names) - {"turnout"} == set()


@needs_engine
def test_a_script_on_sqlite_loads_nothing_of_postgresql() -> None:
    loaded = modules_after("import turnout.local.ingest, turnout.store.commits, turnout.store.runs")
    assert not {m for m in loaded if m.startswith(("psycopg", "turnout.store.postgres"))}


@pytest.mark.parametrize("package", STANDARD_LIBRARY_ONLY)
def test_standard_library_only_at_import_time(package: str) -> None:
    allowed = {*sys.stdlib_module_names, "turnout", "__future__"}
    found = [
        f"{relative(path)}:{line} imports {name}"
        for path in python_files(SOURCE / package)
        for line, name in module_level_imports(path)
        if name.partition(".")[0] not in allowed
    ]
    assert not found, json.dumps(found, indent=2)


def test_every_name_is_imported_by_its_full_path() -> None:
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.level or any(alias.name == "*" for alias in node.names))
    ]
    assert not found, f"relative or star imports: {found}"


def module_level_imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of the imports that run when the file is imported: outside functions and TYPE_CHECKING."""
    todo: list[ast.stmt] = list(parsed(path).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
