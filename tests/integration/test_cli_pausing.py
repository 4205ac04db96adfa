"""Pausing and resuming by the command line, priorities, and who holds which limit."""

from pathlib import Path

import pytest

from tests.integration.cli_project import MANIFEST, Turnout, in_process, make

LIMITED = MANIFEST.replace("deployments:", "limits:\n  api: {concurrency: 2, rate: 5/m}\ndeployments:").replace(
    "    flow: flows.py:load\n", "    flow: flows.py:load\n    limits: [api]\n    concurrency: {limit: 1}\n"
)


@pytest.fixture
def turnout(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Turnout:
    monkeypatch.chdir(make(tmp_path_factory.mktemp("shop")))
    return in_process(monkeypatch, capsys)


def test_a_schedule_is_paused_and_goes_on(turnout: Turnout) -> None:
    turnout("apply")
    assert turnout("schedule", "pause", "load", "--reason", "holiday").golden == (
        "load, schedule default is paused since TIME\n"
    )
    assert "(paused)" in turnout("deployments", "ls").out
    plan = turnout("plan")
    assert plan.code == 0, "a pause is no difference"
    assert "override kept: deployment load, schedule default is paused on the server, since" in plan.out
    assert ": holiday" in plan.out
    [paused] = turnout("plan", "--json").json()["pauses"]
    assert (paused["deployment"], paused["schedule"], paused["reason"]) == ("load", "default", "holiday")
    assert (
        "- override kept: deployment load, schedule default is paused on the server"
        in turnout("plan", "--markdown").out
    )
    turnout("apply")
    assert "(paused)" in turnout("deployments", "ls").out, "a release leaves it paused"
    assert turnout("schedule", "resume", "load", "default").out == "load, schedule default goes on\n"
    assert turnout("schedule", "resume", "load").out == "load, schedule default was not paused\n"
    assert "(paused)" not in turnout("deployments", "ls").out


def test_a_deployment_is_paused_and_goes_on(turnout: Turnout) -> None:
    turnout("apply")
    assert turnout("deployments", "pause", "report").golden == "report is paused since TIME\n"
    assert "deployment 'report' is paused by" in turnout("trigger", "report").out
    assert turnout("deployments", "resume", "report").out == "report goes on\n"
    assert turnout("deployments", "resume", "report").out == "report was not paused\n"


def test_what_is_not_there_is_told(turnout: Turnout) -> None:
    turnout("apply")
    said = turnout("schedule", "pause", "report")
    assert said.code == 1
    assert "fix: `turnout deployments pause report` pauses all of it" in said.err
    assert "it has: default" in turnout("schedule", "pause", "load", "nightly").err
    assert "did you mean 'load'?" in turnout("deployments", "pause", "lod").err


def test_slots_and_priorities(turnout: Turnout) -> None:
    assert "Nothing is limited" in turnout("slots").err
    Path("turnout.yaml").write_text(LIMITED)
    assert turnout("plan").out.count("+ limit api\n") == 1
    turnout("apply", "--allow-dirty")
    assert turnout("trigger", "load", "--priority", "5", "--json").json()["priority"] == 5
    assert turnout("slots").golden == (
        "LIMIT OF HELD RATE WAITING HOLDERS\nload deployment 0/1 - 1 -\napi project 0/2 5/m 1 -\n"
    )
    found = turnout("slots", "--json").json()
    assert [(it["kind"], it["name"], it["held"], it["waiting"]) for it in found] == [
        ("deployment", "load", 0, 1),
        ("limit", "api", 0, 1),
    ]
