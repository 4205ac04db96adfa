"""The oracle that every harness asks after its runs: `turnout doctor --invariants` on the live database."""

from __future__ import annotations

import subprocess
import sys

from tests.faults.cluster import Cluster


def violations(cluster: Cluster) -> list[str]:
    """One sentence for each finding; [] where the command is not part of this version."""
    done = subprocess.run(
        [sys.executable, "-m", "turnout", "doctor", "--invariants"],
        cwd=cluster.project,
        env=cluster.environ,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0 or "No such command" in done.stderr or "there is no command" in done.stderr:
        return []
    return [f"invariants: {(done.stdout + done.stderr).strip()[-600:]}"]
