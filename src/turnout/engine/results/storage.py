"""Where results are kept: a folder, an fsspec URL, a block or object with `read_path` and `write_path`, memory.

A storage has `url`, `read(key)`, `write(key, data)`, `exists(key)`, `delete(key)`. `write` is all or nothing: a reader
sees the old content or the new. Whatever goes wrong is an OSError, FileNotFoundError where there is nothing.
"""

from __future__ import annotations

import os
import sys
from itertools import count

from turnout.core.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from turnout.engine.context.scopes import Root

    class Storage(Protocol):
        """See the module."""

        url: str

        def read(self, key: str) -> bytes: ...
        def write(self, key: str, data: bytes) -> None: ...
        def exists(self, key: str) -> bool: ...
        def delete(self, key: str) -> None: ...


FOLDER = "results"
_WHOLE_PUTS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "r2", "oci", "oss", "memory"})
"""Protocols whose puts are seen whole or not at all; elsewhere a file is renamed into place."""
_serial = count(1).__next__


class FolderStorage:
    """A folder of this machine."""

    def __init__(self, folder: str) -> None:
        self.url = os.path.abspath(os.path.expanduser(folder))

    def read(self, key: str) -> bytes:
        with open(self._path(key), "rb") as file:
            return file.read()

    def write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        draft = f"{path}.{os.getpid()}-{_serial()}.new"
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        try:
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(data)
            os.replace(draft, path)
        except BaseException:
            if os.path.exists(draft):
                os.unlink(draft)
            raise

    def exists(self, key: str) -> bool:
        return os.path.isfile(self._path(key))

    def delete(self, key: str) -> None:
        os.unlink(self._path(key))

    def _path(self, key: str) -> str:
        path = os.path.normpath(os.path.join(self.url, key))
        if path == self.url or not path.startswith(self.url + os.sep):
            raise ConfigurationError(f"the storage key '{key}' leads out of {self.url}", fix="give a relative key")
        return path


class UrlStorage:
    """A place that fsspec reaches, such as s3://bucket/prefix."""

    def __init__(self, url: str, options: dict[str, Any] | None = None) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise ConfigurationError(
                f"result_storage={url!r} needs fsspec", fix="pip install turnout[storage], for S3 turnout[s3]"
            ) from error
        self.url = url.rstrip("/")
        self._whole_puts = url.partition("://")[0].lower() in _WHOLE_PUTS
        try:
            self._files, self._prefix = url_to_fs(self.url, **(options or {}))
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"result_storage={url!r} cannot be used: {error}") from error

    def read(self, key: str) -> bytes:
        return bytes(self._asked(self._files.cat_file, key))

    def write(self, key: str, data: bytes) -> None:
        self._asked(lambda path: self._put(path, data), key)

    def exists(self, key: str) -> bool:
        self._files.invalidate_cache()  # another process may have written since
        return bool(self._asked(self._files.exists, key))

    def delete(self, key: str) -> None:
        self._asked(self._files.rm_file, key)

    def _put(self, path: str, data: bytes) -> None:
        if self._whole_puts:
            self._files.pipe_file(path, data)
            return
        draft = f"{path}.{os.getpid()}-{_serial()}.new"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(draft, data)
        self._files.mv(draft, path)

    def _asked(self, ask: Callable[[str], Any], key: str) -> Any:
        path = f"{self._prefix.rstrip('/')}/{key}"
        try:
            return ask(path)
        except OSError:
            raise
        except Exception as error:  # each file system has its own
            raise OSError(f"{self.url}: {type(error).__name__}: {error}") from error


class ObjectStorage:
    """A block, or any object with `read_path` and `write_path`, plain or async."""

    def __init__(self, files: Any) -> None:
        self.files = files
        self.url = str(getattr(files, "basepath", None) or type(files).__name__)

    def read(self, key: str) -> bytes:
        return bytes(self._asked(lambda: self.files.read_path(key)))

    def write(self, key: str, data: bytes) -> None:
        self._asked(lambda: self.files.write_path(key, data))

    def exists(self, key: str) -> bool:
        try:
            self.read(key)
        except OSError:
            return False
        return True

    def delete(self, key: str) -> None:
        raise OSError(f"{self.url} deletes nothing")

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            answer = ask()
            if hasattr(answer, "__await__"):
                from turnout.engine.runners.loops import run_blocking_here

                return run_blocking_here(lambda: _awaited(answer))
            return answer
        except OSError:
            raise
        except ValueError as error:  # what Prefect's own file systems raise for a file that is not there
            raise FileNotFoundError(str(error)) from error
        except Exception as error:
            raise OSError(f"{self.url}: {type(error).__name__}: {error}") from error


class MemoryStorage:
    """A dict: for tests, and where nothing may be written."""

    def __init__(self) -> None:
        self.url = "memory"
        self.files: dict[str, bytes] = {}

    def read(self, key: str) -> bytes:
        if key not in self.files:
            raise FileNotFoundError(key)
        return self.files[key]

    def write(self, key: str, data: bytes) -> None:
        self.files[key] = data

    def exists(self, key: str) -> bool:
        return key in self.files

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


def resolve_storage(given: Any) -> Storage:
    """The storage that an option means. Raises ConfigurationError.

    given: a URL, a path, the name of a saved block ("local-file-system/results"), a block, a storage.
    """
    if hasattr(given, "read") and hasattr(given, "write") and hasattr(given, "exists"):
        return given  # type: ignore[no-any-return]
    if hasattr(given, "read_path") and hasattr(given, "write_path"):
        return ObjectStorage(given)
    if not isinstance(given, (str, os.PathLike)):
        raise ConfigurationError(f"result_storage is {given!r}", fix="give a URL, a path or a block")
    text = os.fspath(given)
    found = _made.get(text)
    if found is None:
        found = _made[text] = _from_text(text, isinstance(given, str))
    return found


def default_storage(root: Root | None) -> Storage:
    """TURNOUT_RESULT_STORAGE, else `<data>/results`; memory in a test's harness and where nothing is recorded."""
    given = os.environ.get("TURNOUT_RESULT_STORAGE")
    if given:
        return resolve_storage(given)
    own = root.results if root is not None else None
    if own is not None:
        return own
    folder = root.data_dir if root is not None else None
    if folder is None:
        from turnout.engine import connect

        if not connect.recording():
            return _process
        folder = connect.data_dir(connect.find_project(os.getcwd()))
    return resolve_storage(os.path.join(folder, FOLDER))


def _from_text(text: str, may_be_block: bool) -> Storage:
    if "://" in text:
        return FolderStorage(text[7:]) if text.startswith("file://") else UrlStorage(text)
    if may_be_block and text.count("/") == 1 and text[0] not in "./~":
        slug = text.partition("/")[0]
        if slug in ("local-file-system", "remote-file-system"):
            import turnout.engine.control_plane.filesystems  # noqa: F401 - their classes are known once it is loaded
        elif "turnout.engine.control_plane.blocks" not in sys.modules:
            return FolderStorage(text)
        from turnout.core.errors import NotFound
        from turnout.engine.control_plane.blocks import Block

        try:
            return ObjectStorage(Block.load(text))
        except NotFound as error:
            if not os.path.isdir(slug):
                raise ConfigurationError(
                    f"result_storage={text!r}: {error.what}", fix="save the block first"
                ) from error
    return FolderStorage(text)


async def _awaited(answer: Any) -> Any:
    return await answer


_made: dict[str, Storage] = {}
_process = MemoryStorage()
