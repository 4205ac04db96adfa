"""What is wrong in a repository is named with its place and its remedy, and nothing of it reaches the server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.repository import cluster, told, turnout, write
from tests.faults.cluster import Cluster
from turnout.core.records import Namespace, Page

pytestmark = pytest.mark.slow

GOOD = """\
project: shop
timezone: UTC
secrets:
  van: {fields: [api_key]}
pools:
  default: {type: process}
deployments:
  load:
    flow: flows.py:load
    schedule: "5 6 * * *"
  after-load:
    flow: flows.py:load
    after: [load]
"""
FLOWS = "from turnout import flow\n\n\n@flow\ndef load(size: int = 1) -> int:\n    return size\n"
FILES = {"turnout.yaml": GOOD, "flows.py": FLOWS, "broken.py": "import os\nimport nowhere_to_be_found\n"}
SHOP = Namespace(project="shop")

# (title, text of the manifest, its replacement, place, words of the error, words of the remedy)
MISTAKES = [
    ("unknown key", "timezone: UTC", "timezone: UTC\ncolour: red",
     "turnout.yaml:3:1", "no key 'colour'", "the keys here are"),
    ("misspelt key", "    flow: flows.py:load\n    schedule", "    flow: flows.py:load\n    retrys: 2\n    schedule",
     "turnout.yaml:10:5", "no key 'retrys'", "did you mean 'retries'?"),
    ("later key", "timezone: UTC", "timezone: UTC\nqueues: {}", "turnout.yaml:3:1", "queues", ""),
    ("wrong type", "    after: [load]", "    after: [load]\n    retries: many",
     "turnout.yaml:14:14", "retries must be", "write"),
    ("not a length of time", "    after: [load]", "    after: [load]\n    timeout: soon",
     "turnout.yaml:14:14", "this is the text 'soon'", "write 30s"),
    ("does not import", "    flow: flows.py:load\n    after", "    flow: broken.py:load\n    after",
     "broken.py:2", "importing broken.py failed: ModuleNotFoundError", "install it"),
    ("no such flow", "    flow: flows.py:load\n    after", "    flow: flows.py:laod\n    after",
     "turnout.yaml:12:11", "there is no 'laod' in flows.py", "did you mean 'load'?"),
    ("no such file", "    flow: flows.py:load\n    after", "    flow: flow.py:load\n    after",
     "turnout.yaml:12:11", "there is no file 'flow.py'", "did you mean 'flows.py'?"),
    ("never fires", "\"5 6 * * *\"", "\"0 0 30 2 *\"", "turnout.yaml:10:15", "never fires", "use a day"),
    ("no cron", "\"5 6 * * *\"", "\"5 6 * *\"", "turnout.yaml:10:15", "cron", ""),
    ("no such zone", "timezone: UTC", "timezone: Mars/Olympus",
     "turnout.yaml:2:11", "'Mars/Olympus' is unknown", "America/New_York"),
    ("duplicate name", "  after-load:", "  load:",
     "turnout.yaml:11:3", "'load' is here twice; first at turnout.yaml:8:3", "keep one"),
    ("missing secret", "    after: [load]", "    after: [load]\n    secrets: [van]",
     "turnout.yaml:4:3", "van.api_key has no value", "turnout secret set van.api_key"),
    ("undeclared secret", "    after: [load]", "    after: [load]\n    secrets: [mail]",
     "turnout.yaml:14:15", "mail", ""),
    ("does not fit", "    after: [load]", "    after: [load]\n    parameters: {size: big}",
     "turnout.yaml:14:24", "'big' is not of type 'integer'", "expected integer"),
    ("no such parameter", "    after: [load]", "    after: [load]\n    parameters: {sise: 2}",
     "turnout.yaml:14:18", "no parameter 'sise'", "did you mean 'size'?"),
    ("after nobody", "after: [load]", "after: [laod]", "turnout.yaml:13:13", "there is no deployment 'laod'", ""),
    ("a circle", "    schedule: \"5 6 * * *\"", "    after: [after-load]", "turnout.yaml:", "after", ""),
    ("no YAML", "project: shop", "project: [shop", "turnout.yaml:", "", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = cluster(write(tmp_path_factory.mktemp("manifest") / "shop", FILES))
    try:
        done = turnout(running.project, "apply", "--yes")
        assert done.returncode == 0, done.stderr
        yield running
    finally:
        running.stop()


def state_of(shop: Cluster) -> Any:
    with shop.api() as api:
        return api.deployments(SHOP), api.releases(SHOP, Page(limit=10))


def test_mistakes_that_the_offline_check_names(shop: Cluster) -> None:
    """Each mistake alone, through the same code as plan and apply, in one process: a second instead of a minute."""
    from turnout.deploy.check import check

    lacking = []
    for title, old, new, where, what, fix in MISTAKES:
        assert GOOD.count(old) == 1, title
        (shop.project / "turnout.yaml").write_text(GOOD.replace(old, new))
        report = check(shop.project, require_secrets=True, environ={})
        found = [(error.where or "", error.what, error.fix or "") for error in report.errors]
        if not any(where in at and what in said and fix in mend and mend for at, said, mend in found):
            lacking.append((title, found))
    (shop.project / "turnout.yaml").write_text(GOOD)
    assert not lacking


@pytest.mark.parametrize("title", ["unknown key", "does not import", "never fires"])
def test_plan_and_apply_refuse_and_leave_the_server_alone(shop: Cluster, title: str) -> None:
    old, new, where, what, fix = next(mistake[1:] for mistake in MISTAKES if mistake[0] == title)
    before = state_of(shop)
    (shop.project / "turnout.yaml").write_text(GOOD.replace(old, new))
    try:
        for command in (["plan"], ["apply", "--yes", "--allow-dirty"]):
            done = turnout(shop.project, *command)
            assert done.returncode == 1
            assert done.stdout == ""
            assert f"where: {where}" in done.stderr
            assert what in done.stderr
            assert fix in done.stderr
            assert done.stderr.endswith("1 wrong; nothing was applied\n")
    finally:
        (shop.project / "turnout.yaml").write_text(GOOD)
    assert state_of(shop) == before


def test_a_missing_secret_is_planned_and_not_applied(shop: Cluster) -> None:
    old, new, where, what, fix = next(mistake[1:] for mistake in MISTAKES if mistake[0] == "missing secret")
    before = state_of(shop)
    (shop.project / "turnout.yaml").write_text(GOOD.replace(old, new))
    try:
        planned = turnout(shop.project, "plan", "--json")
        assert planned.returncode == 2
        assert "van.api_key" in json.loads(planned.stdout)["missing_secrets"]
        applied = turnout(shop.project, "apply", "--yes", "--allow-dirty")
        assert applied.returncode == 1
        assert f"where: {where}" in applied.stderr
        assert what in applied.stderr
        assert fix in applied.stderr
    finally:
        (shop.project / "turnout.yaml").write_text(GOOD)
    assert state_of(shop) == before


def test_everything_wrong_is_said_at_once(shop: Cluster) -> None:
    bad = GOOD.replace("UTC", "Mars/Olympus").replace("after: [load]", "after: [nobody]").replace("5 6 * *", "0 0 30 2")
    (shop.project / "turnout.yaml").write_text(bad)
    try:
        done = turnout(shop.project, "check", "--json")
    finally:
        (shop.project / "turnout.yaml").write_text(GOOD)
    assert done.returncode == 1
    assert [problem["where"] for problem in json.loads(done.stdout)["errors"]] == [
        "turnout.yaml:2:11",
        "turnout.yaml:10:15",
        "turnout.yaml:13:13",
    ]


def test_uncommitted_files_are_not_applied_by_accident(shop: Cluster) -> None:
    before = state_of(shop)
    (shop.project / "flows.py").write_text(FLOWS + "\n# later\n")
    try:
        done = turnout(shop.project, "apply", "--yes")
    finally:
        (shop.project / "flows.py").write_text(FLOWS)
    assert done.returncode == 1
    assert "--allow-dirty" in done.stderr
    assert state_of(shop) == before


def test_removal_is_planned_with_its_pending_runs_then_applied(shop: Cluster) -> None:
    with shop.api() as api:
        waiting = api.trigger("after-load", namespace=SHOP)
    gone = GOOD[: GOOD.index("  after-load:")]
    (shop.project / "turnout.yaml").write_text(gone)
    planned = turnout(shop.project, "plan")
    assert planned.returncode == 2
    assert "after-load" in planned.stdout
    assert f"run {waiting.name}, scheduled" in planned.stdout
    assert "1 to remove, 1 waiting run skipped" in planned.stdout
    applied = turnout(shop.project, "apply", "--yes", "--allow-dirty")
    assert applied.returncode == 0, applied.stderr
    assert [found["name"] for found in told(turnout(shop.project, "deployments", "ls", "--json"))] == ["load"]
    run = told(turnout(shop.project, "runs", "show", waiting.id, "--json"))["run"]
    assert run["state"] == "skipped"
    assert "removed deployment 'after-load'" in run["reason"]
    assert turnout(shop.project, "plan").returncode == 0
    refused = turnout(shop.project, "trigger", "after-load")
    assert refused.returncode == 1
    assert "after-load" in refused.stderr
