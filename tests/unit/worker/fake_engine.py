"""The least engine that honours the contract: a journal, SIGTERM as cancellation, a function of the bundle."""

import fcntl
import importlib.util
import json
import os
import signal
import time
import traceback
from pathlib import Path
from typing import Any


class Cancelled(BaseException):
    """Raised in the main thread by SIGTERM."""


def execute(job: dict[str, Any]) -> int:
    run = job["run"]
    path = Path(job["spool"]) / f"{run['id']}.{run['attempt']}.0"
    spool = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
    fcntl.flock(spool, fcntl.LOCK_EX)

    def write(entry: Any) -> None:
        os.write(spool, json.dumps(entry, separators=(",", ":")).encode() + b"\n")

    def cancel(*_: object) -> None:
        raise Cancelled

    signal.signal(signal.SIGTERM, cancel)
    write({"protocol": 1, "run": run["id"], "attempt": run["attempt"], "stream": 0, "pid": os.getpid()})
    file, _, name = run["spec"]["entrypoint"].partition(":")
    state, code = "failed", 1
    try:
        write(["s", 0, "running", time.time(), None])
        spec = importlib.util.spec_from_file_location("bodies", Path(job["bundle_dir"]) / file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.log = lambda text: write(["l", 0, time.time(), 20, "flow", text])
        getattr(module, name)(job)
        state, code = "completed", 0
    except Cancelled:
        state, code = "cancelled", 130
    except Exception:
        traceback.print_exc()
    write(["s", 0, state, time.time(), None])
    write(["e", time.time()])
    os.close(spool)
    return code
