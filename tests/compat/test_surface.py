"""Every name that moved code imports is there, with the same parameters and defaults."""

import ast
from pathlib import Path

import pytest

from tests.compat.pending import DIFFERENT, PENDING
from tests.compat.surface import SURFACE, parameters, problems
from turnout.engine import flow as flow_module
from turnout.engine import task as task_module


def listed(table: dict[str, str], module: str) -> set[str]:
    return {key.partition(":")[2] for key in table if key.partition(":")[0] == module}


@pytest.mark.parametrize("module", sorted(SURFACE))
def test_names_and_parameters(module: str) -> None:
    found = problems(module)
    late, meant = listed(PENDING, module), listed(DIFFERENT, module)
    wrong = {name: problem for name, problem in found.items() if name not in late | meant}
    assert not wrong, wrong
    arrived = late - set(found)
    assert not arrived, f"these have arrived: take them from PENDING: {sorted(arrived)}"
    assert meant <= set(found), f"these are as they are in Prefect: take them from DIFFERENT: {meant - set(found)}"


def test_what_is_pending_or_different_is_on_the_surface() -> None:
    for key in (*PENDING, *DIFFERENT):
        module, _, name = key.partition(":")
        assert not name or name in SURFACE[module], key


@pytest.mark.parametrize("module", [flow_module, task_module])
def test_the_types_that_editors_see_name_the_options_that_there_are(module: object) -> None:
    """The decorators are written twice: with types for editors, and plainly for the interpreter."""
    source = ast.parse(Path(module.__file__).read_text())  # type: ignore[attr-defined]
    name = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    made = [node for node in ast.walk(source) if isinstance(node, ast.FunctionDef) and node.name == name]
    typed = {each.arg for node in made if node.decorator_list for each in node.args.kwonlyargs}
    real = {each.arg for node in made if not node.decorator_list for each in node.args.kwonlyargs}
    assert real <= typed, f"without types: {real - typed}"
    known = flow_module.FLOW_OPTIONS if name == "flow" else task_module.TASK_OPTIONS
    assert typed - real <= known, f"no options: {typed - real - known}"


def test_a_signature_is_read() -> None:
    shown = [f"{each.star}{each.name}={each.default}" for each in parameters("(a, b=1, *c, d, e=None, **f)")]
    assert shown == ["a=None", "b=1", "*c=None", "d=None", "e=None", "**f=None"]
