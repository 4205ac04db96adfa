"""States of runs, and states to return from a flow or a task."""

from turnout.engine.states import Cancelled, Completed, Crashed, Failed, Pending, Running, Scheduled, State

__all__ = ["Cancelled", "Completed", "Crashed", "Failed", "Pending", "Running", "Scheduled", "State"]
