"""Task runs whose results are stored or cached, or that belong to a transaction: what happens around `_run`."""

from __future__ import annotations

from datetime import UTC, datetime

from turnout.core.errors import ConfigurationError, ResultUnavailable
from turnout.engine.clock import now
from turnout.engine.context.run_contexts import TaskRunContext
from turnout.engine.context.scopes import current
from turnout.engine.journal import entries
from turnout.engine.results.data_frames import frame_kind
from turnout.engine.results.result_store import path_of
from turnout.engine.results.storage import default_storage, resolve_storage
from turnout.engine.results.stored import metadata_of, pack, unpack
from turnout.engine.results.typed_json import NotStorable, is_unstored, result_fact, unstored
from turnout.engine.reuse.cache_policies import UncacheableInput, level_name
from turnout.engine.reuse.keeping import settings
from turnout.engine.runs.failures import report
from turnout.engine.runs.instructions import Call
from turnout.engine.states.state import State
from turnout.engine.strict import is_strict
from turnout.engine.transactions import BaseTransaction, CommitMode, TransactionState, active

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.results.storage import Storage
    from turnout.engine.results.stored import ResultRecordMetadata
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
    from turnout.engine.runs.run_task import _failure, _run, finish

    kept = scope.kept = Kept(scope)
    txn = kept.transaction
    txn.prepare_transaction()
    try:
        if reused is not None:
            yield from settle(scope, kept, reused)
            return reused
        if scope.late is None:
            try:
                hit = yield from _look(scope, kept)
            except Exception as error:
                return (yield from finish(scope, _failure(error)))
            if hit is not None:
                if scope.place is not None:
                    scope.place.drop()
                return (yield from finish(scope, hit))
        return (yield from _run(scope, running, False))
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
        small = "" if kept.said.elsewhere or not scope.root.recorded else result_fact(state.data, scope.root.mask)
        return small if small and not is_unstored(small) else kept.fact
    if kept.said.persist is False:
        return unstored("the task says persist_result=False")
    wanted = kept.said.persist or scope.root.digests
    inline = None
    if not (kept.said.elsewhere and kept.said.persist):
        inline = result_fact(state.data, scope.root.mask) if scope.root.recorded else "null"
        if not is_unstored(inline) and kept.key is None:
            return inline
    if not wanted:
        return inline or "null"
    try:
        said = yield from _store(scope, kept, state)
    except (NotStorable, OSError, ConfigurationError) as error:
        return inline if inline is not None and not is_unstored(inline) else unstored(_why(error))
    stored_inline = inline is not None and not is_unstored(inline)
    return inline if stored_inline and inline is not None else said


def by_reference(scope: Scope, value: Any, inline: str) -> str:
    """The `result` of a value that is not stored inline: in a file, or still why not. For runs that may be resumed."""
    if not may_be_stored(value, inline):
        return inline
    try:
        data, said = pack(value, None, by=scope.id)
        _refuse_secrets(scope, data, said)
        storage, place = default_storage(scope.root), own_place(scope)
        storage.write(place, data)
    except (NotStorable, OSError) as error:
        return unstored(_why(error))
    return _reference(storage, place, said)


def may_be_stored(value: Any, inline: str) -> bool:
    """Whether what is too much for the record has a form that needs no pickle."""
    return "inline limit" in inline or frame_kind(value) is not None


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


def apart(scope: Scope, work: Callable[[], Any]) -> Generator[Any, Any, Any]:
    """Do something that waits for disks or networks; for an async task, not in its loop."""
    if not scope.definition.is_async:
        return (yield Call(work, (), {}))
    from asyncio import to_thread

    return (yield Call(to_thread, (work,), {}, True))


def read_reference(scope: Scope, said: Any) -> Any:
    """The value that a `{"ref": ...}` of the journal stands for, as the options of `scope` let it be read. Raises
    ResultUnavailable."""
    options, reference = settings(scope), str(said["ref"])
    try:
        storage = default_storage(scope.root) if options.storage is None else resolve_storage(options.storage)
        if reference.startswith(f"{storage.url}/"):
            place = reference[len(storage.url) + 1 :]
        else:  # written while the options were others
            folder, _, place = reference.rpartition("/")
            storage = resolve_storage(folder)
        data = storage.read(place)
    except (OSError, ConfigurationError) as error:
        raise ResultUnavailable(f"its stored result is gone: {error}") from error
    return unpack(data, options.serializer, said["digest"]).result


def own_place(scope: Scope) -> str:
    """Where the result of one run alone goes."""
    root = scope.root
    return f"runs/{root.run_id or 'none'}/{root.attempt}-{scope.number}"


def _look(scope: TaskScope, kept: Kept) -> Generator[Any, Any, State | None]:
    """The state of a hit; else None, with the reason of the miss on the scope."""
    policy = kept.said.policy
    if kept.said.persist is False or (policy is None and not (kept.said.storage_key and is_strict(scope))):
        return None
    context = TaskRunContext(scope)
    around = scope.flow.parameters if scope.flow is not None else None
    try:
        kept.key = policy.compute_key(context, context.parameters, around or {}) if policy is not None else None
    except UncacheableInput as error:
        if not is_strict(scope):
            raise UncacheableInput(f"task '{scope.name}': {error.what}", fix=error.fix) from error
        report(scope, f"task '{scope.name}' is not cached: {error.what}", None)
    if kept.key is None and not (kept.said.storage_key and is_strict(scope)):
        return None
    name = f"{(kept.key or kept.place())[:12]} ({policy or 'result_storage_key'})"
    yield from kept.lock()
    if kept.said.refresh:
        scope.again = scope.again or f"cache miss: refresh_cache is set, {name}"
        return None
    try:
        data = yield from apart(scope, lambda: kept.storage().read(kept.place()))
        said = metadata_of(data)
        if said.expired:
            raise ResultUnavailable(f"what was stored expired at {said.expiration}")
        value = unpack(data, kept.said.serializer).result
    except FileNotFoundError:
        scope.again = scope.again or f"cache miss: nothing is stored under {name}"
        return None
    except (OSError, ResultUnavailable) as error:
        scope.again = scope.again or f"cache miss: {_why(error)}, {name}"
        return None
    kept.unlock()
    kept.fact = _reference(kept.storage(), kept.place(), said)
    return State("completed", "Cached", f"cache hit: {name}, stored {said.created} by {said.by}", data=value)


def _store(scope: TaskScope, kept: Kept, state: State) -> Generator[Any, Any, str]:
    """Write the value now, or let the transaction around do it; the fact. Raises NotStorable, OSError."""
    expires = None
    if kept.said.expiration is not None:
        expires = datetime.fromtimestamp(now(), UTC) + kept.said.expiration
    data, said = yield from apart(scope, lambda: pack(state.data, kept.said.serializer, expires=expires, by=scope.id))
    _refuse_secrets(scope, data, said)
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
        kept.fact = _reference(storage, place, said)
    return _reference(storage, place, said)


def _refuse_secrets(scope: Scope, data: bytes, said: ResultRecordMetadata) -> None:
    if any(entries.quote(secret)[1:-1].encode() in data for secret in scope.root.mask):
        raise NotStorable("it contains the value of a secret")


def _reference(storage: Storage, place: str, said: ResultRecordMetadata) -> str:
    return (
        f'{{"ref":{entries.quote(f"{storage.url}/{place}")},"format":{entries.quote(said.format)},'
        f'"digest":"{said.digest}","size":{said.size}}}'
    )


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


def _why(error: Exception) -> str:
    what = getattr(error, "what", None)
    return str(what) if what else f"the result store failed: {error}"
