"""Telling that something happened."""

from turnout.engine.events import Event, emit_event

__all__ = ["Event", "emit_event"]
