"""A project whose flows misbehave, served by a real server and a real worker, for the tests of the worker."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.faults.cluster import Cluster
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, HistoryEntry, Namespace
from turnout.core.states import is_final
from turnout.worker import process_tree

NAMESPACE = Namespace(project="bodies")

FLOWS = """\
import os
import signal
import subprocess
import sys
import threading
import time

from turnout import flow, get_run_logger, runtime, task


def say(text):
    get_run_logger().info(text)


@flow
def hello(name: str = "world"):
    say(f"hello {name}")
    print("printed")
    sys.stderr.write("no newline at the end")


@task
def step(number):
    say(f"step {number}")
    return number


@flow
def crash_once():
    total = sum(step(number) for number in range(3))
    if runtime.flow_run.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return total


@task
def write(text):
    with open("out.csv", "a") as file:
        file.write(text)


@task
def read():
    with open("out.csv") as file, open("turnout.yaml") as manifest:
        say(f"{file.read()} {len(manifest.read()) > 0}")


@flow
def files(text="a", crash=False):
    write(text)
    with open("flows.py", "a") as own:
        own.write("# changed by a run")
    if crash and runtime.flow_run.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    read()


@task(timeout_seconds=1, retries=2)
def hangs():
    sum(range(10**12))  # holds the interpreter


@flow
def stuck_in_c():
    write("done")
    hangs()


@flow
def sleep():
    say("ready")
    time.sleep(600)


@flow
def ignore_term():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("ready")
    while True:
        time.sleep(600)


@flow
def native():
    say("ready")
    sum(range(10**12))


@flow
def native_thread():
    def hold():
        sum(range(10**12))
    say("ready")
    worker = threading.Thread(target=hold, daemon=True)
    worker.start()
    worker.join()


@flow
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(600)
        os._exit(0)
    say("ready")
    time.sleep(600)


@flow
def tree():
    subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600 & (setsid sleep 600 &); wait; sleep 600"])
    say("ready")
    time.sleep(600)


@task(timeout_seconds=0.5)
def stuck():
    sum(range(10**12))


@flow
def stuck_task():
    stuck()


@flow
def steadily():
    say("ready")
    for number in range(200):
        say(f"line {number}")
        time.sleep(0.03)


@flow
def secret():
    print("key", os.environ["VAN_API_KEY"])


@flow(retries=1)
def parent(crash: bool = False):
    from turnout.deployments import run_deployment

    child = run_deployment("hello/hello", parameters={"name": "child"}, flow_run_name="small one", tags=["mine"])
    say(f"{child.id} {child.name} {child.state.is_completed()} {child.tags} {child.parent_flow_run_id}")
    bad = run_deployment("fails")
    say(f"{bad.state_type} {bad.state.message}")
    later = run_deployment("hello", timeout=0)
    say(f"{later.state_type}")
    if crash and runtime.flow_run.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)


@flow
async def async_parent():
    import asyncio

    from turnout.deployments import run_deployment

    both = await asyncio.gather(run_deployment("hello"), run_deployment("hello"))
    say(f"{[run.state_name for run in both]} {len({run.id for run in both})}")


@flow
def fails():
    raise ValueError("no such county")


@flow
def ask():
    print("key", os.environ["TURNOUT_API_KEY"])
    from turnout.engine.connect import api

    made = api().trigger("hello", parameters={"name": "child"}, idempotency_key="child")
    say(f"{made.id} {api().run(made.id, wait=30).state}")
"""

SHORT = {
    "TURNOUT_LEASE_SECONDS": "3",
    "TURNOUT_SWEEP_SECONDS": "0.5",
    "TURNOUT_HEARTBEAT_SECONDS": "1",
    "TURNOUT_CANCEL_GRACE_SECONDS": "1",
}
PLAIN = ("hello", "sleep", "ignore_term", "native", "native_thread", "daemon", "tree", "steadily", "stuck_task")


def make_other_project(folder: Path, flows: str, deployments: Mapping[str, str]) -> Path:
    """A git repository with these flows; deployments: name -> its keys, in one line of YAML."""
    folder.mkdir(parents=True)
    (folder / "flows.py").write_text(flows)
    lines = [
        "project: bodies",
        "timezone: UTC",
        "pools:",
        "  default: {type: process}",
        "variables: {size: 12}",
        "deployments:",
    ]
    return _commit(folder, [*lines, *(f"  {name}: {{{keys}}}" for name, keys in deployments.items())])


def make_project(folder: Path) -> Path:
    """A git repository with each flow deployed as it is, and with a timeout of one second as `<name>-timed`."""
    folder.mkdir(parents=True)
    (folder / "flows.py").write_text(FLOWS)
    lines = ["project: bodies", "timezone: UTC", "pools:", "  default: {type: process}", "secrets:"]
    lines += ["  van: {fields: [api_key]}", "deployments:"]
    for name in PLAIN:
        lines.append(f"  {name.replace('_', '-')}: {{flow: 'flows.py:{name}'}}")
        lines.append(f"  {name.replace('_', '-')}-timed: {{flow: 'flows.py:{name}', timeout: 1s}}")
    lines += ["  crash-stop: {flow: 'flows.py:crash_once'}"]
    lines += ["  files: {flow: 'flows.py:files', on_crash: resume}"]
    lines += ["  stuck-in-c: {flow: 'flows.py:stuck_in_c', on_crash: resume}"]
    lines += ["  stuck-in-c-retried: {flow: 'flows.py:stuck_in_c', on_crash: resume, retries: 1}"]
    lines += ["  crash-resume: {flow: 'flows.py:crash_once', on_crash: resume}"]
    lines += [f"  {name}: {{flow: 'flows.py:{name.replace('-', '_')}'}}" for name in ("async-parent", "fails")]
    lines += ["  parent: {flow: 'flows.py:parent', on_crash: resume}"]
    lines += ["  ask: {flow: 'flows.py:ask'}"]
    lines += ["  secret: {flow: 'flows.py:secret', secrets: [van]}"]
    return _commit(folder, lines)


def _commit(folder: Path, lines: list[str]) -> Path:
    (folder / "turnout.yaml").write_text("\n".join(lines) + "\n")
    (folder / ".gitignore").write_text(".turnout/\n*.log\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "Add the bodies"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


class Project:
    """A running cluster and the questions that tests ask of it."""

    def __init__(
        self, folder: Path, *, flows: str = "", deployments: Mapping[str, str] | None = None, **environ_too: str
    ) -> None:
        environ = {**SHORT, "VAN_API_KEY": "k-0123456789", **environ_too}
        self.cluster = Cluster(
            make_other_project(folder, flows, deployments or {}) if flows else make_project(folder), environ
        )
        self.cluster.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self.data = self.cluster.data

    def start(self) -> None:
        self.cluster.start_server()
        self.cluster.wait_ready()
        self.cluster.apply()
        self.cluster.start_worker()

    def trigger(self, deployment: str, **parameters: object) -> str:
        with self.cluster.api() as api:
            return api.trigger(deployment, namespace=NAMESPACE, parameters=parameters).id

    def ask(self, question: Callable[[AdminApi], object]) -> object:
        with self.cluster.api() as api:
            return question(api)

    def run(self, run_id: str) -> FlowRun:
        with self.cluster.api() as api:
            return api.run(run_id)

    def history(self, run_id: str) -> list[HistoryEntry]:
        with self.cluster.api() as api:
            return api.history(run_id)

    def messages(self, run_id: str, attempt: int = 1) -> list[str]:
        """Every log message of an attempt, in order."""
        found: list[str] = []
        cursor: str | None = None
        with self.cluster.api() as api:
            while True:
                lines, following = api.logs(run_id, cursor=cursor)
                found += [line.message for line in lines if line.attempt == attempt]
                if not lines or following is None:
                    return found
                cursor = following

    def stop(self) -> None:
        """End everything, also what a failed test left: there is no worker any more that would."""
        self.cluster.stop()
        for path in self.data.glob("worker.*.id"):
            process_tree.send(process_tree.strays(path.read_text().strip(), []), signal.SIGKILL)


def is_over(run: FlowRun) -> bool:
    """Final, and no further attempt is coming."""
    return is_final(run.state)


def processes_with(data: Path, run_id: str) -> list[str]:
    """Command lines of living processes that carry the run's mark or sit in a group that its journal names."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                environment = Path(f"/proc/{name}/environ").read_bytes()
                stat = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            if f"TURNOUT_RUN={run_id}".encode() in environment and stat.rpartition(")")[2].split()[0] not in "ZX":
                found.append(name)
    return found
