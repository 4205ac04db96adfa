"""The README's first screen holds the two commands, and what it shows is valid."""

import ast
import re

import pytest

from tests.architecture.tree import ROOT, SOURCE

README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = "\n".join(README.splitlines()[:24])


def block(language: str) -> str:
    """The README's only code block in `language`."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("command", ["./dev quickstart", "./dev test"])
def test_the_first_screen_has_the_command(command: str) -> None:
    assert re.search(rf"^{re.escape(command)}\b", FIRST_SCREEN, re.MULTILINE)


def test_ci_runs_what_the_readme_and_contributing_say() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "./dev test" in script
    assert "./dev check" in script


def test_the_flow_is_python() -> None:
    names = {node.name for node in ast.walk(ast.parse(block("python"))) if isinstance(node, ast.FunctionDef)}
    assert "flow: flows/people.py:load_people" in block("yaml")
    assert "load_people" in names


@pytest.mark.skipif(not (SOURCE / "deploy" / "schema.py").exists(), reason="there is no manifest schema yet")
def test_the_manifest_fits_the_schema() -> None:
    import jsonschema
    import yaml

    from turnout.deploy.schema import manifest_schema

    jsonschema.validate(yaml.safe_load(block("yaml")), manifest_schema())
