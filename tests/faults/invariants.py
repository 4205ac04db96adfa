"""The oracle that every harness asks after its runs: `turnout doctor --invariants` on the live database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.faults.cluster import Cluster


def violations(cluster: Cluster) -> list[str]:
    """The findings on a cluster's database; [] if all is well."""
    return doctor(cluster.project, cluster.environ)


def doctor(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """What the command finds, run in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "turnout", "doctor", "--invariants"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )
    return [f"invariants: {(done.stdout + done.stderr).strip()[-600:]}"] if done.returncode else []
