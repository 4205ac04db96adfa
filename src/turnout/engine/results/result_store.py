"""A storage with a serializer and locks: what transactions and cached tasks read and write by key."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from datetime import datetime

from turnout.core.errors import ConfigurationError, ResultUnavailable
from turnout.engine.results.serializers import resolve_serializer
from turnout.engine.results.storage import default_storage, resolve_storage
from turnout.engine.results.stored import ResultRecord, metadata_of, pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

_SAFE = re.compile(r"[A-Za-z0-9_=@+-][A-Za-z0-9_=@+.-]{0,149}(/[A-Za-z0-9_=@+-][A-Za-z0-9_=@+.-]{0,149})*")


def path_of(key: str) -> str:
    """Where a key's file is in its storage: the key, or a digest of one that is no plain relative path."""
    if len(key) <= 400 and _SAFE.fullmatch(key):
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class ResultStore:
    """Results by key. result_storage: what the option of that name takes; None for the default place."""

    def __init__(
        self,
        *,
        result_storage: Any = None,
        metadata_storage: Any = None,
        lock_manager: Any = None,
        cache_result_in_memory: bool = True,
        serializer: Any = None,
        storage_key_fn: Callable[[], str] | None = None,
        root: Any = None,
    ) -> None:
        self.result_storage = default_storage(root) if result_storage is None else resolve_storage(result_storage)
        self.metadata_storage = metadata_storage
        self.lock_manager = lock_manager
        self.cache_result_in_memory = cache_result_in_memory
        self.serializer = resolve_serializer(serializer) if serializer is not None else None
        self.storage_key_fn = storage_key_fn or _new_key

    def exists(self, key: str) -> bool:
        """Whether there is a result under `key` whose time is not over."""
        return self.exists_for(key, None)

    def exists_for(self, key: str, holder: str | None) -> bool:
        """The same, asked by who may hold the lock of `key`."""
        self._await_writer(key, holder)
        try:
            return not metadata_of(self.result_storage.read(path_of(key))).expired
        except (OSError, ResultUnavailable):
            return False

    async def aexists(self, key: str) -> bool:
        """`exists`, awaited."""
        return bool(await _in_thread(self.exists, key))

    def read(self, key: str, holder: str | None = None) -> ResultRecord:
        """Raises ResultUnavailable if it is not there, or not what was written."""
        self._await_writer(key, holder)
        try:
            data = self.result_storage.read(path_of(key))
        except OSError as error:
            raise ResultUnavailable(f"nothing is stored under '{key}' in {self.result_storage.url}: {error}") from error
        record = unpack(data, self.serializer)
        record.metadata.storage_key = key
        return record

    async def aread(self, key: str, holder: str | None = None) -> ResultRecord:
        """`read`, awaited."""
        record: ResultRecord = await _in_thread(self.read, key, holder)
        return record

    def create_result_record(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None
    ) -> ResultRecord:
        """A record that is not stored yet. Raises NotStorable."""
        record = ResultRecord(obj, pack(obj, self.serializer, expires=expiration)[1])
        record.metadata.storage_key = key or self.storage_key_fn()
        return record

    def write(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None, holder: str | None = None
    ) -> None:
        """Store `obj`. Raises NotStorable, OSError."""
        key = key or self.storage_key_fn()
        self._await_writer(key, holder)
        self.result_storage.write(path_of(key), pack(obj, self.serializer, expires=expiration)[0])

    async def awrite(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None, holder: str | None = None
    ) -> None:
        """`write`, awaited."""
        await _in_thread(self.write, obj, key, expiration, holder)

    def persist_result_record(self, result_record: ResultRecord, holder: str | None = None) -> None:
        """Store a record under its key."""
        said = result_record.metadata
        self.write(result_record.result, said.storage_key, said.expiration, holder)

    async def apersist_result_record(self, result_record: ResultRecord, holder: str | None = None) -> None:
        """`persist_result_record`, awaited."""
        await _in_thread(self.persist_result_record, result_record, holder)

    def supports_isolation_level(self, level: Any) -> bool:
        """SERIALIZABLE needs a lock manager."""
        return str(getattr(level, "value", level)) != "SERIALIZABLE" or self.lock_manager is not None

    @staticmethod
    def generate_default_holder() -> str:
        """This thread of this process."""
        return f"{os.uname().nodename}:{os.getpid()}:{threading.get_ident()}"

    def acquire_lock(self, key: str, holder: str | None = None, timeout: float | None = None) -> bool:
        """Wait for the lock of `key` at most `timeout` seconds; whether it is held now."""
        return bool(self._locks().acquire_lock(key, holder or self.generate_default_holder(), timeout))

    async def aacquire_lock(  # the parameters are those of `acquire_lock`
        self,
        key: str,
        holder: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> bool:
        """`acquire_lock`, awaited."""
        return bool(await self._locks().aacquire_lock(key, holder or self.generate_default_holder(), timeout))

    def release_lock(self, key: str, holder: str | None = None) -> None:
        """Raises ValueError if it is not held by `holder`."""
        self._locks().release_lock(key, holder or self.generate_default_holder())

    def is_locked(self, key: str) -> bool:
        return bool(self._locks().is_locked(key))

    def is_lock_holder(self, key: str, holder: str | None = None) -> bool:
        return bool(self._locks().is_lock_holder(key, holder or self.generate_default_holder()))

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody holds the lock of `key`; whether that came to be."""
        return bool(self._locks().wait_for_lock(key, timeout))

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109
        """`wait_for_lock`, awaited."""
        return bool(await self._locks().await_for_lock(key, timeout))

    def update_for_task(self, task: Any) -> Self:
        """A copy with what the task's options say."""
        return self._updated(task)

    def update_for_flow(self, flow: Any) -> Self:
        """A copy with what the flow's options say."""
        return self._updated(flow)

    def _updated(self, definition: Any) -> Self:
        options = definition.options
        return type(self)(
            result_storage=options.get("result_storage") or self.result_storage,
            lock_manager=self.lock_manager,
            serializer=options.get("result_serializer") or self.serializer,
            storage_key_fn=self.storage_key_fn,
        )

    def _await_writer(self, key: str, holder: str | None) -> None:
        locks = self.lock_manager
        if locks is not None and not locks.is_lock_holder(key, holder or self.generate_default_holder()):
            locks.wait_for_lock(key)

    def _locks(self) -> Any:
        if self.lock_manager is None:
            raise ConfigurationError("this result store has no lock manager", fix="give lock_manager=...")
        return self.lock_manager


def get_result_store() -> ResultStore:
    """That of the run around the caller; outside of any, the default one."""
    from turnout.engine.context.scopes import current
    from turnout.engine.reuse.keeping import settings

    scope = current.get()
    if scope is None:
        return ResultStore()
    said = settings(scope)
    return ResultStore(result_storage=said.storage, serializer=said.serializer, root=scope.root)


def _new_key() -> str:
    from turnout.engine.clock import new_run_id

    return new_run_id()


async def _in_thread(function: Any, *args: Any) -> Any:
    from asyncio import to_thread

    return await to_thread(function, *args)
