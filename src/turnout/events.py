"""Telling that something happened."""

import sys

from turnout.engine.control_plane.events import Event, emit_event

# As `os` does with `os.path`: where people who come from Prefect look for them.
sys.modules[f"{__name__}.utilities"] = sys.modules[__name__]

__all__ = ["Event", "emit_event"]
