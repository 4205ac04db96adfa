"""`./dev quickstart`: the example repository, running, by one command.

Copies `examples/field-plan` into a new git repository, starts `turnout up` in it, triggers the first deployment, and
follows the chain to its end. With `--once` it prints one JSON summary on stdout, stops everything, and exits 0 only if
every run completed; without, it prints a link that logs a browser in, and stays up until Ctrl-C; a second start finds
its history.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from turnout.client import connect
from turnout.core.errors import TurnoutError
from turnout.core.ports import AdminApi
from turnout.core.records import FlowRun, Namespace, Page, RunFilter
from turnout.core.states import RunState, is_final
from turnout.settings import load

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "field-plan"
CHAIN = ("load-zip-codes", "county-model", "state-model", "assign-turf", "export-plan")
TABLES = ("zip_code", "county", "state", "turf")
NAMESPACE = Namespace(project="field-plan")
PATIENCE_SECONDS = 90.0


def main() -> int:
    """Run the quickstart; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--once", action="store_true", help="run the chain, print a JSON summary, stop")
    parser.add_argument("--folder", type=Path, default=ROOT / ".quickstart", help="where it stays, without --once")
    parser.add_argument("--port", help="the server's port; 0 for a free one")
    parser.add_argument("--ui", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    once = asked.once
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="turnout-quickstart-")) if once else asked.folder
    project = make_repository(folder / "field-plan")
    port = asked.port or ("0" if once else None)
    say("starting `turnout up` there")
    # A session of its own: Ctrl-C reaches this script alone, which then stops `up` in order.
    up = subprocess.Popen(
        [sys.executable, "-m", "turnout", "up", *(["--port", port] if port else [])],
        cwd=project,
        start_new_session=True,
        stderr=subprocess.PIPE if once else None,
        text=True,
    )
    try:
        return follow(project, up, asked, started)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(up)
        if once:
            shutil.rmtree(folder, ignore_errors=True)


def make_repository(project: Path) -> Path:
    """The example as a git repository with one commit; an existing one is kept, with its history of runs."""
    if project.exists():
        say(f"found {project} from last time")
        return project
    say(f"copying the example to {project}")
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".turnout", ".pytest_cache"))
    author = ["-c", "user.name=Quickstart", "-c", "user.email=quickstart@localhost", "-c", "commit.gpgsign=false"]
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        [*author, "commit", "-q", "-m", "Start the field plan"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    return project


def follow(project: Path, up: subprocess.Popen[str], asked: argparse.Namespace, started: float) -> int:
    """Trigger the chain, wait for its end and for that of the UI's build, tell what came of it."""
    once: bool = asked.once
    with wait_for_server(project, up) as api:
        first = api.trigger(CHAIN[0], namespace=NAMESPACE)
        say(f"triggered {first.name}; the others follow one another")
        runs = {name: wait_for_run(api, name, first) for name in CHAIN}
        built = asked.ui is None or wait_for_ui(asked.ui)
        link = "" if once else api.login_link()
    data = load(project).data_dir
    rows = count_rows(data / "warehouse.duckdb")
    files = sorted(str(path) for path in (data / "exports").rglob("*") if path.is_file())
    well = all(run.state == RunState.COMPLETED for run in runs.values()) and all(rows.values())
    summary = {
        "ok": well,
        "runs": {name: run.id for name, run in runs.items()},
        "states": {name: str(run.state) for name, run in runs.items()},
        "rows": rows,
        "files": files if not once else [Path(file).name for file in files],
        "ui": built,
        "seconds": round(time.monotonic() - started, 2),
    }
    if once:
        print(json.dumps(summary))
        return 0 if well else 1
    tell(project, runs, rows, files, link)
    up.wait()
    return 0


def wait_for_server(project: Path, up: subprocess.Popen[str]) -> Any:
    """The API of the server that `up` started, once the repository is applied."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if up.poll() is not None:
            raise SystemExit(f"`turnout up` ended with {up.returncode}:\n{up.stderr.read() if up.stderr else ''}")
        try:
            api = connect(load(project))
            if api is not None and api.deployments(NAMESPACE):
                return api
        except TurnoutError:
            pass  # not listening yet
        time.sleep(0.05)
    raise SystemExit("`turnout up` did not get ready")


def wait_for_run(api: AdminApi, deployment: str, first: FlowRun) -> FlowRun:
    """The deployment's run of this chain, once it is final."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        newest = api.runs(RunFilter(project=NAMESPACE.project, deployment=deployment), Page(limit=1))
        if newest and newest[0].id >= first.id and is_final(newest[0].state):
            say(f"  {deployment:<16} {newest[0].state_name}")
            return newest[0]
        time.sleep(0.05)
    waiting = api.deployment(deployment, NAMESPACE).waiting
    raise SystemExit(f"{deployment} did not end: {waiting or 'see `turnout runs ls`'}")


def wait_for_ui(build: int) -> bool:
    """Whether the build of the UI went well that `./dev` began before it became this process. The server takes it up
    as soon as it is there."""
    _, status = os.waitpid(build, 0)
    if status:
        say("going on without the UI; ./dev ui says more")
    return status == 0


def count_rows(database: Path) -> Mapping[str, int]:
    """Rows of each table that the chain writes."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as warehouse:
        return {name: warehouse.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in TABLES}


def tell(project: Path, runs: Mapping[str, FlowRun], rows: Mapping[str, int], files: list[str], link: str) -> None:
    """What ran, what was written, where it is."""
    print("\nran")
    for name, run in runs.items():
        took = (run.ended_at - run.started_at).total_seconds() if run.ended_at and run.started_at else 0.0
        print(f"  {name:<16} {run.state_name:<10} {took:6.2f} s")
    print("rows")
    for table, count in rows.items():
        print(f"  {table:<16} {count:>10,}")
    print("files")
    for file in files:
        print(f"  {file}")
    print(f"\nLook at it; the link logs one browser in:\n  {link}")
    print("Or in another terminal; `turnout login` makes another link:")
    print(f"  cd {project} && . {Path(sys.executable).parent / 'activate'}")
    print("  turnout runs ls; turnout login")
    print("Ctrl-C stops everything; the history stays.", flush=True)


def stop(up: subprocess.Popen[str]) -> None:
    """End `up` in order, and for certain."""
    if up.poll() is not None:
        return
    up.send_signal(signal.SIGINT)
    try:
        up.wait(timeout=15)
    except subprocess.TimeoutExpired:
        up.kill()
        up.wait()


def say(text: str) -> None:
    """Talk goes to stderr: stdout holds the summary alone."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
