"""File systems as blocks."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.control_plane.filesystems import (
        LocalFileSystem,
        NullFileSystem,
        RemoteFileSystem,
        WritableFileSystem,
    )

__all__ = ["LocalFileSystem", "NullFileSystem", "RemoteFileSystem", "WritableFileSystem"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.control_plane.filesystems", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.filesystems' has no attribute '{name}'")
