"""File systems as blocks."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.filesystems import LocalFileSystem, NullFileSystem, RemoteFileSystem, WritableFileSystem

__all__ = ["LocalFileSystem", "NullFileSystem", "RemoteFileSystem", "WritableFileSystem"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(__import__("turnout.engine.filesystems", fromlist=[name]), name)
    raise AttributeError(f"module 'turnout.filesystems' has no attribute '{name}'")
