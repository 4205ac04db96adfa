"""`./dev bench core`: import, hello, direct calls, mapped tasks, trigger to first user line.

*Recorded* means: read back, complete, through the API of a fresh process. A script's flow returns once its record is
committed, so the time of a loop ends there; `hello` is a whole process, until it has exited. The reading back comes
after it and is not timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Figure, alternate, environment, expect_record, output, print_table, wall
from tests.faults.cluster import Cluster
from turnout.core.records import Namespace

PYTHON = sys.executable

IMPORT = """\
from turnout import flow, get_run_logger, task
@task
def one(): pass
@flow
def all_of_it(): one()
"""

HELLO = """\
from turnout import flow, task
@task
def greet(name): return f"hello {name}"
@flow
def hello(name: str): return greet(name)
if __name__ == "__main__":
    hello("world")
"""

BARE_HELLO = """\
def greet(name): return f"hello {name}"
def hello(name: str): return greet(name)
if __name__ == "__main__":
    hello("world")
"""

DIRECT = """\
import sys, time
from turnout import flow, task
@task
def one(number): return number
@flow
def direct(count: int):
    for number in range(count): one(number)
count = int(sys.argv[1])
started = time.time()
direct(count)
print(started, time.time())
"""

MAPPED = """\
import sys, time
from turnout import flow, task
@task
def one(number): return number
@flow
def mapped(count: int):
    return sum(one.map(range(count)).result())
count = int(sys.argv[1])
started = time.time()
assert mapped(count) == sum(range(count))
print(started, time.time())
"""

BARE_DIRECT = """\
import sys, time
def one(number): return number
count = int(sys.argv[1])
started = time.time()
for number in range(count): one(number)
print(started, time.time())
"""

BARE_MAPPED = """\
import sys, time
from concurrent.futures import ThreadPoolExecutor
def one(number): return number
count = int(sys.argv[1])
started = time.time()
with ThreadPoolExecutor() as pool: assert sum(pool.map(one, range(count))) == sum(range(count))
print(started, time.time())
"""

FORK = """\
import os, time
samples = []
for _ in range(50):
    started = time.perf_counter()
    pid = os.fork()
    if not pid: os._exit(0)
    os.waitpid(pid, 0)
    samples.append(time.perf_counter() - started)
print(sorted(samples)[25])
"""

FIRST_LINE = """\
import time
from turnout import flow
@flow
def first_line(path: str):
    with open(path, "w") as handle: handle.write(repr(time.time()))
"""


def main(arguments: list[str]) -> int:
    """Measure everything; returns 0 (a benchmark measures, it does not judge)."""
    parser = argparse.ArgumentParser(prog="./dev bench core")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as folder:
        place = Path(folder)
        for name, text in (("import", IMPORT), ("hello", HELLO), ("bare_hello", BARE_HELLO), ("direct", DIRECT)):
            (place / f"{name}_script.py").write_text(text)
        for name, text in (("mapped", MAPPED), ("bare_direct", BARE_DIRECT), ("bare_mapped", BARE_MAPPED)):
            (place / f"{name}_script.py").write_text(text)
        figures = [
            import_time(place, options.rounds),
            hello(place, options.rounds),
            loop(place, options.rounds, "direct", 1000, unit="us a task", budget=60, floor_is="bare calls"),
            loop(place, options.rounds, "mapped", 10_000, unit="s", budget=0.8, floor_is="ThreadPoolExecutor.map"),
            first_line(place, max(options.rounds, 20)),
        ]
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps([{**vars(f), "ratio": f.ratio} for f in figures], indent=2) + "\n")
    return 0


def import_time(place: Path, rounds: int) -> Figure:
    """The import and one flow and one task defined, over the bare interpreter."""
    environ = environment(place / "import")
    ours, bare = alternate(
        lambda: wall([PYTHON, "import_script.py"], environ, place) * 1000,
        lambda: wall([PYTHON, "-c", "pass"], environ, place) * 1000,
        rounds * 2,
    )
    return Figure(
        name="import, over the bare interpreter", unit="ms", ours=ours - bare, floor=bare, floor_is="python -c pass",
        budget=60,
    )  # fmt: skip


def hello(place: Path, rounds: int) -> Figure:
    """One flow with a `str` parameter, one task, existing data folder: process start to exit, recorded."""
    environ = environment(place / "hello")
    ours, bare = alternate(
        lambda: wall([PYTHON, "hello_script.py"], environ, place),
        lambda: wall([PYTHON, "bare_hello_script.py"], environ, place),
        rounds * 2,
    )
    expect_record(place, environ, tasks=1)
    return Figure(
        name="hello, whole process, recorded", unit="s", ours=ours, floor=bare, floor_is="the same without Turnout",
        budget=0.15,
    )  # fmt: skip


def loop(place: Path, rounds: int, name: str, count: int, *, unit: str, budget: float, floor_is: str) -> Figure:
    """`count` tasks from the first call until recorded."""
    environ = environment(place / name)
    scale = 1e6 / count if unit == "us a task" else 1.0

    def timed(script: str) -> float:
        start, end = map(float, output([PYTHON, f"{script}_script.py", str(count)], environ, place).split())
        return (end - start) * scale

    measured, bare = alternate(lambda: timed(name), lambda: timed(f"bare_{name}"), rounds)
    expect_record(place, environ, tasks=count)
    return Figure(
        name=f"{count:,} {name} tasks, recorded", unit=unit, ours=measured, floor=bare, floor_is=floor_is, budget=budget
    )


def first_line(place: Path, rounds: int) -> Figure:
    """From the API call that makes a run to the first line of user code, on a warm process worker."""
    import subprocess

    project = place / "latency"
    project.mkdir()
    (project / "flows.py").write_text(FIRST_LINE)
    (project / "turnout.yaml").write_text(
        "project: latency\npools:\n  default: {type: process}\ndeployments:\n"
        "  first-line: {flow: 'flows.py:first_line', parameters: {path: /dev/null}}\n"
    )
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Bench"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    cluster = Cluster(project, environment(project / ".turnout"))
    samples = []
    try:
        cluster.start_server()
        cluster.wait_ready()
        cluster.apply()
        cluster.start_worker()
        with cluster.api() as api:
            for number in range(rounds + 2):
                target = place / f"first-line-{number}"
                started = time.time()
                api.trigger("first-line", namespace=Namespace(project="latency"), parameters={"path": str(target)})
                while not (target.exists() and target.read_text()):
                    time.sleep(0.001)
                samples.append((float(target.read_text()) - started) * 1000)
                time.sleep(0.2)
    finally:
        cluster.stop()
    fork = float(output([PYTHON, "-c", FORK], environment(place), place)) * 1000
    warm = samples[2:]
    return Figure(
        name="API call to first user line", unit="ms", ours=statistics.median(warm), floor=fork,
        floor_is="fork and exit of an empty process", budget=40, note=f"worst {max(warm):.0f} ms of {len(warm)}",
    )  # fmt: skip
