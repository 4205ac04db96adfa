import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """from turnout import flow, task


@task
def divide(a, b):
    return a / b


@flow
def inner():
    return divide(1, 0)


@flow
def main():
    return inner()


main()
"""

GOLDEN = """Traceback (most recent call last):
  File "{script}", line 19, in <module>
    main()
  File "{engine}", line N, in __call__
    raise state.failure()
  File "{script}", line 16, in main
    return inner()
  File "{script}", line 11, in inner
    return divide(1, 0)
  File "{script}", line 6, in divide
    return a / b
ZeroDivisionError: division by zero
"""


def run(tmp_path: Path, source: str, **env: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(source)
    return subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, input="p a\nc\n",
        env={"TURNOUT_RECORD": "0", **env},
    )  # fmt: skip


def masked(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(
        line.replace(line.split("line ")[1].split(",")[0], "N", 1) if "engine" in line and ", line " in line else line
        for line in lines
        if set(line.strip()) - set("~^")  # newer Pythons underline more
    )


def test_a_failure_shows_the_users_code(tmp_path: Path) -> None:
    import turnout.engine.flow

    done = run(tmp_path, SCRIPT)
    assert done.returncode == 1
    assert masked(done.stderr) == GOLDEN.format(script=tmp_path / "script.py", engine=turnout.engine.flow.__file__)


def test_the_whole_traceback_on_request(tmp_path: Path) -> None:
    done = run(tmp_path, SCRIPT, TURNOUT_FULL_TRACEBACK="1")
    assert "run_blocking" in done.stderr


def test_a_submitted_failure_shows_the_users_code(tmp_path: Path) -> None:
    done = run(tmp_path, SCRIPT.replace("divide(1, 0)", "divide.submit(1, 0)"))
    assert done.returncode == 1
    frames = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert sum("turnout" + os.sep + "engine" in line for line in frames) <= 1
    assert "in divide" in frames[-1]


def test_an_unread_failure_shows_its_cause(tmp_path: Path) -> None:
    done = run(tmp_path, SCRIPT.replace("return divide(1, 0)", "divide.submit(1, 0)"))
    assert "direct cause" in done.stderr
    assert "return a / b" in done.stderr
    assert "FlowRunFailed: a task did not complete and nobody read the result: 'divide'" in done.stderr


def test_nested_calls_cost_at_most_three_engine_frames(tmp_path: Path) -> None:
    source = """
import sys
from turnout import flow, task
@task
def count():
    frame, engine = sys._getframe(), 0
    while frame:
        engine += "engine" in frame.f_code.co_filename
        frame = frame.f_back
    return engine
@task
def outer(): return count()
@flow
def main(): return outer()
print(main())
"""
    assert int(run(tmp_path, source).stdout) <= 9


@pytest.mark.parametrize("call", ["divide(7, 1)", "divide.submit(7, 1).result()"])
def test_breakpoint_works_in_a_task(tmp_path: Path, call: str) -> None:
    source = SCRIPT.replace("return a / b", "breakpoint()\n    return a / b").replace("divide(1, 0)", call)
    done = run(tmp_path, source)
    assert done.returncode == 0, done.stderr
    assert "(Pdb) 7" in done.stdout


def test_coverage_and_profile_see_task_bodies(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("divide(1, 0)", "divide(1, 1)").replace("return a / b", "x = a / b\n    return x"))
    env = {"TURNOUT_RECORD": "0", "COVERAGE_FILE": str(tmp_path / ".coverage"), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-m", "coverage", "run", script], check=True, env=env, cwd=tmp_path)
    report = subprocess.run(
        [sys.executable, "-m", "coverage", "report", "--include", script],
        capture_output=True,
        text=True,
        env=env,
        cwd=tmp_path,
    )
    assert "100%" in report.stdout
    profile = subprocess.run(
        [sys.executable, "-m", "cProfile", script], capture_output=True, text=True, env=env, cwd=tmp_path
    )
    assert "(divide)" in profile.stdout


def test_pytest_points_at_the_users_line(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SCRIPT.replace("\nmain()\n", "\ndef test_main():\n    main()\n"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        capture_output=True, text=True, cwd=tmp_path, env={"TURNOUT_RECORD": "0"},
    )  # fmt: skip
    assert "engine" not in done.stdout
    assert "test_it.py:6: ZeroDivisionError" in done.stdout
