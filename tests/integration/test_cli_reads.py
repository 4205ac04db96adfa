"""What the reading commands print: tables, JSON and exit codes, on a project's own store."""

from pathlib import Path

import pytest

from tests.integration.cli_project import Turnout, in_process, make, python


@pytest.fixture
def turnout(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Turnout:
    monkeypatch.chdir(make(tmp_path_factory.mktemp("shop")))
    return in_process(monkeypatch, capsys)


@pytest.mark.parametrize(
    "words",
    [("runs", "ls"), ("deployments", "ls"), ("releases",), ("workers",), ("secret", "ls"), ("connections", "ls")],
)
def test_nothing_yet_is_a_hint_and_an_empty_list(turnout: Turnout, words: tuple[str, ...]) -> None:
    said = turnout(*words)
    assert (said.code, said.out) == (0, "")
    assert "`turnout " in said.err
    assert turnout(*words, "--json").json() == []


def test_no_run_is_told_as_such(turnout: Turnout) -> None:
    said = turnout("runs", "show", "latest")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: there are no runs yet\n  fix: ")


def test_a_script_shows_as_a_run(turnout: Turnout) -> None:
    python(Path.cwd(), "flows.py")
    said = turnout("runs", "ls")
    assert said.golden == ("RUN FLOW STATE DUE TOOK BY WHY\nNAME load ✓ Completed TIME SPAN script\n")
    (run,) = turnout("runs", "ls", "--json").json()
    assert run["name"] in said.out
    assert {"id", "name", "state", "state_name", "flow_name", "parameters", "attempt", "reason", "wait_reason"} <= set(
        run
    )
    assert turnout("runs", "show", run["name"]).out == turnout("runs", "show", "latest").out
    shown = turnout("runs", "show", run["id"], "--json").json()
    assert list(shown) == ["run", "history", "tasks", "artifacts"]
    assert [task["name"] for task in shown["tasks"]] == ["double"]


def test_a_run_is_shown_with_its_history_and_tasks(turnout: Turnout) -> None:
    python(Path.cwd(), "flows.py")
    shown = turnout("runs", "show", "latest").golden
    assert shown.startswith("NAME ✓ Completed\n id ")
    assert "\nhistory\n" in shown
    assert " TIME attempt 1 ✓ Completed by local:spools\n" in shown
    assert shown.endswith("\ntasks (1)\n # TASK STATE TOOK TRIES WHY\n 1 double ✓ Completed SPAN 1\n")


def test_a_log_is_lines_and_json_lines(turnout: Turnout) -> None:
    python(Path.cwd(), "flows.py")
    assert turnout("runs", "logs", "latest").out.endswith(" turnout.print 3 rows\n")
    assert turnout("runs", "logs", "latest", "--json").json()["message"] == "3 rows"
    assert "Completed" in turnout("runs", "logs", "-f", "latest").err


def test_a_log_of_nothing_says_so(turnout: Turnout) -> None:
    python(Path.cwd(), "-m", "turnout", "run", "flows.py:report")
    said = turnout("runs", "logs", "latest")
    assert said.out == ""
    assert said.err.endswith("it logged nothing\n")


def test_what_is_over_is_not_cancelled(turnout: Turnout) -> None:
    python(Path.cwd(), "flows.py")
    said = turnout("runs", "cancel", "latest")
    assert said.code == 1
    assert "is over (Completed): there is nothing to cancel\n  fix: `turnout runs retry " in said.err


def test_a_name_that_is_not_there(turnout: Turnout) -> None:
    said = turnout("runs", "show", "no-such-run")
    assert (said.code, said.out) == (1, "")
    assert (
        said.err == "error: there is no run 'no-such-run'\n  fix: `turnout runs ls` shows the runs with their names\n"
    )


def test_a_failed_run_exits_1_and_shows_the_users_frame(turnout: Turnout) -> None:
    said = python(Path.cwd(), "-m", "turnout", "run", "flows.py:load", "-p", "rows=-1")
    assert said.code == 1
    assert said.err.endswith("ValueError: no such order\n")
    assert "turnout/engine" not in said.err
    assert turnout("runs", "ls", "--state", "failed").golden.endswith(
        "NAME load ✗ Failed TIME SPAN script ValueError: no such order\n"
    )


def test_the_limits_have_values(turnout: Turnout) -> None:
    assert turnout("limits", "--json").json()["page_rows"] == 200
    assert "page_rows" in turnout("limits").out


def test_a_login_needs_a_server(turnout: Turnout) -> None:
    said = turnout("login")
    assert said.code == 1
    assert said.err.startswith("error: no server is running for this project\nwhere: ")
    assert "\n  fix: start one with `turnout up`" in said.err


def test_a_connection_is_listed_and_tried(turnout: Turnout) -> None:
    duckdb = pytest.importorskip("duckdb")
    manifest = Path("turnout.yaml")
    manifest.write_text(manifest.read_text() + "connections:\n  warehouse: {type: duckdb, database: w.duckdb}\n")
    assert turnout("apply", "--allow-dirty").code == 0
    assert turnout("connections", "ls").golden == "CONNECTION TYPE DATABASE USED BY\nwarehouse duckdb w.duckdb -\n"
    tried = turnout("connections", "test", "warehouse", "--here")
    assert tried.code == 0
    assert "the file is not there yet: the first run makes it" in tried.out
    file = Path(".turnout/w.duckdb")
    file.write_text("county,votes\n" * 1000)
    tried = turnout("connections", "test", "warehouse", "--json")
    assert (tried.code, tried.json()["ok"]) == (1, False)
    file.unlink()
    duckdb.connect(str(file)).close()
    assert turnout("connections", "test", "warehouse", "--json").json()["version"] == f"DuckDB {duckdb.__version__}"
    missing = turnout("connections", "test", "lake", "--here")
    assert missing.err.startswith("error: there is no connection 'lake'\n")


def test_runs_are_deleted_once_somebody_means_it(turnout: Turnout) -> None:
    for _ in range(2):
        python(Path.cwd(), "flows.py")
    refused = turnout("runs", "delete", "--flow", "load")
    assert refused.code == 1
    assert refused.err == (
        "2 runs are over and match: 2 completed\n"
        "error: nobody can be asked whether this is meant\n  fix: look at the number, then add --yes\n"
    )
    assert turnout("runs", "delete", "--older-than", "1d", "--yes").err == "No run that is over matches.\n"
    assert "is no span of time" in turnout("runs", "delete", "--older-than", "soon").err
    assert len(turnout("runs", "ls", "--json").json()) == 2
    said = turnout("runs", "delete", "--state", "completed", "--yes", "--json").json()
    assert said == {"deleted": 2, "kept": []}
    assert turnout("runs", "ls", "--json").json() == []
