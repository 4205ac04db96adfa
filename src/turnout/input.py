"""What a run is asked and told while it runs."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.control_plane.run_input import RunInput, asend_input, receive_input, send_input

# As `os` does with `os.path`: where people who come from Prefect look for them.
sys.modules[f"{__name__}.run_input"] = sys.modules[__name__]

__all__ = ["RunInput", "asend_input", "receive_input", "send_input"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.control_plane.run_input", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.input' has no attribute '{name}'")
