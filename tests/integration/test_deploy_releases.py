"""A repository, from `init` to what the control plane runs, and what an edit of its manifest does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from turnout.core.operations import Plan
from turnout.core.records import Namespace, Page
from turnout.deploy.bundle import make_bundle
from turnout.deploy.check import check
from turnout.deploy.render import plan_text
from turnout.deploy.scaffold import create
from turnout.local import open_local
from turnout.settings import load

pytest.importorskip("duckdb")

FIELD = Namespace(project="field")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TURNOUT_DATA", raising=False)
    root = tmp_path / "repository"
    create(root, "field")
    git(root, "init", "-q")
    commit(root, "First")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path, message: str) -> None:
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", message)


@contextmanager
def control_plane(root: Path) -> Iterator[Any]:
    with open_local(load(root)) as api:
        yield api


def plan(root: Path) -> Plan:
    with control_plane(root) as api:
        return Plan.from_json(api.plan(check(root, environ={}).require()))


def apply(root: Path) -> Any:
    report = check(root, environ={})
    snapshot = report.require()
    bundle = make_bundle(root, needed=report.needed)
    with control_plane(root) as api:
        api.put_bundle(bundle.digest, bundle.content)
        return api.apply(
            snapshot, bundle=bundle.digest, commit=bundle.commit, author=bundle.author, message=bundle.message
        )


def edit(root: Path, before: str, after: str) -> None:
    text = (root / "turnout.yaml").read_text()
    assert before in text
    (root / "turnout.yaml").write_text(text.replace(before, after))


def test_the_generated_repository_s_own_tests_pass(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (root / ".turnout").exists()


def test_the_generated_flow_runs_as_a_script_and_its_sql_after_it(root: Path) -> None:
    subprocess.run([sys.executable, "flows/sign_ups.py"], cwd=root, check=True, capture_output=True)
    code = "from turnout.engine.definitions.load import load_entrypoint; load_entrypoint('sql/sign_ups_by_state.sql')()"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True)
    exported = (root / ".turnout" / "exports" / "sign_ups_by_state.csv").read_text()
    assert exported == "state,sign_ups\nOH,2\nNY,1\n"


def test_plan_apply_and_nothing_left_to_do(root: Path) -> None:
    found = plan(root)
    assert found.release is None
    assert {o.name for o in found.operations if o.kind == "deployment"} == {"load-sign-ups", "sign-ups-by-state"}
    assert apply(root)["release"] == 1
    assert plan(root).operations == ()
    with control_plane(root) as api:
        (release,) = api.releases(FIELD, Page())
        assert (release.author, release.message) == ("Ada <ada@example.org>", "First")


def test_a_deployment_that_left_the_file_is_planned_and_removed(root: Path) -> None:
    apply(root)
    with control_plane(root) as api:
        run = api.trigger("sign-ups-by-state", namespace=FIELD)
    start = (root / "turnout.yaml").read_text().index("  sign-ups-by-state:")
    (root / "turnout.yaml").write_text((root / "turnout.yaml").read_text()[:start])
    commit(root, "Remove the model")
    text = plan_text(plan(root))
    assert "- deployment sign-ups-by-state\n" in text
    assert f"run {run.name}, scheduled" in text
    with control_plane(root) as api:
        report = check(root, environ={})
        bundle = make_bundle(root, needed=report.needed)
        api.put_bundle(bundle.digest, bundle.content)
        api.apply(
            report.require(), bundle=bundle.digest, commit=bundle.commit, author=None, message=None, allow_removals=True
        )
        assert [d.name for d in api.deployments(FIELD)] == ["load-sign-ups"]
        assert api.run(run.id).state == "skipped"


def test_an_edit_is_planned_field_by_field_with_the_next_runs(root: Path) -> None:
    apply(root)
    edit(root, 'schedule: "0 6 * * *"', 'schedule: "30 7 * * *"')
    edit(root, "timeout: 10m", "timeout: 20m")
    text = plan_text(plan(root))
    assert "~ deployment load-sign-ups\n" in text
    assert "timeout_seconds: 600.0 -> 1200.0" in text
    assert "schedules.default.cron: 0 6 * * * -> 30 7 * * *" in text
    assert "next runs after:" in text


def test_a_broken_entry_leaves_the_server_as_it_was(root: Path) -> None:
    apply(root)
    with control_plane(root) as api:
        before = api.snapshot(FIELD)
    edit(root, "retries: {count: 1, delay: 1m}", "retries: {count: many}")
    report = check(root, environ={})
    assert [error.where for error in report.errors] == ["turnout.yaml:19:22"]
    with pytest.raises(Exception, match=r"retries\.count must be"):
        apply(root)
    with control_plane(root) as api:
        assert api.snapshot(FIELD) == before
