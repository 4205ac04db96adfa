"""`turnout.py`: tables that Python declares, asked in a child process."""

from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from turnout.core.errors import DiscoveryError
from turnout.core.snapshot import Snapshot
from turnout.deploy.check import check
from turnout.deploy.ci.github import workflow
from turnout.deploy.ci.shell import script
from turnout.deploy.manifest import read_manifest
from turnout.deploy.problems import Problems
from turnout.deploy.python_manifest import declares
from turnout.deploy.yaml_source import NODES

GUARD = 'if __name__ in ("__main__", "turnout"):\n    raise SystemExit("the command is `turnout`")\n'
YAML = "project: field\ntimezone: UTC\ndeployments:\n  report: {flow: flows/a.py:load}\n"
ENDLESS: dict[str, Any] = {"a": []}
ENDLESS["a"].append(ENDLESS["a"])
STATES = """\
from shared.states import STATES

def manifest():
    print("what it prints is nobody's")
    return {
        "variables": {"year": 2026},
        "deployments": {
            f"load-{state}": {"flow": "flows/a.py:load", "schedule": "0 6 * * *", "parameters": {"state": state}}
            for state in STATES
        },
    }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "turnout.yaml": YAML,
        "flows/a.py": 'from turnout import flow\n\n@flow\ndef load(state: str = "OH"):\n    """Loads."""\n',
        "shared/states.py": 'STATES = ("oh", "mi")\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def said(root: Path, text: str) -> list[str]:
    """What is wrong, with a manifest() of this body."""
    (root / "turnout.py").write_text(text)
    problems = Problems()
    read_manifest(root, problems)
    return [f"{error.where}: {error.what} | {error.fix}" for error in problems.errors]


def wanted(root: Path, environment: str = "production") -> Snapshot:
    return check(root, environment=environment).require()


def test_it_adds_to_what_the_file_declares(root: Path) -> None:
    (root / "turnout.py").write_text(STATES + GUARD)
    found = wanted(root)
    assert list(found.deployments) == ["load-oh", "load-mi", "report"]
    assert found.deployments["load-mi"].parameters == {"state": "mi"}
    assert found.deployments["load-mi"].description == "Loads."
    assert found.variables == {"year": 2026}
    assert found.project == "field"
    assert wanted(root) == found


def test_an_environment_is_laid_over_it(root: Path) -> None:
    (root / "turnout.py").write_text(STATES + GUARD)
    more = "environments: {staging: {deployments: {load-oh: {timeout: 5m}, load-mi: }}}\n"
    (root / "turnout.yaml").write_text(YAML + more)
    found = wanted(root, "staging")
    assert list(found.deployments) == ["load-oh", "report"]
    assert found.deployments["load-oh"].timeout_seconds == 300


def test_a_table_may_stand_there_as_it_is(root: Path) -> None:
    (root / "turnout.py").write_text(f"def manifest(): return dict(variables=dict(a=(1, 2.5, None, True)))\n{GUARD}")
    assert wanted(root).variables == {"a": [1, 2.5, None, True]}


LIKE_YAML = "give text, a number, true or false, a list or a dict, as turnout.yaml would have it"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"variables": {"a": {1}}}, f"variables.a in turnout.py: set is no value of a manifest | {LIKE_YAML}"),
        ({"a": float("nan")}, f"a in turnout.py: float is no value of a manifest | {LIKE_YAML}"),
        ({"a": date(2026, 11, 3)}, f"a in turnout.py: date is no value of a manifest | {LIKE_YAML}"),
        ({"variables": {1: 2}}, "variables in turnout.py: the key 1 is no text | put quotes around it"),
        ({"a": "b\0"}, "a in turnout.py: a control character '\\x00' does not belong here | remove it"),
        (
            {"a": [0] * NODES},
            f"a[{NODES - 2}] in turnout.py: more than {NODES:,} values | move data out of the manifest",
        ),
        (ENDLESS, "a" + "[0]" * 40 + " in turnout.py: nested deeper than 40 levels | check what holds itself"),
        (object(), f"turnout.py: object is no value of a manifest | {LIKE_YAML}"),
    ],
)
def test_only_what_yaml_could_say_is_a_value(declared: Any, expected: str) -> None:
    module = ModuleType("declared")
    module.__dict__["manifest"] = lambda: declared
    with pytest.raises(DiscoveryError) as refused:
        declares(module)
    assert f"{refused.value.where}: {refused.value.what} | {refused.value.fix}" == expected


RETURNING = "def manifest():\n    return {'deployments': {'%s': {'flow': 'flows/a.py:load', %s}}}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = 1\n", "turnout.py:1: turnout.py has no function 'manifest' | write def manifest(): return"),
        (
            "import nowhere\n",
            "turnout.py:1: importing turnout.py failed: ModuleNotFoundError: No module named 'nowhere'",
        ),
        ("\ndef manifest(:\n", "turnout.py:2: importing turnout.py failed: SyntaxError: invalid syntax"),
        (
            "def manifest():\n    return {}['x']\n",
            "turnout.py:2: manifest() of turnout.py failed: KeyError: 'x' | `python turnout.py` shows",
        ),
        (
            "count = iter(range(9))\n\ndef manifest():\n    return {'variables': {'a': next(count)}}\n",
            "turnout.py:3: manifest() says something else each time it is asked | make it of nothing",
        ),
        ("def manifest():\n    return []\n", "turnout.py: the file must be a mapping, this is a list"),
        (
            "def manifest():\n    return {'project': 'other'}\n",
            "project in turnout.py: there is no key 'project' | use 'turnout.yaml for it'",
        ),
        (
            RETURNING % ("x", "'schedule': '0 25 * * *'"),
            "deployments.x.schedule in turnout.py: cron '0 25 * * *': the field '25' cannot be read",
        ),
        (
            RETURNING % ("x", "'after': ['report', 'rport']"),
            "deployments.x.after[1] in turnout.py: deployments.x.after: there is no deployment 'rport' | did you mean",
        ),
        (
            RETURNING % ("report", ""),
            "deployments.report in turnout.py: deployments: 'report' is declared twice; first at turnout.yaml:4:3",
        ),
        (
            "from turnout.variables import Variable\ndef manifest(): return {'variables': Variable.get('a')}\n",
            "turnout.py: turnout.py asks for what it declares itself | leave variables and limits to the flows",
        ),
        ("import os\nos._exit(3)\n", "turnout.py: importing it ended with exit code 3: without a word"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(root: Path, body: str, expected: str) -> None:
    [found] = said(root, body)
    assert found.startswith(expected)


def test_one_that_hangs_is_given_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.deploy.python_source.TIMEOUT_SECONDS", 0.5)
    [found] = said(root, "import sys\nsys.stdin = open('/dev/zero')\nwhile True: pass\n")
    assert "importing it took more than 0.5 s" in found


def test_a_link_out_of_the_project_is_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.py"
    elsewhere.write_text("raise SystemExit")
    (root / "turnout.py").symlink_to(elsewhere)
    problems = Problems()
    read_manifest(root, problems)
    assert [error.what for error in problems.errors] == ["'turnout.py' is a link out of the project"]


def test_flows_do_not_lie_beside_it(root: Path) -> None:
    (root / "b.py").write_text((root / "flows/a.py").read_text())
    text = "def manifest(): return {'deployments': {'x': {'flow': 'b.py:load'}}}\n"
    [found] = said(root, text)
    assert found.startswith("deployments.x.flow in turnout.py: 'b.py' is beside turnout.py, which `python b.py` would")
    assert found.endswith("| move it into a folder, as in flows/b.py")


def test_one_that_says_nothing_when_it_is_run_is_a_warning(root: Path) -> None:
    (root / "turnout.py").write_text("def manifest(): return {}\n")
    warnings = [warning for warning in check(root).warnings if warning.where == "turnout.py"]
    assert [warning.what.partition(" in ")[0] for warning in warnings] == ["`python -m turnout`"]
    (root / "turnout.py").write_text(f"def manifest(): return {{}}\n{GUARD}")
    assert not [warning for warning in check(root).warnings if warning.where == "turnout.py"]


def test_it_knows_no_credentials(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNOUT_TOKEN", "tn_admin_x")
    text = "import os\ndef manifest(): return {'variables': {'a': os.environ.get('TURNOUT_TOKEN', 'none')}}\n"
    (root / "turnout.py").write_text(text + GUARD)
    assert wanted(root).variables == {"a": "none"}


def test_a_workflow_runs_tests_that_find_the_package(root: Path) -> None:
    (root / "tests").mkdir()
    (root / "tests" / "test_a.py").touch()
    assert "    python -m pytest\n" in script(root)
    (root / "turnout.py").touch()
    assert "    python -P -m pytest\n" in script(root)
    assert "        run: python -P -m pytest\n" in workflow(root, server="https://turnout.example.org")
