"""Flows."""

from turnout.engine.flow import Flow, flow

__all__ = ["Flow", "flow"]
