"""A repository that declares in `turnout.py`: whatever runs in it finds the package, or is told why it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.repository import environment, python, write
from tests.faults.cluster import Cluster

FILES = {
    "turnout.yaml": "project: field\ntimezone: UTC\n",
    "turnout.py": '''\
from shared.states import STATES


def manifest():
    """One deployment for every state."""
    return {
        "deployments": {
            f"load-{state}": {"flow": "flows/load.py:load", "parameters": {"state": state}} for state in STATES
        }
    }


if __name__ in ("__main__", "turnout"):
    raise SystemExit("the command is `turnout`")
''',
    "shared/states.py": 'STATES = ("oh", "mi")\n',
    "flows/load.py": '''\
import multiprocessing

from turnout import flow, task
from turnout.task_runners import ProcessPoolTaskRunner


@task
def upper(state: str) -> str:
    return state.upper()


def package() -> str:
    """In a process that knows nothing yet."""
    import turnout

    return str(hasattr(turnout, "flow"))


@flow(log_prints=True, task_runner=ProcessPoolTaskRunner(max_workers=1))
def load(state: str = "oh") -> str:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print("elsewhere", pool.apply(package))
    print("it is", upper.submit(state).result())
    return state


if __name__ == "__main__":
    load()
''',
    "conftest.py": "",
    "tests/test_load.py": """\
from flows.load import load
from turnout import flow


def test_it() -> None:
    assert isinstance(load, type(flow(lambda: None)))
    assert load("pa") == "pa"
""",
}
COMMAND = str(Path(sys.executable).parent / "turnout")


class Commands(Cluster):
    """The processes as a person starts them."""

    def _spawn(self, more: dict[str, str], *command: str) -> "subprocess.Popen[bytes]":
        with (self.project / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [COMMAND, *command], cwd=self.project, env={**self.environ, **more}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "field", FILES)


def command(folder: Path, *words: str, program: str = COMMAND) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *words], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_the_command_a_worker_and_its_processes_find_the_package(folder: Path) -> None:
    running = Commands(folder, environment())
    running.start_server()
    try:
        running.wait_ready()
        running.start_worker()
        assert command(folder, "plan").returncode == 2
        assert command(folder, "apply", "--yes").returncode == 0
        again = command(folder, "plan")
        assert (again.returncode, again.stderr) == (0, "")
        ran = command(folder, "trigger", "load-mi", "--wait")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        told = command(folder, "runs", "logs", "latest").stdout
        assert "elsewhere True" in told
        assert "it is MI" in told
    finally:
        running.stop()


def test_scripts_and_tests_find_the_package(folder: Path) -> None:
    script = python(folder, "flows/load.py")
    assert script.returncode == 0, script.stderr
    assert "it is OH" in script.stdout + script.stderr
    ran = command(folder, "run", "flows/load.py:load", "-p", "state=pa")
    assert ran.returncode == 0, ran.stderr
    tested = command(folder, "-q", "-p", "no:cacheprovider", program=str(Path(sys.executable).parent / "pytest"))
    assert tested.returncode == 0, tested.stdout
    assert command(folder, "check").returncode == 0


@pytest.mark.parametrize("words", [("turnout", "--version"), ("pytest", "-q", "--collect-only")])
def test_python_s_own_search_finds_the_file_which_says_so(folder: Path, words: tuple[str, ...]) -> None:
    found = python(folder, "-m", *words)
    assert (found.returncode, "the command is `turnout`" in found.stderr) == (1, True)
    safe = python(folder, "-P", "-m", *words)
    assert safe.returncode == 0, safe.stderr
