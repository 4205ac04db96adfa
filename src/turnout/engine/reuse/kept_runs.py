"""Task runs whose results are stored or cached, or that belong to a transaction: what happens around its tries."""

from __future__ import annotations

from datetime import UTC, datetime

from turnout.core.errors import ConfigurationError
from turnout.engine.clock import now
from turnout.engine.context.run_contexts import TaskRunContext
from turnout.engine.context.scopes import current
from turnout.engine.results.result_store import path_of
from turnout.engine.results.storage import default_storage, resolve_storage
from turnout.engine.results.stored import pack, unpack
from turnout.engine.results.typed_json import NotStorable, is_unstored, result_fact, unstored
from turnout.engine.reuse.by_reference import own_place, reference, refuse_secrets, why
from turnout.engine.reuse.cache_hits import look
from turnout.engine.reuse.cache_policies import level_name
from turnout.engine.reuse.keeping import settings
from turnout.engine.runs.failures import report
from turnout.engine.runs.instructions import Call, apart
from turnout.engine.states.state import State
from turnout.engine.transactions import BaseTransaction, CommitMode, TransactionState, active

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from turnout.engine.results.storage import Storage
    from turnout.engine.runs.instructions import Steps
    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.transactions import Hook

    Part = Generator[Any, Any, Any]


class StoredState(State):
    """A completed state whose value is read from its storage whenever it is asked for."""

    __slots__ = ("_read",)

    def __init__(self, state: State, read: Callable[[], Any]) -> None:
        self._read = read
        super().__init__(state.type, state.name, state.reason, timestamp=state.timestamp)

    @property
    def data(self) -> Any:
        """The value."""
        return self._read() if self.type == "completed" else None

    @data.setter
    def data(self, value: Any) -> None:
        pass


class TaskTransaction(BaseTransaction):
    """A task run as a transaction. `pending` stores its result, where that waits for the commit."""

    def __init__(self, scope: TaskScope, commit_mode: CommitMode | None) -> None:
        super().__init__(commit_mode=commit_mode)
        self.scope = scope
        self.pending: Callable[[], None] | None = None
        self.final: State | None = None

    def _written(self) -> Part:
        if self.pending is not None:
            try:
                yield from apart(self.scope, self.pending)
            except OSError as error:  # the task did its work: that the result is lost costs a repetition at most
                report(self.scope, f"the result of task '{self.scope.name}' could not be stored", error)

    def _called(self, hook: Hook, kind: str) -> Part:
        token = current.set(self.scope)
        try:
            yield from super()._called(hook, kind)
        finally:
            current.reset(token)

    def _rolling_back(self) -> Part:
        worked = yield from super()._rolling_back()
        if self.is_rolled_back() and self.final is not None:
            state, self.final = self.final, None
            state.name, state.reason = "RolledBack", "rolled back with the transaction around it"
            self.scope.record(state, result=unstored("it was rolled back"))
        return worked


class Kept:
    """What is known of one task run's result. key: of the cache; fact: of a hit, as the journal has it."""

    def __init__(self, scope: TaskScope) -> None:
        self.said = settings(scope)
        self.scope = scope
        self.key: str | None = None
        self.fact: str | None = None
        self.transaction = TaskTransaction(scope, None)
        self._locked: str | None = None

    def storage(self) -> Storage:
        """Where the result goes."""
        policy = self.said.policy
        if policy is not None and policy.key_storage is not None and self.key is not None:
            return resolve_storage(policy.key_storage)
        given = self.said.storage
        return default_storage(self.scope.root) if given is None else resolve_storage(given)

    def place(self) -> str:
        """The key of the file: by the template, by the cache key, or of this run alone."""
        if self.said.storage_key is not None:
            return _filled(self.said.storage_key, self.scope)
        return path_of(self.key) if self.key is not None else own_place(self.scope)

    def lock(self) -> Generator[Any, Any, None]:
        policy = self.said.policy
        if policy is None or self.key is None or level_name(policy.isolation_level) != "SERIALIZABLE":
            return
        if policy.lock_manager is None:
            raise ConfigurationError(
                f"the cache policy of task '{self.scope.name}' is SERIALIZABLE and has no lock manager",
                fix="configure(isolation_level=..., lock_manager=MemoryLockManager())",
            )
        holder = f"{self.scope.id}-{id(self):x}"
        take = policy.lock_manager.aacquire_lock if self.scope.definition.is_async else policy.lock_manager.acquire_lock
        yield Call(take, (self.key, holder), {}, self.scope.definition.is_async)
        self._locked = holder

    def unlock(self) -> None:
        """Let others compute this key."""
        holder, self._locked = self._locked, None
        if holder is not None and self.said.policy is not None:
            self.said.policy.lock_manager.release_lock(self.key, holder)


def run(scope: TaskScope, running: State, reused: State | None) -> Steps:
    """A task run with all that is kept of it."""
    from turnout.engine.runs.run_task import _failure, finish, tries

    kept = scope.kept = Kept(scope)
    txn = kept.transaction
    txn.prepare_transaction()
    try:
        if reused is not None:
            yield from settle(scope, kept, reused)
            return reused
        if scope.late is None:
            try:
                hit = yield from look(scope, kept)
            except Exception as error:
                return (yield from finish(scope, _failure(error)))
            if hit is not None:
                if scope.place is not None:
                    scope.place.drop()
                return (yield from finish(scope, hit))
        return (yield from tries(scope, running))
    except GeneratorExit:
        raise
    except BaseException:  # a direct call is left by an interrupt, of which its caller hears
        yield from txn._rolling_back()
        raise
    finally:
        kept.unlock()
        token, txn._token = txn._token, None
        if token is not None:
            active.reset(token)


def fact(scope: TaskScope, kept: Kept, state: State) -> Generator[Any, Any, str]:
    """The journal's `result`, once the value is stored where it goes. Never raises."""
    if kept.fact is not None:
        small = "" if kept.said.elsewhere or not scope.root.recorded else _inline(scope, state)
        return small if small and not is_unstored(small) else kept.fact
    if kept.said.persist is False:
        return unstored("the task says persist_result=False")
    inline = None if kept.said.elsewhere and kept.said.persist else _inline(scope, state)
    fitting = inline if inline is not None and not is_unstored(inline) else None
    if fitting is not None and kept.key is None:
        return fitting
    if not kept.said.persist and not scope.root.digests:
        return inline or "null"
    try:
        said = yield from _store(scope, kept, state)
    except (NotStorable, OSError, ConfigurationError) as error:
        return fitting or unstored(why(error))
    return fitting or said


def settle(scope: TaskScope, kept: Kept, state: State) -> Part:
    """After the record: the run's transaction is staged and committed, or rolled back with the one around it."""
    txn, parent = kept.transaction, kept.transaction.get_parent()
    if state.type != "completed":
        kept.unlock()
        yield from txn._rolling_back()
        if parent is not None:
            yield from parent._rolling_back()
        return
    hooks = scope.definition.hooks
    txn.stage(state.data if kept.said.in_memory else None, list(hooks["on_rollback"]), list(hooks["on_commit"]))
    txn.final = state
    if parent is None:
        yield from txn._committing()
        return
    parent.add_child(txn)
    if txn.commit_mode is CommitMode.EAGER:
        yield from txn._committing()
    elif parent.state is TransactionState.ROLLED_BACK:
        yield from txn._rolling_back()


def released(kept: Kept, state: State) -> State:
    """The state to hand out: one that reads its value again, where results are not to stay in memory."""
    if kept.said.in_memory or state.type != "completed" or kept.transaction.pending is not None or kept.fact is None:
        return state
    storage, place, serializer = kept.storage(), kept.place(), kept.said.serializer
    return StoredState(state, lambda: unpack(storage.read(place), serializer).result)


def _inline(scope: TaskScope, state: State) -> str:
    """The value as the journal itself would hold it, or why it would not."""
    return result_fact(state.data, scope.root.mask) if scope.root.recorded else "null"


def _store(scope: TaskScope, kept: Kept, state: State) -> Generator[Any, Any, str]:
    """Write the value now, or let the transaction around do it; the fact. Raises NotStorable, OSError."""
    expires = None
    if kept.said.expiration is not None:
        expires = datetime.fromtimestamp(now(), UTC) + kept.said.expiration
    data, said = yield from apart(scope, lambda: pack(state.data, kept.said.serializer, expires=expires, by=scope.id))
    refuse_secrets(scope, data)
    storage, place = kept.storage(), kept.place()

    def write() -> None:
        storage.write(place, data)
        kept.unlock()

    parent = kept.transaction.get_parent()
    if parent is not None and kept.transaction.commit_mode is not CommitMode.EAGER:
        kept.transaction.pending = write
        kept.unlock()
    else:
        yield from apart(scope, write)
        kept.fact = reference(storage, place, said)
    return reference(storage, place, said)


def _filled(template: str, scope: TaskScope) -> str:
    """A `result_storage_key` with the names that it may have: parameters, flow_run, task_run."""
    from turnout.engine.context import runtime

    context = TaskRunContext(scope)
    names = {"parameters": context.parameters, "flow_run": runtime.flow_run, "task_run": context.task_run}
    try:
        return template.format(**names)
    except (KeyError, IndexError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"result_storage_key {template!r} of task '{scope.name}' cannot be filled in: {error!r}",
            fix="its names are parameters[...], flow_run.* and task_run.*",
        ) from error
