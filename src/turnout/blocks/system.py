"""Blocks that are there."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.control_plane.blocks import JSON, DateTime, Secret, String

__all__ = ["JSON", "DateTime", "Secret", "String"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.control_plane.blocks", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.blocks.system' has no attribute '{name}'")
