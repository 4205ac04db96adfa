"""The flow process's half of a remote call: what the other process is told of the run, and what its answer means."""

from __future__ import annotations

import os
import pickle
import sys
from itertools import count
from weakref import WeakKeyDictionary

from turnout._version import __version__
from turnout.core.errors import NotSendable, RemoteFailure, TaskCrashed
from turnout.engine.clock import new_run_id
from turnout.engine.context.scopes import tag_context
from turnout.engine.journal.spool import SpoolJournal
from turnout.engine.runners.pickling import blame, dumps, loads, main_file, reference
from turnout.engine.stopping.interrupts import Interrupt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from turnout.engine.context.scopes import FlowScope, Root
    from turnout.engine.runs.instructions import Call
    from turnout.engine.runs.run_task import TaskScope

CALLS = 1
"""The version of what is said here. Both sides must speak the same."""
FIRST_STREAM = 4
"""Below are the flow process, its supervisor and what may yet come."""
STREAMS_SHIFT = 14
"""Processes that a remote task starts in its turn have streams from its own * 2**14."""
_OWN = {"bundle_path", "changed", "checkpoints", "control", "finish", "journal", "next_number", "cancelled", "refusal"}
"""Of a root, what belongs to its process alone."""
_FLOW_OPTIONS = ("log_prints", "persist_result", "strict")


class Crew:
    """What the remote tasks of one root run share: the numbers of their streams, what the other side is told, and whom
    to tell when the run ends. One a root; `crew_of` finds it."""

    def __init__(self, root: Root) -> None:
        self.id = f"{root.run_id or new_run_id()}.{root.attempt}"
        self.next_stream: Callable[[], int] = count(FIRST_STREAM).__next__
        self.endings: list[Callable[[], None]] = []
        self.link: str | None = None
        """What workers of a cluster connect to, see `link`."""
        self._settings: dict[tuple[int, int, bool], tuple[str, bytes]] = {}
        previous = root.finish

        def finish() -> None:
            for ending in self.endings:
                ending()
            if previous is not None:
                previous()

        root.finish = finish

    def descend(self, stream: int) -> None:
        """This process is itself a worker, and has `stream`."""
        below = count(stream << STREAMS_SHIFT).__next__ if stream < 1 << 16 else _too_deep
        self.next_stream = below

    def setting(self, scope: TaskScope, by_value: bool) -> tuple[str, bytes]:
        """(key, pickle) of what the other side has to know of the run around `scope`."""
        flow = scope.flow
        place = (flow.number, flow.tries, by_value) if flow is not None else (-1, 0, by_value)
        known = self._settings.get(place)
        if known is None:
            key = f"{self.id}.{place[0]}.{place[1]}"
            known = self._settings[place] = (key, _describe(key, self, scope.root, flow, by_value))
        return known


def _too_deep() -> int:
    raise NotSendable("a process of a process of a process would start one more", fix="isolate the outermost task only")


def crew_of(root: Root) -> Crew:
    """The crew of a root run, made on first use."""
    crew = _crews.get(root)
    if crew is None:
        crew = _crews.setdefault(root, Crew(root))
    return crew


def request(scope: TaskScope, step: Call, stream: int, key: str, context: Any, by: bool) -> bytes:
    """One call as bytes; `key` names the setting that the other side has. Raises NotSendable naming the argument."""
    task = scope.definition
    head = (
        CALLS, __version__, key, stream, reference(task, by), scope.number, scope.key, scope.name, scope.tags,
        scope.log_prints, scope.tries, scope.digest, scope.occurrences, step.seconds, context.get(tag_context, ()),
    )  # fmt: skip
    try:
        return dumps((head, scope.args, scope.kwargs), by)
    except NotSendable:
        blame(task, scope.args, scope.kwargs, by)
        raise


def outcome(scope: TaskScope, step: Call, answer: bytes | bytearray) -> Any:
    """The value that an answer brings, or raise what it says."""
    try:
        kind, value, lines, occurrences = loads(answer)
    except Exception as error:
        raise NotSendable(
            f"the result of task '{scope.name}' cannot be read here: {type(error).__name__}: {error}",
            fix="return a value of a class that both processes can import",
        ) from None
    if lines:
        scope.root.journal.write("".join(lines))
    if occurrences:
        scope.occurrences = occurrences
    if kind == "value":
        return value
    if kind == "timeout":
        assert step.timeout is not None
        raise step.timeout() from _words(value)
    if kind == "interrupted":
        raise Interrupt
    if kind == "crashed":
        raise crashed(scope, value)
    raise _error(*value)


def crashed(scope: TaskScope, reason: str) -> TaskCrashed:
    """The error of a task whose process was lost."""
    return TaskCrashed(f"the process of task '{scope.name}' {reason}")


class RemoteTraceback(Exception):
    """The traceback of an exception in the process where it was raised; printed as its cause."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{self.text}"


def _words(text: str | None) -> RemoteTraceback | None:
    return RemoteTraceback(text) if text else None


def _error(pickled: bytes | None, module: str, name: str, message: str, text: str) -> BaseException:
    error: BaseException | None = None
    if pickled is not None:
        try:
            error = loads(pickled)
        except Exception:  # its class is not known here
            error = None
    if error is None:
        kind = type(name, (RemoteFailure,), {"__module__": module, "__qualname__": name})
        error = kind(message)
    error.__cause__ = _words(text)
    return error


def _describe(key: str, crew: Crew, root: Root, flow: FlowScope | None, by_value: bool) -> bytes:
    facts = {name: value for name, value in root.__dict__.items() if name not in _OWN and _goes(value)}
    spool = root.journal.path if isinstance(root.journal, SpoolJournal) else None
    place = None
    if spool is not None:
        found = os.stat(spool)
        place = (spool, found.st_dev, found.st_ino)
    return pickle.dumps(
        {
            "key": key,
            "crew": crew.id,
            "link": crew.link,
            "root": facts,
            "flow": None if flow is None else _flow_facts(flow),
            "main": None if by_value else main_file(),
            "spool": place,
            "boot": boot_id() if by_value else None,
            "path": [folder for folder in sys.path if folder],
            "folder": os.getcwd(),
        }
    )


def _flow_facts(flow: FlowScope) -> dict[str, Any]:
    definition = flow.definition
    parameters: Mapping[str, Any] = flow.parameters or {}
    return {
        "number": flow.number, "key": flow.key, "name": flow.name, "tags": flow.tags, "tries": flow.tries,
        "started": flow.started, "log_prints": flow.log_prints, "digest": flow.digest, "flow_name": definition.name,
        "parameters": {name: value for name, value in parameters.items() if _goes(value)},
        "options": {
            name: value
            for name, value in definition.options.items()
            if name in _FLOW_OPTIONS and _goes(value)
        },
    }  # fmt: skip


def _goes(value: Any) -> bool:
    try:
        loads(pickle.dumps(value))
    except Exception:
        return False
    return True


def boot_id() -> str | None:
    """What tells this machine, since it was started, from every other; None where the kernel does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


_crews: WeakKeyDictionary[Root, Crew] = WeakKeyDictionary()
