"""What the changing commands do: plan and apply, triggers, secrets; their words and exit codes."""

import io
import sys
from pathlib import Path

import pytest

from tests.integration.cli_project import MANIFEST, Turnout, in_process, make, python


@pytest.fixture
def turnout(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Turnout:
    monkeypatch.chdir(make(tmp_path_factory.mktemp("shop")))
    return in_process(monkeypatch, capsys)


def test_plan_says_by_its_exit_code_whether_there_is_a_difference(turnout: Turnout) -> None:
    said = turnout("plan")
    assert said.code == 2
    assert "+ deployment load\n" in said.out
    assert turnout("plan", "--json").json()["project"] == "shop"
    assert turnout("plan", "--markdown").out.startswith("### Turnout plan: project shop")
    assert turnout("apply").code == 0
    assert turnout("plan").code == 0
    Path("turnout.yaml").write_text(MANIFEST.replace("0 6", "0 99"))
    broken = turnout("plan", "--json")
    assert (broken.code, broken.out) == (1, "")
    assert "where: turnout.yaml:" in broken.err


def test_apply_prints_the_release_alone(turnout: Turnout) -> None:
    said = turnout("apply")
    assert said.golden == "release 1 of HEX\n"
    assert "Plan: " in said.err
    again = turnout("apply", "--json")
    assert (again.json()["release"], again.json()["changed"], again.err) == (1, False, "")
    assert turnout("releases").golden == (
        "RELEASE APPLIED COMMIT CHANGES BY MESSAGE\n1 TIME HEX +3 ~1 Test <test@localhost> Open the shop\n"
    )


def test_rollback_shows_what_it_changes_and_makes_a_release(turnout: Turnout) -> None:
    nowhere = turnout("rollback")
    assert (nowhere.code, nowhere.out) == (1, "")
    assert "nothing was applied" in nowhere.err
    turnout("apply")
    Path("turnout.yaml").write_text(MANIFEST.replace("0 6", "0 7"))
    turnout("apply", "--allow-dirty")
    said = turnout("rollback")
    assert (said.code, said.out) == (0, "release 3 is as release 1 was\n")
    assert "~ deployment load" in said.err
    Path("turnout.yaml").write_text(MANIFEST)
    assert turnout("plan").code == 0
    assert turnout("rollback", "2", "--json").json()["release"] == 4
    gone = turnout("rollback", "9")
    assert gone.code == 1
    assert "there is no release 9" in gone.err


def test_apply_asks_a_person_and_takes_no(turnout: Turnout, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    said = turnout("apply", "--json")
    assert (said.code, said.out.strip()) == (1, "")
    assert "+ deployment load" in said.err  # who is asked sees what for, with --json too
    assert turnout("releases", "--json").json() == []


def test_deployments_are_listed_and_shown(turnout: Turnout) -> None:
    turnout("apply")
    assert turnout("deployments", "ls").golden == (
        "DEPLOYMENT NEXT LAST RELEASE RUNS\n"
        "load TIME - 1 (HEX) every day at 06:00 UTC\n"
        "report - - 1 (HEX) waits for 'load', which has not run yet\n"
    )
    assert [status["name"] for status in turnout("deployments", "ls", "--json").json()] == ["load", "report"]
    shown = turnout("deployments", "show", "load").golden
    assert shown.startswith("load\n does Loads the orders.\n runs every day at 06:00 UTC\n code flows.py:load\n")
    assert shown.endswith(" takes rows: integer\n")


def test_a_misspelled_deployment_gets_its_neighbour(turnout: Turnout) -> None:
    turnout("apply")
    for words in (("trigger", "lod"), ("deployments", "show", "lod")):
        said = turnout(*words)
        assert said.code == 1
        assert said.err == (
            "error: there is no deployment 'lod'\n"
            "where: project shop, environment production\n"
            "  fix: did you mean 'load'?\n"
        )


def test_a_run_waits_for_a_worker_and_says_so(turnout: Turnout) -> None:
    turnout("apply")
    said = turnout("trigger", "load", "-p", "rows=5")
    assert said.code == 0
    assert "◷ Scheduled no worker of pool 'default' has ever been heard of" in said.golden
    assert "follow it: turnout runs logs -f " in said.err
    assert "no worker of pool 'default'" in turnout("runs", "ls").out
    assert turnout("runs", "retry", "latest").err.startswith("error: ")
    assert turnout("runs", "cancel", "latest").golden == "NAME ⊘ Cancelled\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("-p", "rows=many"), "error: the parameter 'rows' does not fit"),
        (("-p", "row=5"), "error: there is no parameter 'row'\n  fix: the flow takes: rows\n"),
        (("-p", "rows"), "error: 'rows' is not name=value"),
        (("--at", "tomorrow"), "error: --at 'tomorrow' is no time\n  fix: write 20"),
    ],
)
def test_what_does_not_fit_makes_no_run(turnout: Turnout, words: tuple[str, ...], what: str) -> None:
    turnout("apply")
    said = turnout("trigger", "load", *words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(what)
    assert turnout("runs", "ls", "--json").json() == []


def test_secrets_are_set_listed_and_forgotten(turnout: Turnout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("s3cret\n"))
    assert turnout("secret", "set", "van.api_key").err == "van.api_key is set\n"
    assert turnout("secret", "ls").out.split() == ["SECRET", "van.api_key"]
    assert turnout("secret", "ls", "--json").json() == ["van.api_key"]
    assert turnout("secret", "remove", "van.api_key").code == 0
    assert turnout("secret", "remove", "van.api_key").code == 1
    assert turnout("secret", "set", "van").err.startswith("error: 'van' is not the name of a secret's field\n  fix: ")


def test_outside_a_project_the_way_in_is_told(
    turnout: Turnout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = turnout("plan")
    assert said.code == 1
    assert (
        said.err == f"error: there is no turnout.yaml here\nwhere: {tmp_path}\n  fix: `turnout init` makes a project\n"
    )


def test_what_init_makes_passes_check(turnout: Turnout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = turnout("init", str(tmp_path / "our work"))
    assert made.code == 0
    assert f"cd '{tmp_path}/our work' && git init" in made.err
    monkeypatch.chdir(tmp_path / "our work")
    said = turnout("check")
    assert said.code == 0
    assert said.out.startswith("✓ 2 deployments of project our-work\n")
    assert turnout("init").code == 1


def test_a_title_is_shown_beside_the_name(turnout: Turnout) -> None:
    text = Path("turnout.yaml").read_text()
    Path("turnout.yaml").write_text(text.replace("  load:\n", "  load:\n    title: Bring [in] the orders\n"))
    turnout("apply", "--allow-dirty")
    assert "load Bring [in] the orders " in " ".join(turnout("deployments", "ls").out.split())
    assert turnout("deployments", "show", "load").out.splitlines()[0] == "load  Bring [in] the orders"
    titles = {one["name"]: one["title"] for one in turnout("deployments", "ls", "--json").json()}
    assert titles == {"load": "Bring [in] the orders", "report": None}


def test_a_run_like_an_earlier_one(turnout: Turnout) -> None:
    turnout("apply")
    first = turnout("trigger", "load", "-p", "rows=5", "--json").json()
    again = turnout("trigger", "--like", first["name"], "--json").json()
    assert (again["deployment"], again["parameters"], again["id"] != first["id"]) == ("load", {"rows": 5}, True)
    other = turnout("trigger", "--like", "latest", "-p", "rows=6", "--json").json()
    assert other["parameters"] == {"rows": 6}
    refused = turnout("trigger", "report", "--like", first["id"])
    assert refused.code == 1
    assert "rows" in refused.err
    assert "which deployment?" in turnout("trigger").err
    python(Path.cwd(), "flows.py")
    assert "is of no deployment" in turnout("trigger", "--like", "latest").err
