"""Tools for testing flows: `harness()` runs them in memory and shows what they recorded; see also the pytest plugin."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.testing.clock import FakeClock
    from turnout.testing.recorded import RecordedLog, RecordedRun, RecordedTask
    from turnout.testing.recording import Harness, harness

__all__ = ["FakeClock", "Harness", "RecordedLog", "RecordedRun", "RecordedTask", "harness"]

_HOMES = {
    "FakeClock": "clock",
    "Harness": "recording",
    "RecordedLog": "recorded",
    "RecordedRun": "recorded",
    "RecordedTask": "recorded",
    "harness": "recording",
}


def __getattr__(name: str) -> object:
    # Lazily: pytest loads the plugin, which is in this package, in projects that test no flow at all.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'turnout.testing' has no attribute '{name}'")
    found = getattr(__import__(f"turnout.testing.{home}", fromlist=[name]), name)
    globals()[name] = found
    return found
