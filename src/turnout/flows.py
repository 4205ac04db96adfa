"""Flows, and where they are found."""

from turnout.engine.definitions.deploying import EntrypointType, aserve, serve
from turnout.engine.definitions.load import load_flow_from_entrypoint, select_flow
from turnout.engine.flow import Flow, flow

__all__ = ["EntrypointType", "Flow", "aserve", "flow", "load_flow_from_entrypoint", "select_flow", "serve"]
