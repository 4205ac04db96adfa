"""File systems as blocks: places for results that are saved under a name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from turnout.engine.control_plane.blocks import Block
from turnout.engine.results.storage import FolderStorage, UrlStorage


class WritableFileSystem(Block):  # type: ignore[misc, valid-type, unused-ignore]
    """What results can be stored in: `read_path` and `write_path`."""

    _block_type_name = "Writable File System"

    def read_path(self, path: str) -> Any:
        """The bytes of a file. Raises OSError."""
        raise NotImplementedError

    def write_path(self, path: str, content: bytes) -> Any:
        """Write a file, whole."""
        raise NotImplementedError

    async def aread_path(self, path: str) -> bytes:
        """`read_path`, awaited."""
        return bytes(await _in_thread(self.read_path, path))

    async def awrite_path(self, path: str, content: bytes) -> str:
        """`write_path`, awaited."""
        return str(await _in_thread(self.write_path, path, content))


class LocalFileSystem(WritableFileSystem):
    """A folder of this machine; the working folder without a `basepath`."""

    _block_type_name = "Local File System"

    basepath: str | None = None

    def read_path(self, path: str) -> bytes:
        return self._folder().read(self._within(path))

    def write_path(self, path: str, content: bytes) -> str:
        self._folder().write(self._within(path), content)
        return os.path.join(self._folder().url, self._within(path))

    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """Copy a folder of it (all of it) to `local_path` (here)."""
        source = Path(self._folder().url) / (from_path or "")
        target = Path(local_path or ".").resolve()
        if source.resolve() != target:
            shutil.copytree(source, target, dirs_exist_ok=True)

    def put_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> None:
        """Copy `local_path` (the folder here) into it. ignore_file: patterns, one a line, of what to leave out."""
        lines = Path(ignore_file).read_text().splitlines() if ignore_file else []
        patterns = [line.strip().rstrip("/") for line in lines if line.strip() and not line.startswith("#")]
        target = Path(self._folder().url) / (to_path or "")
        shutil.copytree(Path(local_path or "."), target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*patterns))

    async def aget_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:
        """`get_directory`, awaited."""
        await _in_thread(self.get_directory, from_path, local_path)

    async def aput_directory(
        self, local_path: str | None = None, to_path: str | None = None, ignore_file: str | None = None
    ) -> None:
        """`put_directory`, awaited."""
        await _in_thread(self.put_directory, local_path, to_path, ignore_file)

    def _folder(self) -> FolderStorage:
        return FolderStorage(self.basepath or os.getcwd())

    def _within(self, path: str) -> str:
        folder = self._folder().url
        return os.path.relpath(path, folder) if os.path.isabs(path) else path


class RemoteFileSystem(WritableFileSystem):
    """A place that fsspec reaches. settings: what its file system takes."""

    _block_type_name = "Remote File System"

    basepath: str
    settings: dict[str, Any] = {}

    def read_path(self, path: str) -> bytes:
        return self._place().read(self._within(path))

    def write_path(self, path: str, content: bytes) -> str:
        self._place().write(self._within(path), content)
        return f"{self.basepath.rstrip('/')}/{self._within(path)}"

    @property
    def filesystem(self) -> Any:
        """The fsspec file system."""
        return self._place()._files

    def _place(self) -> UrlStorage:
        return UrlStorage(self.basepath, self.settings)

    def _within(self, path: str) -> str:
        return path.removeprefix(self.basepath).lstrip("/")


class NullFileSystem:
    """Keeps nothing."""

    async def read_path(self, path: str) -> None:
        """Nothing."""

    async def write_path(self, path: str, content: bytes) -> None:
        """Nothing."""


async def _in_thread(function: Any, *args: Any) -> Any:
    from asyncio import to_thread

    return await to_thread(function, *args)
