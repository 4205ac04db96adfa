"""Tools for testing flows: `harness()` runs them in memory and shows what they recorded."""

from turnout.testing.harness import Harness, harness
from turnout.testing.recorded import RecordedLog, RecordedRun, RecordedTask

__all__ = ["Harness", "RecordedLog", "RecordedRun", "RecordedTask", "harness"]
