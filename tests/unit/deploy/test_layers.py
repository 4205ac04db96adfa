"""Several files and environments: one tree, in which every value knows where it was written."""

import os
from pathlib import Path

import pytest

from turnout.core.snapshot import Snapshot
from turnout.deploy.layers import MOST_ENVIRONMENTS, server_of
from turnout.deploy.manifest import load_manifest, read_manifest
from turnout.deploy.problems import Problems
from turnout.deploy.yaml_source import NODES

MANIFEST = """\
project: field
timezone: UTC
include: [deployments/*.yaml]
variables: {batch: 500, states: [OH, PA]}
connections:
  warehouse: {type: duckdb, database: warehouse.duckdb}
environments:
  staging:
    server: https://staging.example.org/
    pause_schedules: true
    variables: {batch: 5, states: [OH], region: east}
    connections: {warehouse: {database: staging.duckdb}}
    deployments:
      load: {timeout: 5m, tags: [staging]}
      report:
  lab:
    deployments: {load: {retries: 9}}
"""
PARTS = {
    "deployments/load.yaml": (
        "deployments:\n  load: {flow: flows.py:load, schedule: '0 6 * * *', timeout: 1h, tags: [a, b]}\n"
    ),
    "deployments/report.yaml": "deployments:\n  report: {flow: flows.py:report}\nlimits:\n  van: {concurrency: 3}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {"turnout.yaml": MANIFEST, "flows.py": "", **PARTS}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def wanted(root: Path, environment: str = "production") -> Snapshot:
    return load_manifest(root, environment=environment).snapshot


def wrong(root: Path, environment: str = "production") -> list[str]:
    """What is reported, as `where: what | fix`."""
    problems = Problems()
    read_manifest(root, problems, environment=environment)
    return [f"{error.where}: {error.what} | {error.fix}" for error in problems.errors]


def test_tables_come_from_every_file(root: Path) -> None:
    found = wanted(root)
    assert sorted(found.deployments) == ["load", "report"]
    assert found.limits["van"].concurrency == 3
    assert found.environment == "production"
    assert not found.deployments["load"].schedules[0].paused


def test_an_environment_says_what_differs(root: Path) -> None:
    found = wanted(root, "staging")
    assert found.environment == "staging"
    assert sorted(found.deployments) == ["load"], "an empty value takes it away"
    load = found.deployments["load"]
    assert (load.timeout_seconds, load.tags, load.retries) == (300, ("staging",), 0)
    assert load.schedules[0].cron == "0 6 * * *"
    assert load.schedules[0].paused
    assert found.variables == {"batch": 5, "states": ["OH"], "region": "east"}
    assert found.connections["warehouse"].options == {"database": "staging.duckdb"}
    lab = wanted(root, "lab")
    assert lab.deployments["load"].retries == 9
    assert lab.deployments["load"].tags == ("a", "b")
    assert wanted(root).variables["batch"] == 500


def test_an_environment_names_its_server(root: Path) -> None:
    assert server_of(root, "staging") == "https://staging.example.org/"
    assert server_of(root, "lab") is None
    assert server_of(root, "production") is None


def test_an_unknown_environment_is_suggested(root: Path) -> None:
    assert wrong(root, "stagin") == ["turnout.yaml:7:1: there is no environment 'stagin' | did you mean 'staging'?"]
    (root / "turnout.yaml").write_text("project: field\n")
    assert wrong(root, "staging") == [
        "turnout.yaml:1:1: there is no environment 'staging' | add environments: {staging: {}}"
    ]


def test_what_is_wrong_in_another_environment_is_found_where_it_is(root: Path) -> None:
    text = MANIFEST.replace("retries: 9", "retires: 9").replace("timeout: 5m", "timeout: soon")
    (root / "turnout.yaml").write_text(text)
    found = wrong(root)
    assert len(found) == 2
    assert found[0].startswith("turnout.yaml:14:23: deployments.load.timeout must be a length of time")
    assert found[1].startswith(
        "turnout.yaml:17:26: deployments.load: there is no key 'retires' | did you mean 'retries'?"
    )


def test_keys_of_an_environment_are_known(root: Path) -> None:
    (root / "turnout.yaml").write_text(MANIFEST.replace("pause_schedules", "pause_schedule").replace("lab:", "Lab:"))
    found = "\n".join(wrong(root))
    assert "environments.staging: there is no key 'pause_schedule' | did you mean 'pause_schedules'?" in found
    assert "environments: 'Lab' is not a name | write 'lab'" in found


def test_a_mistake_in_an_included_file_names_that_file(root: Path) -> None:
    (root / "deployments" / "load.yaml").write_text("deployments:\n  load: {flow: flows.py:load, retires: 2}\n")
    assert wrong(root)[0].startswith("deployments/load.yaml:2:31: deployments.load: there is no key 'retires'")


def test_a_name_declared_twice_names_both_places(root: Path) -> None:
    (root / "deployments" / "more.yaml").write_text("deployments:\n  load: {flow: flows.py:load}\n")
    (found,) = wrong(root)
    assert found.startswith("deployments/more.yaml:2:3: deployments: 'load' is declared twice")
    assert "first at deployments/load.yaml:2:3" in found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("nowhere/*.yaml", "'nowhere/*.yaml' matches no file"),
        ("../*.yaml", "'../*.yaml' is outside of the project"),
        ("/etc/*.yaml", "'/etc/*.yaml' is outside of the project"),
        ("**x.yaml", "'**x.yaml' is not a pattern"),
        (".", "'.' "),
        ("", "'' is not a pattern"),
    ],
)
def test_patterns_stay_inside(root: Path, pattern: str, said: str) -> None:
    (root / "turnout.yaml").write_text(f"project: field\ninclude: ['{pattern}']\n")
    assert said in wrong(root)[0]


def test_links_out_of_the_project_are_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("variables: {token: abc}\n")
    os.symlink(outside, root / "deployments" / "zz.yaml")
    found = wrong(root)
    assert len(found) == 1
    assert "'deployments/zz.yaml' is a link out of the project" in found[0]


def test_included_files_declare_tables_only(root: Path) -> None:
    (root / "deployments" / "load.yaml").write_text("project: other\ndeployments: {}\n")
    assert wrong(root)[0].startswith("deployments/load.yaml:1:1: there is no key 'project'")
    (root / "deployments" / "load.yaml").write_text("include: [more.yaml]\n")
    assert wrong(root)[0].startswith("deployments/load.yaml:1:1: there is no key 'include'")


def test_the_manifest_includes_itself_once(root: Path) -> None:
    patterns = "['*.yaml', 'deployments/*.yaml', '**/*.yaml']"
    (root / "turnout.yaml").write_text(f"project: field\ntimezone: UTC\ninclude: {patterns}\n")
    assert sorted(wanted(root).deployments) == ["load", "report"]


def test_what_hides_the_package_is_said(root: Path) -> None:
    (root / "turnout").mkdir()
    (root / "turnout" / "__init__.py").write_text("project = {}\n")
    (found,) = wrong(root)
    assert found.startswith("turnout/__init__.py: 'turnout/__init__.py' hides the package turnout")


def test_files_share_one_bound_on_values(root: Path) -> None:
    many = "variables:\n  {name}: [" + ", ".join(["x"] * (NODES // 2)) + "]\n"
    for name in ("a", "b", "c"):
        (root / "deployments" / f"z{name}.yaml").write_text(many.replace("{name}", name))
    found = [error for error in wrong(root) if "more than" in error]
    assert found == [f"deployments/zb.yaml: more than {NODES:,} values with this file | move data out of the manifest"]


def test_environments_are_bounded(root: Path) -> None:
    lines = [f"  e{number}: {{}}" for number in range(MOST_ENVIRONMENTS + 1)]
    (root / "turnout.yaml").write_text("\n".join(["project: field", "environments:", *lines]))
    assert wrong(root) == [
        f"turnout.yaml:{MOST_ENVIRONMENTS + 3}:3: more than {MOST_ENVIRONMENTS} environments | keep fewer"
    ]


def test_names_that_differ_in_case_only_are_no_two_names(root: Path) -> None:
    (root / "deployments" / "more.yaml").write_text("deployments:\n  Load: {flow: flows.py:load}\n")
    (found,) = wrong(root)
    assert found.startswith("deployments/more.yaml:2:3: deployments: 'Load' is not a name | write 'load'")
