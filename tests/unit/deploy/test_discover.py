# ruff: noqa: E501 - a message is compared as a whole, and read as one line
from pathlib import Path

import pytest

from turnout.deploy.discover import CREDENTIALS, Discovered, discover

GOOD = '''\
"""A module."""

from turnout import flow
from helpers import LIMIT

print("noise on stdout")


@flow(name="load-people", retries=2, timeout_seconds=60)
def load(state: str, limit: int = LIMIT) -> int:
    """Loads people.

    And more of it.
    """
    return limit


@flow
def other() -> None:
    pass


def plain() -> None:
    pass
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "good.py").write_text(GOOD)
    (tmp_path / "helpers.py").write_text("LIMIT = 5\n")
    return tmp_path


def one(root: Path, entrypoint: str, timeout: float = 60) -> Discovered | str:
    """What was found, or the error as `where: what | fix`."""
    found, wrong = discover(root, [entrypoint], timeout=timeout)
    assert len(found) + len(wrong) == 1
    if found:
        return found[entrypoint]
    error = wrong[entrypoint]
    return f"{error.where}: {error.what} | {error.fix}"


def broken(root: Path, text: str, timeout: float = 60) -> str:
    (root / "bad.py").write_text(text)
    answer = one(root, "bad.py:f", timeout)
    assert isinstance(answer, str)
    return answer


def test_a_flow_tells_its_name_description_parameters_and_options(root: Path) -> None:
    flow = one(root, "flows/good.py:load")
    assert isinstance(flow, Discovered)
    assert (flow.flow_name, flow.description) == ("load-people", "Loads people.")
    assert flow.parameter_schema["required"] == ["state"]
    assert flow.parameter_schema["properties"]["limit"] == {"type": "integer", "default": 5}
    assert (flow.options["retries"], flow.options["timeout_seconds"]) == (2, 60)
    assert flow.modules == ("flows/good.py", "helpers.py")


def test_one_file_is_imported_once_for_all_its_flows(root: Path) -> None:
    counter = root / "count"
    (root / "flows" / "good.py").write_text(GOOD + f"\nopen({str(counter)!r}, 'a').write('x')\n")
    found, wrong = discover(root, ["flows/good.py:load", "flows/good.py:other"])
    assert (set(found), wrong) == ({"flows/good.py:load", "flows/good.py:other"}, {})
    assert counter.read_text() == "x"


def test_a_broken_file_hides_nothing_of_the_others(root: Path) -> None:
    (root / "bad.py").write_text("import nowhere_to_be_found\n")
    found, wrong = discover(root, ["bad.py:f", "flows/good.py:other", "flows/good.py:nobody"])
    assert list(found) == ["flows/good.py:other"]
    assert set(wrong) == {"bad.py:f", "flows/good.py:nobody"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\nimport nowhere_to_be_found\n", "bad.py:2: importing bad.py failed: ModuleNotFoundError: No module named 'nowhere_to_be_found' | install it and add it to the project's dependencies, or correct the name: nowhere_to_be_found"),
        ("def f(:\n", "bad.py:1: importing bad.py failed: SyntaxError: invalid syntax (bad.py, line 1) | correct the line"),
        ("\n\n1 / 0\n", "bad.py:3: importing bad.py failed: ZeroDivisionError: division by zero | `python bad.py` shows the whole traceback"),
        ("import broken_helper\n", "broken_helper.py:2: importing bad.py failed: ValueError: deep | `python bad.py` shows the whole traceback"),
        ("import sys\nsys.exit(3)\n", "bad.py:2: importing bad.py failed: SystemExit: 3 | keep work out of the module: put it into the flow, or under if __name__ == '__main__':"),
        ("def f():\n    pass\n", "bad.py:1: 'f' is no flow | put @flow above f"),
        ("from turnout import flow\n@flow\ndef ff(): ...\n", "bad.py:1: there is no 'f' in bad.py | did you mean 'ff'?"),
        ("", "bad.py:1: there is no 'f' in bad.py | define it, with @flow above"),
        ("from turnout import flow\n@flow\ndef f(): ...\nf()\n", "bad.py:4: importing the file runs the flow 'f' | put the call under if __name__ == '__main__':"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_in_the_user_s_file(root: Path, text: str, expected: str) -> None:
    (root / "broken_helper.py").write_text("# a remark\nraise ValueError('deep')\n")
    assert broken(root, text) == expected


def test_a_file_that_dies_or_hangs_is_reported_too(root: Path) -> None:
    died = broken(root, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert died.startswith("bad.py: importing it was killed by signal 9")
    left = broken(root, "import os, sys\nprint('bye', file=sys.stderr, flush=True)\nos._exit(7)\n")
    assert left.startswith("bad.py: importing it ended with exit code 7: bye")
    hung = broken(root, "import threading\nthreading.Event().wait()\n", timeout=3)
    assert hung.startswith("bad.py: importing it took more than 3 s")


def test_a_file_that_asks_for_input_does_not_wait(root: Path) -> None:
    assert "EOFError" in broken(root, "input('name? ')\n")


def test_threads_of_the_file_do_not_keep_the_answer(root: Path) -> None:
    text = "import threading\nfrom turnout import flow\nthreading.Thread(target=threading.Event().wait).start()\n@flow\ndef f(): ...\n"
    (root / "bad.py").write_text(text)
    assert isinstance(one(root, "bad.py:f", timeout=30), Discovered)


def test_sql_files_tell_the_same_of_themselves(root: Path) -> None:
    (root / "model.sql").write_text(
        "-- description: A model.\n-- connection: w\n-- parameter a: integer = 1\n-- parameter b: text\nSELECT $b;"
    )
    flow = one(root, "model.sql")
    assert isinstance(flow, Discovered)
    assert (flow.flow_name, flow.description, flow.connection) == ("model", "A model.", "w")
    assert flow.parameter_schema["required"] == ["b"]
    assert flow.notes == ("the parameter 'a' is declared and no statement uses it",)
    (root / "model.sql").write_text("SELECT 1;\nSELEC 2;")
    assert (
        one(root, "model.sql") == 'model.sql:2: Parser Error: syntax error at or near "SELEC" | correct the statement'
    )


def test_a_file_that_is_looked_at_is_told_no_credential(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CREDENTIALS:
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("TEAM_SETTING", "seen")
    (root / "nosy.py").write_text(
        "import os\nfrom turnout import flow\n"
        "found = sorted(name for name, value in os.environ.items() if 's3cret' in value or name == 'TEAM_SETTING')\n"
        "@flow(description=' '.join(found))\ndef peek() -> None:\n    pass\n"
    )
    found, wrong = discover(root, ["nosy.py:peek"])
    assert wrong == {}
    assert found["nosy.py:peek"].description == "TEAM_SETTING"


def test_of_two_hundred_files_the_bad_ones_hide_nobody(root: Path) -> None:
    for number in range(200):
        (root / "flows" / f"f{number}.py").write_text(
            f"from turnout import flow\n\n\n@flow\ndef run(n: int = {number}): ...\n"
        )
    (root / "flows" / "f7.py").write_text("import os\n\nos._exit(3)\n")
    (root / "flows" / "f77.py").write_text("import time\n\ntime.sleep(600)\n")
    (root / "flows" / "f177.py").write_text("this is no Python\n")
    (root / "flows" / "f178.py").write_text("import os\n\nos.closerange(0, 100)\nos._exit(0)\n")
    found, wrong = discover(root, [f"flows/f{number}.py:run" for number in range(200)], timeout=10)
    assert len(found) == 196
    assert found["flows/f199.py:run"].parameter_schema["properties"]["n"]["default"] == 199
    assert {entrypoint: error.what.partition(":")[0] for entrypoint, error in wrong.items()} == {
        "flows/f7.py:run": "importing it ended with exit code 3",
        "flows/f77.py:run": "importing it took more than 10 s",
        "flows/f177.py:run": "importing flows/f177.py failed",
        "flows/f178.py:run": "importing it ended with exit code 0",
    }
