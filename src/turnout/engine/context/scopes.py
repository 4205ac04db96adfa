"""What runs where: the root run, and the scopes (flow and task runs) inside it. `current` is the innermost."""

from __future__ import annotations

from _contextvars import ContextVar
from itertools import count

from turnout.core.errors import MissingContext
from turnout.core.redaction import redact
from turnout.engine.clock import monotonic, now
from turnout.engine.futures.futures import Future, Latch, _lock
from turnout.engine.journal import entries
from turnout.engine.journal.spool import NullJournal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from turnout.engine.flow import Flow
    from turnout.engine.journal.acknowledging import Acknowledger
    from turnout.engine.journal.spool import Journal
    from turnout.engine.results.storage import Storage
    from turnout.engine.reuse.checkpoints import Checkpoints
    from turnout.engine.runners.port import TaskRunner
    from turnout.engine.states.state import State
    from turnout.engine.stopping.control import Control
    from turnout.engine.task import Task

REASON_CHARACTERS = 1200
"""A longer reason is cut; the log has it whole."""


class Root:
    """One attempt of one flow run: the journal and what its tasks share.

    mask: texts that must not reach the journal. digests: record a digest of each step's inputs, so that a later
    attempt may reuse the step. bundle: the digest of the code that runs. console: print log lines on
    stderr, as plain scripts do.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        run_id: str = "",
        attempt: int = 1,
        name: str = "",
        trigger: str = "script",
        deployment: str | None = None,
        project: str | None = None,
        environment: str = "production",
        data_dir: str | None = None,
        tags: tuple[str, ...] = (),
        mask: Sequence[str] = (),
        variables: Mapping[str, Any] | None = None,
        connections: Mapping[str, Mapping[str, Any]] | None = None,
        connection: str | None = None,
        checkpoints: Checkpoints | None = None,
        digests: bool = False,
        bundle: str | None = None,
        control: Control | None = None,
        console: bool = False,
        finish: Callable[[], None] | None = None,
        recorded: bool = True,
        due_at: str | None = None,
    ) -> None:
        self.journal = journal
        self.run_id = run_id
        self.attempt = attempt
        self.name = name
        self.trigger = trigger
        self.deployment = deployment
        self.project = project
        self.environment = environment
        self.data_dir = data_dir
        self.tags = tags
        self.mask = tuple(sorted({text for text in mask if text}, key=len, reverse=True))
        self.variables = variables
        self.connections = connections
        """The release's connections; None outside of a worker, where the manifest is asked."""
        self.connection = connection
        """The one that the deployment names, for SQL files."""
        self.checkpoints = checkpoints
        self.digests = digests
        self.bundle = bundle
        self.control = control
        self.console = console
        self.finish = finish
        self.recorded = recorded
        self.due_at = due_at
        """When its schedule has it begin, ISO 8601."""
        self.keeps = False
        """Whether a flow's options or a transaction concern the results of tasks that have no such options."""
        self.results: Storage | None = None
        """Where results go by default; None for the data folder."""
        self.cancelled: str | None = None
        """Why the run is to stop, once someone asked."""
        self.refusal: BaseException | None = None
        """Why the run cannot go on, once a step found out."""
        self.changed: set[int] = set()
        """Numbers of the steps that ran again because they, or one before them, changed since an earlier attempt."""
        self.unended: list[Scope] = []
        """Steps that the engine had no stack left to end."""
        self.next_number = count(1).__next__
        self.acknowledge: Acknowledger | None = None
        """Called after each step that has ended, if the flow asks for it."""

    def stopping(self) -> bool:
        """Whether the run is to stop, even where the signal that says so was ignored or swallowed."""
        if self.cancelled is None and self.control is not None and self.control.stop_asked():
            self.cancelled = "cancelled on request"
        return self.cancelled is not None or self.refusal is not None

    def disown(self) -> None:
        """This process is not the run's: what happens from now on is nobody's record."""
        self.journal, self.recorded, self.finish, self.control = NullJournal(), False, None, None
        self.acknowledge = None

    def redact(self, text: str) -> str:
        """`text` without the values of secrets."""
        return redact(text, self.mask)


class Scope:
    """A flow or task run in progress. `number`, `key`, `kind` and `name` are the journal's."""

    __slots__ = ("definition", "digest", "ends", "flow", "key", "kind", "log_prints", "name", "number", "occurrences",
                 "parameters", "parent", "root", "started", "tags", "tries")  # fmt: skip

    definition: Task[Any, Any] | Flow[Any, Any]
    flow: FlowScope | None
    digest: str | None
    """Of the arguments, where steps may be reused."""
    ends: float | None
    """The monotonic moment when the time of this run, or of one around it, is over."""

    def __init__(self, root: Root, parent: Scope | None, number: int, key: str, kind: str, name: str) -> None:
        self.root = root
        self.parent = parent
        self.number = number
        self.key = key
        self.kind = kind
        self.name = name
        self.digest = None
        self.ends = parent.ends if parent is not None else None
        self.tries = 0
        self.started = 0.0
        self.occurrences: dict[str, int] | None = None
        self.parameters: dict[str, Any] | None = None
        self.tags: tuple[str, ...] = ()
        self.log_prints = False

    def end_within(self, seconds: float) -> None:
        """A try with a timeout begins: its end is announced to the supervisor, and nothing begins in here after it."""
        around = self.parent.ends if self.parent is not None else None
        mine = monotonic() + seconds
        self.ends = mine if around is None else min(mine, around)
        if self.root.control is not None:
            self.root.control.deadline(self, now() + seconds)

    @property
    def identity(self) -> str | None:
        """What tells the steps in here from those in others of the same name; None for the root flow."""
        return (self.digest or self.key) if self.key else None

    def step_key(self, name: str) -> str:
        """The key of the next step called `name` in here; call it in program order."""
        seen = self.occurrences
        if seen is None:
            seen = self.occurrences = {}
        occurrence = seen.get(name, 0)
        seen[name] = occurrence + 1
        return f"{self.key}/{name}#{occurrence}" if self.key else f"{name}#{occurrence}"

    def record(self, state: State, **extra: str | None) -> None:
        """Journal that this run entered `state`. `extra` values are JSON texts."""
        state.timestamp = now()
        if state.name != state.type.capitalize():
            extra["name"] = entries.quote(self.root.redact(state.name))
        if state.reason is not None:
            extra["reason"] = entries.quote(self.root.redact(state.reason)[:REASON_CHARACTERS])
        self.root.journal.write(
            entries.transition(self.number, state.type, state.timestamp, entries.facts(**extra) if extra else "null")
        )

    def created_line(self, state: str, upstream: Sequence[int] = ()) -> str:
        """The journal's line of this task's or subflow's birth at `started`, already in `state`."""
        key, name, tags = self.key, self.name, self.tags
        if self.root.mask:  # a run name made of parameters may hold one
            hide = self.root.redact
            key, name, tags = hide(key), hide(name), tuple(map(hide, tags))
        extra = entries.birth(upstream, tags) if upstream or tags else "null"
        parent = self.parent.number if self.parent is not None else 0
        return entries.created(self.number, parent, self.kind, key, name, self.started, state, extra)

    @property
    def id(self) -> str:
        """The run's id on the API."""
        root = self.root
        return f"{root.run_id}-{root.attempt}-{self.number}" if self.number else root.run_id


class FlowScope(Scope):
    """A flow run in progress, and the tasks submitted in it."""

    __slots__ = ("_idle", "_outstanding", "call", "closing", "made", "runner", "unread")

    definition: Flow[Any, Any]
    call: tuple[list[Any], dict[str, Any]]
    """The positional and keyword arguments of the function."""

    def __init__(self, root: Root, parent: Scope | None, number: int, key: str, name: str) -> None:
        super().__init__(root, parent, number, key, "flow", name)
        self.flow = self
        self.runner: TaskRunner | None = None
        self.reset()

    def reset(self) -> None:
        """Begin a try: no step was taken, nothing is submitted."""
        self.occurrences = None
        if self.root.checkpoints is not None:
            self.root.checkpoints.release(self.key)
        self.closing = Latch()
        """Done once the flow ended badly: what has not started shall not start."""
        self.unread: list[Future[Any]] = []
        self.made = 0
        """How many tasks were ever submitted: it tells the pace."""
        self._outstanding = 0
        self._idle = Latch()

    def pool(self) -> TaskRunner:
        """The runner of this flow run, made when its first task is submitted."""
        if self.runner is None:
            from turnout.engine.runners.thread_pool import ThreadPoolTaskRunner

            given = self.definition.task_runner
            self.runner = given.fresh() if given is not None else ThreadPoolTaskRunner()
        return self.runner

    def submitted(self, number: int = 1) -> None:
        with _lock:
            self.made += number
            self._outstanding += number

    def ended(self, future: Future[Any], state: State) -> None:
        """A submitted task came to its end."""
        with _lock:
            if state.type != "completed":
                self.unread.append(future)
            self._outstanding -= 1
            idle = self._outstanding == 0
        if idle:
            self._idle.set()

    def quiet(self) -> Latch | None:
        """What happens when no submitted task is left; None if none is."""
        with _lock:
            if not self._outstanding:
                return None
            if self._idle.done():
                self._idle = Latch()
            return self._idle


class tagged:  # noqa: N801 - public as `tags`
    """`with tags("a", "b"):` adds tags to the flow and task runs that are made inside."""

    def __init__(self, *new_tags: str) -> None:
        self._new = new_tags

    def __enter__(self) -> set[str]:
        merged = {*tag_context.get(), *self._new}
        self._token = tag_context.set(tuple(sorted(merged)))
        return merged

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        tag_context.reset(self._token)


def required(what: str) -> Scope:
    """The innermost run. Raises MissingContext saying that `what` needs one."""
    scope = current.get()
    if scope is None:
        raise MissingContext(f"{what} needs a run and was called outside one", fix="call it inside a flow or a task")
    return scope


def unrecorded() -> Root:
    """A root for tasks called outside any flow: they run, and nothing is kept."""
    return Root(journal=NullJournal(), recorded=False)


current: ContextVar[Scope | None] = ContextVar("turnout_scope", default=None)
tag_context: ContextVar[tuple[str, ...]] = ContextVar("turnout_tags", default=())
