"""Transactions: what completes together is committed together, or undone by hooks in reverse order.

pending -> active -> staged -> committed | rolled back. A task run is a transaction of its own inside the one around it:
it is staged when it completes. The outermost transaction commits all when its block ends, and rolls all back when an
exception leaves the block, or when a task in it fails for good. Nothing is undone by itself: only hooks undo.

Committing and rolling back are generators of instructions, driven by a thread or a loop.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from copy import deepcopy
from enum import Enum

from turnout.core.errors import ConfigurationError
from turnout.engine.context.scopes import current
from turnout.engine.definitions.options import NotSet
from turnout.engine.futures.futures import _lock
from turnout.engine.runs.drivers import run_awaiting, run_blocking
from turnout.engine.runs.failures import note, report
from turnout.engine.runs.hooks import is_async
from turnout.engine.runs.instructions import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from contextvars import Token
    from types import TracebackType
    from typing import Any, NoReturn, Self

    Hook = Callable[[Any], Any]


class _Word(Enum):
    """Compares with its text too."""

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, str) and other == self.value)

    __hash__ = Enum.__hash__


class IsolationLevel(_Word):
    """SERIALIZABLE: one at a time for a key, under a lock manager."""

    READ_COMMITTED = "READ_COMMITTED"
    SERIALIZABLE = "SERIALIZABLE"


class CommitMode(_Word):
    """EAGER: at the end of its own block. LAZY: with the outermost. OFF: never, unless `commit()` is called."""

    EAGER = "EAGER"
    LAZY = "LAZY"
    OFF = "OFF"


class TransactionState(_Word):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    STAGED = "STAGED"
    COMMITTED = "COMMITTED"
    ROLLED_BACK = "ROLLED_BACK"


_ENDED = (TransactionState.COMMITTED, TransactionState.ROLLED_BACK)


class BaseTransaction:
    """Values and hooks that are committed or rolled back together. Made by `transaction()` and `atransaction()`."""

    def __init__(
        self,
        *,
        store: Any = None,
        key: str | None = None,
        commit_mode: CommitMode | None = None,
        isolation_level: IsolationLevel | None = None,
        overwrite: bool = False,
        write_on_commit: bool = True,
        logger: Any = None,
    ) -> None:
        self.store = store
        self.key = key
        self.children: list[BaseTransaction] = []
        self.commit_mode = commit_mode
        self.isolation_level = isolation_level
        self.state = TransactionState.PENDING
        self.on_commit_hooks: list[Hook] = []
        self.on_rollback_hooks: list[Hook] = []
        self.overwrite = overwrite
        self.logger = logger
        self.write_on_commit = write_on_commit
        self._values: dict[str, Any] = {}
        self._staged: Any = None
        self._parent: BaseTransaction | None = None
        self._token: Token[BaseTransaction | None] | None = None
        self._holder: str | None = None
        self._locked = False

    def set(self, name: str, value: Any) -> None:
        """Keep a value for hooks and for transactions inside this one."""
        self._values[name] = value

    def get(self, name: str, default: Any = NotSet) -> Any:
        """A copy of a value kept here or further out. Raises ValueError if there is none and no default."""
        if name in self._values:
            return deepcopy(self._values[name])
        parent = self.get_parent()
        if parent is not None:
            return parent.get(name, default)
        if default is NotSet:
            raise ValueError(f"no value for '{name}' was set in this transaction")
        return default

    def is_committed(self) -> bool:
        """Whether it is committed; also from the beginning, where its key has a stored result already."""
        return self.state is TransactionState.COMMITTED

    def is_rolled_back(self) -> bool:
        return self.state is TransactionState.ROLLED_BACK

    def is_staged(self) -> bool:
        return self.state is TransactionState.STAGED

    def is_pending(self) -> bool:
        return self.state is TransactionState.PENDING

    def is_active(self) -> bool:
        return self.state is TransactionState.ACTIVE

    def prepare_transaction(self) -> None:
        """Settle what is inherited from the transaction around it, and become the active one."""
        if self._token is not None:
            raise RuntimeError("this transaction is active already")
        self._parent = parent = active.get()
        if self.commit_mode is None:
            self.commit_mode = (parent.commit_mode if parent is not None else None) or CommitMode.LAZY
        if self.isolation_level is None:
            inherited = parent.isolation_level if parent is not None else None
            self.isolation_level = inherited or IsolationLevel.READ_COMMITTED
        self._settle_store()
        self.state = TransactionState.ACTIVE
        scope = current.get()
        if scope is not None:
            scope.root.keeps = True  # from now on the run's tasks look for the transaction around them
        self._token = active.set(self)

    def add_child(self, transaction: BaseTransaction) -> None:
        """Take responsibility for one that was inside."""
        self.children.append(transaction)

    def get_parent(self) -> BaseTransaction | None:
        """The one around it."""
        return self._parent

    def stage(
        self, value: Any, on_rollback_hooks: list[Hook] | None = None, on_commit_hooks: list[Hook] | None = None
    ) -> None:
        """Hand over what is to be stored under the key, and what is to be called at the end."""
        if self.state is TransactionState.COMMITTED:
            return
        self._staged = value
        self.on_rollback_hooks += on_rollback_hooks or []
        self.on_commit_hooks += on_commit_hooks or []
        self.state = TransactionState.STAGED

    @classmethod
    def get_active(cls) -> BaseTransaction | None:
        """The innermost one around the caller."""
        return active.get()

    def _settle_store(self) -> None:
        if self.key is not None and self.store is None:
            from turnout.engine.results.result_store import get_result_store

            self.store = get_result_store()
        serial = self.isolation_level == IsolationLevel.SERIALIZABLE
        if serial and self.store is not None and not self.store.supports_isolation_level(self.isolation_level):
            raise ConfigurationError(
                "a transaction of isolation level SERIALIZABLE needs a lock manager",
                fix="give store=ResultStore(lock_manager=...)",
            )
        self._holder = f"{id(self):x}-{self.store.generate_default_holder()}" if self.store is not None else None

    def _beginning(self) -> Steps:
        if self.store is None or self.key is None:
            return None
        if self.isolation_level == IsolationLevel.SERIALIZABLE:
            yield from self._offered("acquire_lock", self.key, self._holder)
            self._locked = True
        if not self.overwrite and (yield Call(self.store.exists_for, (self.key, self._holder), {})):
            self.state = TransactionState.COMMITTED
        return None

    def _ending(self, error: BaseException | None) -> Steps:
        """Its block is over: commit, roll back, or leave it to the one around."""
        if error is not None:
            yield from self._rolling_back()
        elif self.commit_mode is CommitMode.EAGER or (self._parent is None and self.commit_mode is CommitMode.LAZY):
            yield from self._committing()
        elif self._parent is None:
            yield from self._rolling_back()  # OFF, and nobody called commit()
        yield from self._handed_over()

    def _handed_over(self) -> Steps:
        parent = self._parent
        self._leave()
        if parent is not None and (self.is_rolled_back() or parent.is_rolled_back()):
            yield from self._rolling_back()  # the one around is over already
            yield from parent._rolling_back()

    def _leave(self) -> None:
        if self._token is None:
            return
        if self._parent is not None:
            self._parent.add_child(self)
        token, self._token = self._token, None
        active.reset(token)

    def _committing(self) -> Steps:
        if self.state in _ENDED:
            yield from self._unlocked()
            return False
        try:
            for child in self.children:
                yield from child._committing()
            for hook in self.on_commit_hooks:
                yield from self._called(hook, "commit")
            yield from self._written()
        except Exception as error:
            self._say("a transaction could not be committed and is rolled back", error)
            yield from self._rolling_back()
            return False
        self.state = TransactionState.COMMITTED
        yield from self._unlocked()
        return True

    def _rolling_back(self) -> Steps:
        with _lock:  # two tasks may fail at once
            if self.state in _ENDED:
                return False
            self.state = TransactionState.ROLLED_BACK
        worked = True
        try:
            for hook in reversed(self.on_rollback_hooks):
                yield from self._called(hook, "rollback")
        except Exception as error:
            worked = False
            self._say("a rollback hook failed; what is left of its transaction is not undone", error)
        for child in reversed(self.children):
            yield from child._rolling_back()
        yield from self._unlocked()
        return worked

    def _written(self) -> Steps:
        if self.store is not None and self.key is not None and self.write_on_commit:
            from turnout.engine.results.stored import ResultRecord

            value = self._staged.result if isinstance(self._staged, ResultRecord) else self._staged
            yield from self._offered("write", value, self.key, None, self._holder)

    def _called(self, hook: Hook, kind: str) -> Steps:
        name = getattr(hook, "__name__", None) or repr(hook)
        scope = current.get()
        if scope is not None:
            note(scope, f"{kind} hook '{name}'")
        answer = yield Call(hook, (self,), {}, is_async(hook))
        if hasattr(answer, "__await__"):
            yield Call(_awaited, (answer,), {}, True)

    def _unlocked(self) -> Steps:
        if self._locked:
            self._locked = False
            yield Call(self.store.release_lock, (self.key, self._holder), {})

    def _offered(self, name: str, *args: Any) -> Steps:
        """Ask the store, in the way of this kind of transaction."""
        return (yield Call(getattr(self.store, name), args, {}))

    def _say(self, message: str, error: Exception) -> None:
        scope = current.get()
        if scope is not None:
            report(scope, message, error)
        else:
            from logging import getLogger

            (self.logger or getLogger("turnout")).error(message, exc_info=error)


class Transaction(BaseTransaction):
    """For `with`."""

    def __enter__(self) -> Self:
        self.prepare_transaction()
        try:
            self.begin()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        run_blocking(self._ending(error))

    def begin(self) -> None:
        """Take the lock of the key, and see whether it has a stored result."""
        run_blocking(self._beginning())

    def read(self) -> Any:
        """The stored record of its key; None without one."""
        return self.store.read(self.key, self._holder) if self.store is not None and self.key is not None else None

    def reset(self) -> None:
        """Leave it: the one around it takes responsibility."""
        run_blocking(self._handed_over())

    def commit(self) -> bool:
        """Whether it was committed now."""
        return bool(run_blocking(self._committing()))

    def rollback(self) -> bool:
        """Whether it was rolled back now."""
        return bool(run_blocking(self._rolling_back()))

    def run_hook(self, hook: Hook, hook_type: str) -> None:
        """Call a hook with this transaction. hook_type: commit or rollback, for the log."""
        run_blocking(self._called(hook, hook_type))

    def _forget(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            active.reset(token)


class AsyncTransaction(BaseTransaction):
    """For `async with`."""

    async def __aenter__(self) -> Self:
        self.prepare_transaction()
        try:
            await self.begin()
        except BaseException:
            Transaction._forget(self)  # type: ignore[arg-type]
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await run_awaiting(self._ending(error))

    def __enter__(self) -> NoReturn:
        raise RuntimeError("an AsyncTransaction is entered by `async with`")

    async def begin(self) -> None:
        """As in `Transaction`."""
        await run_awaiting(self._beginning())

    async def read(self) -> Any:
        """As in `Transaction`."""
        if self.store is None or self.key is None:
            return None
        return await self.store.aread(self.key, self._holder)

    async def reset(self) -> None:
        """As in `Transaction`."""
        await run_awaiting(self._handed_over())

    async def commit(self) -> bool:
        """As in `Transaction`."""
        return bool(await run_awaiting(self._committing()))

    async def rollback(self) -> bool:
        """As in `Transaction`."""
        return bool(await run_awaiting(self._rolling_back()))

    async def run_hook(self, hook: Hook, hook_type: str) -> None:
        """As in `Transaction`."""
        await run_awaiting(self._called(hook, hook_type))

    def _offered(self, name: str, *args: Any) -> Steps:
        return (yield Call(getattr(self.store, f"a{name}"), args, {}, True))


@contextmanager
def transaction(
    key: str | None = None,
    store: Any = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: Any = None,
) -> Generator[Transaction, None, None]:
    """A block whose tasks are committed together when it ends, or rolled back when an exception leaves it.

    key: the block's value is stored under it (see `stage`), and the transaction is committed already where something
    is; with overwrite, it is not looked for.
    """
    with Transaction(
        key=key, store=store, commit_mode=commit_mode, isolation_level=isolation_level, overwrite=overwrite,
        write_on_commit=write_on_commit, logger=logger,
    ) as made:  # fmt: skip
        yield made


@asynccontextmanager
async def atransaction(
    key: str | None = None,
    store: Any = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: Any = None,
) -> AsyncGenerator[AsyncTransaction, None]:
    """`transaction`, for async code."""
    async with AsyncTransaction(
        key=key, store=store, commit_mode=commit_mode, isolation_level=isolation_level, overwrite=overwrite,
        write_on_commit=write_on_commit, logger=logger,
    ) as made:  # fmt: skip
        yield made


def get_transaction() -> BaseTransaction | None:
    """The innermost transaction around the caller: in a task, the task run's own."""
    return active.get()


async def _awaited(answer: Any) -> Any:
    return await answer


if TYPE_CHECKING:
    Steps = Generator[Any, Any, Any]
active: ContextVar[BaseTransaction | None] = ContextVar("turnout_transaction", default=None)
