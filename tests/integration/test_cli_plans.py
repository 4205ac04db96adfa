"""What a plan says of code, overrides and secrets, plans that are kept, drift, releases: in words and exit codes."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.cli_project import IDENTITY, MANIFEST, Turnout, in_process, make

PLANNED = MANIFEST.replace('"0 6 * * *"', '"0 6 * * *"   # early\n    parameters: {rows: 3}')


@pytest.fixture
def turnout(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Turnout:
    monkeypatch.chdir(make(tmp_path_factory.mktemp("shop")))
    Path("turnout.yaml").write_text(PLANNED)
    commit("Say how many")
    return in_process(monkeypatch, capsys)


def commit(message: str) -> str:
    for words in (["add", "."], ["commit", "-q", "-m", message]):
        subprocess.run(["git", *IDENTITY, *words], check=True)
    return subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def test_code_alone_is_a_change_that_git_tells(turnout: Turnout) -> None:
    assert "nothing is deployed yet" in turnout("plan").out
    turnout("apply")
    Path("flows.py").write_text(Path("flows.py").read_text() + "\n# one\n# two\n")
    commit("Say more")
    said = turnout("plan")
    assert said.code == 2
    assert "code: 1 file changed, +3 -0 lines, 1 commit since " in said.out
    assert turnout("plan", "--json").json()["code"] | {"since": ""} == {
        "changed": True, "since": "", "commits": 1, "files": 1, "added": 3, "removed": 0, "note": None
    }  # fmt: skip
    assert "- code: 1 file changed" in turnout("plan", "--markdown").out
    assert turnout("apply").out.startswith("release 2 of ")
    assert turnout("plan").code == 0


def test_a_deployed_commit_that_is_not_here_is_said(turnout: Turnout) -> None:
    turnout("apply")
    subprocess.run(["git", "checkout", "-q", "--orphan", "other"], check=True)
    Path("flows.py").write_text(Path("flows.py").read_text() + "\n# one\n")
    commit("Begin again")
    assert "2 deployed commits are not in HEAD" in turnout("plan").out
    for words in (["branch", "-D", "main"], ["reflog", "expire", "--expire=now", "--all"], ["gc", "-q", "--prune=now"]):
        subprocess.run(["git", *words], check=True, capture_output=True)
    assert "is not known in this repository: fetch it" in turnout("plan").out


def test_overrides_are_in_the_plan_and_in_drift_until_the_repository_says_the_same(turnout: Turnout) -> None:
    turnout("apply")
    assert turnout("drift").code == 0
    assert turnout("override", "parameter", "load", "-p", "rows=9", "--reason", "a sale", "--for", "2h").code == 0
    assert turnout("schedule", "pause", "load", "--reason", "a late file").code == 0
    said = turnout("plan")
    assert (said.code, said.err) == (0, "")
    assert "override kept: deployment load, parameter rows is 9, turnout.yaml says 3, since " in said.out
    assert ": a sale, until " in said.out
    listed = turnout("drift")
    assert (listed.code, listed.out.count("override kept")) == (2, 2)
    assert [one["override"]["kind"] for one in turnout("drift", "--json").json()] == ["pause", "parameter"]
    patch = turnout("drift", "--patch")
    assert (patch.code, patch.err) == (2, "")
    subprocess.run(["git", "apply", "-"], input=patch.out.encode(), check=True)
    assert "# early" in Path("turnout.yaml").read_text()
    commit("Keep what was done by hand")
    assert turnout("plan").out.count("dropped: the repository says the same") == 2
    applied = turnout("apply", "--json").json()
    assert [one["kept"] for one in applied["overrides"]] == [False, False]
    assert turnout("drift").code == 0
    assert turnout("trigger", "load", "--json").json()["parameters"] == {"rows": 9}


def test_an_override_is_dropped_by_hand_and_wrong_words_are_refused(turnout: Turnout) -> None:
    turnout("apply")
    turnout("override", "parameter", "load", "-p", "rows=9")
    assert turnout("override", "drop", "load", "rows").code == 0
    assert "nothing overrides it" in turnout("override", "drop", "load", "rows").err
    for words, error in (
        (("-p", "rows=many"), "does not fit"),
        (("-p", "rosw=1"), "no parameter 'rosw'"),
        (("-p", "rows=1", "--for", "soon"), "--for"),
        (("-p", "rows=1", "--until", "2020-01-01T00:00:00Z"), "is over"),
        (("-p", "rows=1", "--for", "1h", "--until", "2099-01-01T00:00:00Z"), "both"),
    ):
        said = turnout("override", "parameter", "load", *words)
        assert (said.code, error in said.err) == (1, True), said


def test_a_plan_that_was_kept_is_applied_or_nothing_is(turnout: Turnout, tmp_path: Path) -> None:
    kept = tmp_path / "plan.json"
    assert turnout("plan", "--out", str(kept)).code == 2
    assert turnout("apply", "--plan", str(kept)).out.startswith("release 1 of ")
    moved = turnout("apply", "--plan", str(kept))
    assert moved.code == 1
    assert "the server is at release 1, the plan was made against 0: release 1 by Test <test@localhost>" in moved.err
    assert "+ deployment load" in moved.err
    turnout("plan", "--out", str(kept))
    turnout("override", "parameter", "load", "-p", "rows=9", "--reason", "a sale")
    moved = turnout("apply", "--plan", str(kept))
    assert moved.code == 1
    assert "overrode deployment load, parameter rows (a sale)" in moved.err
    turnout("plan", "--out", str(kept))
    Path("flows.py").write_text(Path("flows.py").read_text() + "\n# one\n")
    commit("Say more")
    assert "the repository is not what was planned" in turnout("apply", "--plan", str(kept)).err
    for content in ("{", "[]", json.dumps({"turnout_plan": 99}), json.dumps({"turnout_plan": 1})):
        kept.write_text(content)
        assert turnout("apply", "--plan", str(kept)).code == 1
    assert turnout("releases", "--json").json()[0]["number"] == 1


def test_secrets_that_lack_on_this_machine_are_in_the_plan(turnout: Turnout) -> None:
    text = PLANNED.replace("deployments:", "secrets:\n  van: {fields: [api_key]}\ndeployments:")
    Path("turnout.yaml").write_text(text.replace("parameters: {rows: 3}", "secrets: [van]"))
    said = turnout("plan")
    assert said.code == 2
    assert "secret van.api_key has no value where runs execute" in said.out
    assert turnout("plan", "--json").json()["missing_secrets"] == ["van.api_key"]


def test_a_release_is_shown_with_its_plan(turnout: Turnout) -> None:
    turnout("apply")
    Path("turnout.yaml").write_text(PLANNED.replace("0 6", "0 7"))
    commit("Later")
    turnout("apply")
    assert "+5" in turnout("releases").out or "+3" in turnout("releases").out
    shown = turnout("releases", "show", "2")
    assert "~ deployment load\n    schedules.default.cron: 0 6 * * * -> 0 7 * * *\n" in shown.out
    assert "release 2 (deployed)" in shown.out
    assert turnout("releases", "show", "2", "--json").json()["previous"] == 1
    assert turnout("releases", "show", "9").code == 1


def test_a_run_is_retried_at_its_own_commit_or_at_the_newest(turnout: Turnout) -> None:
    turnout("apply")
    run = turnout("trigger", "load", "--json").json()
    turnout("runs", "cancel", run["id"], "--no-wait")
    Path("flows.py").write_text(Path("flows.py").read_text() + "\n# one\n")
    newest = commit("Say more")
    turnout("apply")
    assert turnout("runs", "retry", run["id"]).code == 0
    assert turnout("runs", "show", run["id"], "--json").json()["run"]["spec"]["commit"] == run["spec"]["commit"]
    turnout("runs", "cancel", run["id"], "--no-wait")
    assert turnout("runs", "retry", run["id"], "--newest").code == 0
    assert turnout("runs", "show", run["id"], "--json").json()["run"]["spec"]["commit"] == newest


def test_a_renamed_deployment_keeps_its_runs(turnout: Turnout) -> None:
    turnout("apply")
    assert turnout("trigger", "load").code == 0
    renamed = Path("turnout.yaml").read_text().replace("  load:\n", "  fetch:\n    was: load\n")
    Path("turnout.yaml").write_text(renamed.replace("after: [load]", "after: [fetch]"))
    commit("Call it what it does")
    said = turnout("plan")
    assert said.code == 2
    assert "> deployment renamed load -> fetch" in said.out
    assert "Plan: 1 to change, 1 to rename" in said.out
    assert turnout("apply").code == 0
    assert turnout("plan").code == 0
    [run] = turnout("runs", "ls", "--json").json()
    assert run["deployment"] == "fetch"
    assert "> deployment renamed load -> fetch" in turnout("releases", "show", "2").out
    refused = turnout("trigger", "load")
    assert (refused.code, "there is no deployment 'load': it is 'fetch' now" in refused.err) == (1, True)
    assert turnout("rollback", "--yes").code == 0
    [run] = turnout("runs", "ls", "--json").json()
    assert run["deployment"] == "load"
