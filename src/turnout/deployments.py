"""Starting runs of deployments from code."""

from turnout.engine.deployed import arun_deployment, run_deployment

__all__ = ["arun_deployment", "run_deployment"]
