"""The base of all blocks."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.control_plane.blocks import Block

__all__ = ["Block"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.control_plane.blocks", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.blocks.core' has no attribute '{name}'")
