"""Waiting for runs, pausing them and letting them go on."""

from turnout.engine.deployed import wait_for_flow_run

__all__ = ["wait_for_flow_run"]
