"""Flows, and where they are found."""

from turnout.engine.deploying import EntrypointType, aserve, serve
from turnout.engine.flow import Flow, flow
from turnout.engine.load import load_flow_from_entrypoint, select_flow

__all__ = ["EntrypointType", "Flow", "aserve", "flow", "load_flow_from_entrypoint", "select_flow", "serve"]
