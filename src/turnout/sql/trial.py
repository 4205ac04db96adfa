"""Trying a connection beside the server: in a short-lived process, for a database driver is foreign code.

The process gets the connection as the manifest has it and a dozen names of the environment, no token among them. It
opens the database for reading and makes nothing.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError
from turnout.core.inventory import ConnectionTrial
from turnout.core.limits import CONNECTION_TRIAL_SECONDS

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
MODULE = "turnout.sql.trial_process"
START_SECONDS = 60.0
"""How long the process may take to begin; that is not the database's time."""


def try_connection(
    name: str, kind: str, options: Mapping[str, Any], folder: Path, *, timeout: float = CONNECTION_TRIAL_SECONDS
) -> ConnectionTrial:
    """Whether a connection can be used on this machine; what is wrong with it is part of the answer.

    folder: the data folder, which relative paths start from. Raises ConfigurationError for a type that this version
    does not know.
    """
    if kind != "duckdb":
        raise ConfigurationError(f"connections of type '{kind}' are not supported by this version", where=name)
    answer = _ask({"database": options.get("database"), "folder": str(folder.resolve()), "seconds": timeout})
    place = answer.pop("where")
    return ConnectionTrial(name=name, type=kind, where=f"{place} on {socket.gethostname()}", **answer)


def _ask(asked: Mapping[str, Any]) -> dict[str, Any]:
    # -P: no folder of a project is where modules are looked for.
    command = [sys.executable, "-P", "-m", MODULE]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=asked["seconds"] + START_SECONDS,
            cwd=Path(asked["folder"]).anchor,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _silent(asked)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        if done.returncode == -signal.SIGALRM:
            return _silent(asked)
        # What a driver that crashed left on its output may hold anything: it is not passed on.
        what = f"the process that tried it ended with code {done.returncode} and without an answer"
        return _failed(asked, what, "try again; `turnout doctor` looks at this installation")


def _silent(asked: Mapping[str, Any]) -> dict[str, Any]:
    what = f"it did not answer within {asked['seconds']:g} s"
    return _failed(asked, what, "look at the disk or network drive that the file is on, and try again")


def _failed(asked: Mapping[str, Any], what: str, fix: str) -> dict[str, Any]:
    where = str(Path(asked["folder"]) / str(asked["database"]))
    return {"ok": False, "seconds": asked["seconds"], "version": None, "what": what, "where": where, "fix": fix}


def _environment() -> dict[str, str]:
    # The process must find this very turnout, also when it was put on the path by hand.
    package = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"PYTHONPATH": f"{package}{os.pathsep}{path}" if path else package}
