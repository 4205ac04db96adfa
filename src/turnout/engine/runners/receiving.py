"""The other process's half of a remote call: the run as the task sees it there, and the answer.

Logs, artifacts and nested tasks go to a journal stream of this process's own beside the flow's, where it shares the
flow's data folder; else they travel with the answer. Nested tasks are numbered in a range of their own.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from contextlib import suppress
from contextvars import copy_context
from itertools import count

from turnout._version import __version__
from turnout.core.errors import NotSendable
from turnout.engine.clock import now
from turnout.engine.context.scopes import FlowScope, Root, current, tag_context
from turnout.engine.flow import Flow
from turnout.engine.journal import entries
from turnout.engine.journal.spool import NullJournal
from turnout.engine.logs import capture
from turnout.engine.runners.pickling import dumps, loads, resolve
from turnout.engine.runners.reasons import STOPPED, TIMED_OUT
from turnout.engine.runners.sending import CALLS, boot_id, crew_of
from turnout.engine.runners.streams import CarriedJournal, StreamJournal
from turnout.engine.runs import tracebacks
from turnout.engine.runs.drivers import run_blocking
from turnout.engine.runs.instructions import Call
from turnout.engine.runs.run_task import TaskScope, begin
from turnout.engine.stopping.interrupts import Interrupt, Interruptible
from turnout.engine.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NUMBERS_SHIFT = 22
"""Nested tasks of stream s are numbered from s * 2**22."""


class Workplace:
    """The runs that tasks of this process belong to, until each is over. Threads may share it."""

    def __init__(self) -> None:
        self._settings: dict[str, dict[str, Any]] = {}
        self._roots: dict[str, Root] = {}
        self._latest: dict[str, Any] = {"main": None}
        self._streams: dict[str, int] = {}
        self._lock = RLock()

    def learn(self, data: bytes | bytearray | memoryview) -> str:
        """Take in a setting; its key."""
        setting = loads(data)
        with self._lock:
            self._settings[setting["key"]] = self._latest = setting
        for folder in setting["path"]:
            if folder not in sys.path and os.path.isdir(folder):
                sys.path.append(folder)
        return str(setting["key"])

    def knows(self, key: str) -> bool:
        """Whether it was told of this setting, and the run is not over."""
        return key in self._settings

    def stream_of(self, key: str) -> int:
        """The stream that this process has in the run of a setting; 0 if it has none."""
        setting = self._settings.get(key)
        return self._streams.get(setting["crew"], 0) if setting is not None else 0

    def stuck(self) -> bytes:
        """The answer for a task whose code goes on past its time and cannot be interrupted."""
        return _answer("timeout", "its code goes on in a thread of the worker: it cannot be interrupted", [], None)

    def execute(self, frame: bytes | bytearray | memoryview, interruptible: Interruptible | None = None) -> bytes:
        """Run the call that `frame` describes, its code through `interruptible` if it is given; the answer as bytes.
        Raises nothing but what ends the process."""
        try:
            call = self._read(frame)
        except BaseException as error:
            return _answer("error", _pack(error, str), [], None)
        head, args, kwargs = call
        return copy_context().run(self._run, head, args, kwargs, interruptible)

    def end(self, crew: str) -> None:
        """The run is over: close its stream."""
        root = self._roots.pop(crew, None)
        self._streams.pop(crew, None)
        for key in [key for key, known in self._settings.items() if known["crew"] == crew]:
            del self._settings[key]
        if root is not None:
            if root.finish is not None:
                root.finish()  # its own worker processes close their streams
            capture.uninstall(root)
            root.journal.close(entries.END_LINE.format(now()))

    def end_all(self) -> None:
        """Close every stream."""
        for crew in list(self._roots):
            self.end(crew)

    def load(self, data: bytes | bytearray | memoryview) -> Any:
        """What the flow's process pickled, also if it names what is in its script."""
        try:
            return loads(data)
        except AttributeError:  # the script is not imported yet
            main = self._latest["main"]
            if main is None:
                raise
            from turnout.engine.runners.importing import import_main

            import_main(main)
            return loads(data)

    def _read(self, frame: bytes | bytearray | memoryview) -> tuple[Any, ...]:
        head, args, kwargs = self.load(frame)
        if head[0] != CALLS:
            raise NotSendable(
                f"the worker has Turnout {__version__} and the flow {head[1]}: they do not understand each other",
                fix="install the same release in both places",
            )
        return head, args, kwargs

    def _root(self, setting: dict[str, Any], stream: int) -> Root:
        with self._lock:
            root = self._roots.get(setting["crew"])
            if root is None:
                root = Root(journal=NullJournal())
                root.__dict__.update(setting["root"])
                root.next_number = count(stream << NUMBERS_SHIFT).__next__
                crew_of(root).descend(stream)
                if root.recorded:
                    root.journal = self._journal(setting, stream)
                self._roots[setting["crew"]] = root
                self._streams[setting["crew"]] = stream
                capture.install(root)
        return root

    def _journal(self, setting: dict[str, Any], stream: int) -> Any:
        place, link, crew = setting["spool"], setting["link"], setting["crew"]
        if place is None or not _is_here(place, setting["boot"]):
            return CarriedJournal()
        if setting["boot"] is not None:  # nobody but the flow process can say when the stream is complete
            from turnout.engine.runners.link import join

            if link is None or not join(link, lambda: self.end(crew)):
                return CarriedJournal()
        return StreamJournal(place[0], stream)

    def _run(self, head: tuple[Any, ...], args: Any, kwargs: Any, interruptible: Interruptible | None) -> bytes:
        (_, _, key, stream, found, number, name_key, name, tags, log_prints, tries, digest, occurrences, seconds,
         context_tags) = head  # fmt: skip
        hide: Any = str
        scope: TaskScope | None = None
        try:
            setting = self._settings[key]
            root = self._root(setting, stream)
            hide = root.redact
            flow = _flow_scope(root, setting["flow"])
            scope = begin(_task(resolve(found)), flow, args, kwargs, (), set())
            scope.root, scope.number, scope.key, scope.name, scope.tags = root, number, name_key, name, tags
            scope.log_prints, scope.tries, scope.digest, scope.occurrences = log_prints, tries, digest, occurrences
            tag_context.set(context_tags)
            current.set(scope)
            kind, value = _perform(scope, seconds, interruptible)
        except BaseException as error:
            kind, value = "error", _pack(error, hide)
        finally:
            _flush()
        lines = _taken(scope.root.journal) if scope is not None else []
        return _answer(kind, value, lines, scope.occurrences if scope is not None else None)


def _perform(scope: TaskScope, seconds: float | None, interruptible: Interruptible | None) -> tuple[str, Any]:
    task: Any = scope.definition
    expired: list[bool] = []

    def timeout() -> BaseException:
        expired.append(True)
        return TimeoutError(f"task '{scope.name}' ran longer than its timeout of {seconds:g} s")

    if seconds is not None:
        scope.end_within(seconds)
    try:
        call = Call(task.body, scope.args, scope.kwargs, task.is_async, seconds, timeout)
        value = run_blocking(_one(call), interruptible)
        _settle_nested(scope)
    except (Interrupt, KeyboardInterrupt):
        return "interrupted", None
    except BaseException as error:
        if expired and isinstance(error, TimeoutError):
            return "timeout", tracebacks.text(tracebacks.trim(error), scope.root.redact)
        return "error", _pack(error, scope.root.redact)
    finally:
        _stop_nested(scope)
    return "value", value


def _one(call: Call) -> Any:
    return (yield call)


def _settle_nested(scope: TaskScope) -> None:
    """What the task submitted itself ends before it does; what failed in it unread is its own failure."""
    flow = scope.flow
    if flow is None or flow.runner is None:
        return
    while (quiet := flow.quiet()) is not None:
        quiet.block()
    unread = [future for future in flow.unread if not future.was_read()]
    if unread:
        from turnout.engine.runs.run_flow import unread_failure

        raise unread_failure(unread).failure()


def _stop_nested(scope: TaskScope) -> None:
    flow = scope.flow
    if flow is not None and flow.runner is not None:
        flow.closing.set()
        flow.runner.interrupt()
        flow.runner.close()


def _flow_scope(root: Root, facts: dict[str, Any] | None) -> FlowScope | None:
    if facts is None:
        return None
    scope = FlowScope(root, None, facts["number"], facts["key"], facts["name"])
    scope.definition = Flow(_nothing, name=facts["flow_name"], **facts["options"])
    scope.tags, scope.tries, scope.started = facts["tags"], facts["tries"], facts["started"]
    scope.log_prints, scope.digest, scope.parameters = facts["log_prints"], facts["digest"], facts["parameters"]
    return scope


def _task(found: Any) -> Task[Any, Any]:
    """The task around a function, without the name that it would make for its run here."""
    known = _tasks.get(found)
    if known is None:
        whole = found if isinstance(found, Task) else Task(found)
        known = object.__new__(Task)
        known.__dict__.update(whole.__dict__)
        known.task_run_name = None
        known.bound = ()
        _tasks[found] = known
    return known


def _pack(error: BaseException, hide: Callable[[str], str]) -> tuple[bytes | None, str, str, str, str]:
    """(pickle or None, module, class, message, traceback) of an exception."""
    tracebacks.trim(error)
    kind = type(error)
    try:
        pickled: bytes | None = dumps(error)
        if type(loads(pickled or b"")) is not kind:
            pickled = None
    except Exception:
        pickled = None
    text = tracebacks.text(error, hide)
    return pickled, kind.__module__, kind.__qualname__, tracebacks.message(error), text


def _answer(kind: str, value: Any, lines: list[str], occurrences: dict[str, int] | None) -> bytes:
    try:
        return dumps((kind, value, lines, occurrences))
    except NotSendable as error:
        refusal = NotSendable(
            f"the result of the task cannot go back to the flow's process: {error.what}",
            fix="return plain values, or where you stored it",
        )
        return dumps(("error", _pack(refusal, str), lines, occurrences))


def lost_answer(stopped_for: str | None, how: str) -> bytes:
    """The answer for a task whose own process is gone."""
    kinds = {STOPPED: "interrupted", TIMED_OUT: "timeout"}
    kind = kinds.get(stopped_for or "", "crashed")
    return _answer(kind, how if kind == "crashed" else f"its process {how}", [], None)


def answered_late(answer: bytes | bytearray) -> bool:
    """Whether the task was stopped, and may have left something running."""
    return loads(answer)[0] in ("timeout", "interrupted")


def _taken(journal: Any) -> list[str]:
    return journal.take() if isinstance(journal, CarriedJournal) else []


def _is_here(place: tuple[str, int, int], boot: str | None) -> bool:
    """Whether the flow's spool is on this machine, at the same path."""
    if boot is not None and boot != boot_id():
        return False
    try:
        found = os.stat(place[0])
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == place[1:]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


def _nothing() -> None:
    """Stands for a flow whose code runs elsewhere."""


_tasks: dict[Any, Task[Any, Any]] = {}
