"""Record the golden files of the present protocol: `python -m tests.compat.record`. Older ones stay as they are."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from turnout.core.journal import PROTOCOL
from turnout.engine.__main__ import execute

RUN = "01a2050000007000a000000000000001"
GOLDEN = Path(__file__).parent / "golden"


def job_of(folder: Path) -> dict[str, Any]:
    """What a worker of this release hands to the engine; paths are those of `folder`."""
    run = {
        "id": RUN, "attempt": 1, "name": "brisk-heron", "trigger": "manual", "flow_name": "main", "parameters": {},
        "tags": ["van"], "project": "field", "deployment": "nightly", "environment": "default", "due_at": None,
        "spec": {"entrypoint": "flows.py:main", "policy": {"retries": 0, "on_crash": "resume"}, "bundle": None},
    }  # fmt: skip
    return {
        "run": run, "parameters": {"state": "OH"}, "variables": {"size": 12}, "secrets": {}, "connections": {},
        "lease_seconds": 30.0, "resume": False, "data_dir": str(folder), "bundle_dir": str(folder), "mask": [],
        "env": {}, "spool": str(folder / "spool"), "checkpoints": None,
    }  # fmt: skip


def main() -> None:
    """Write journal, job and checkpoints."""
    golden = GOLDEN / f"protocol-{PROTOCOL}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spool").mkdir()
        (folder / "flows.py").write_text((golden / "flows.py").read_text())
        job = job_of(folder)
        execute(job)
        journal = (folder / "spool" / f"{RUN}.1.0").read_text().replace(name, "FOLDER")
        (golden / "job.json").write_text(json.dumps(job, indent=1).replace(name, "FOLDER") + "\n")
    (golden / "journal.jsonl").write_text(journal)
    keys: dict[int, str] = {}
    steps = []
    for entry in map(json.loads, journal.splitlines()[1:]):
        if entry[0] == "c":
            keys[entry[1]] = entry[4]
        if entry[0] == "s" and entry[1] and entry[2] == "completed":
            steps.append({"key": keys[entry[1]], "attempt": 1, "code": None, "inputs": None, **_known(entry[4])})
    (golden / "checkpoints.jsonl").write_text("".join(json.dumps(step) + "\n" for step in steps))


def _known(extra: dict[str, Any]) -> dict[str, Any]:
    return {name: extra[name] for name in ("inputs", "code", "result") if name in extra}


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
