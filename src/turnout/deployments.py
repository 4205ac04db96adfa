"""Starting runs of deployments from code, and registering deployments."""

import sys

from turnout.engine.control_plane.deployed import arun_deployment, run_deployment
from turnout.engine.definitions.deploying import deploy

# As `os` does with `os.path`: where people who come from Prefect look for them.
sys.modules[f"{__name__}.flow_runs"] = sys.modules[__name__]

__all__ = ["arun_deployment", "deploy", "run_deployment"]
