"""Limits as they are declared, and where each is kept: by the server, in the data folder, or in this process."""

from __future__ import annotations

import os
import sys
from weakref import WeakKeyDictionary

from turnout.core.errors import ConfigurationError, LimitUnavailable
from turnout.core.rates import format_rate, parse_rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.scopes import Root, Scope
    from turnout.engine.limits.gates import Gate

MANIFEST = "turnout.deploy.manifest:load_manifest"
SERVER_FILE = "server.json"
NAME_CHARACTERS = 150


class Bound:
    """What a limit allows. limit: weights at once. interval: seconds between two starts. where: who says so."""

    __slots__ = ("adaptive", "interval", "limit", "where")

    def __init__(self, limit: int | None, interval: float | None, adaptive: bool, where: str) -> None:
        self.limit = limit
        self.interval = interval
        self.adaptive = adaptive
        self.where = where

    def __str__(self) -> str:
        parts = [f"limit={self.limit}"] if self.limit is not None else []
        parts += [f"rate='{format_rate(self.interval)}'"] if self.interval is not None else []
        return ", ".join(parts) or "nothing"


class TaskLimit:
    """What `@task(limit=, rate=, per=, occupy=, adaptive=)` says. Raises ConfigurationError for what cannot be."""

    __slots__ = ("adaptive", "name", "weight")

    def __init__(self, options: dict[str, Any], default: str, where: str) -> None:
        limit, rate, per = options.get("limit"), options.get("rate"), options.get("per")
        self.adaptive = options.get("adaptive") is True
        self.weight = _whole("occupy", options.get("occupy", 1), where)
        if limit is None and rate is None and per is None:
            given = next(name for name in ("occupy", "adaptive") if name in options)
            raise ConfigurationError(
                f"{given} without a limit has no effect", where=where, fix="give limit=, rate= or per= as well"
            )
        if per is not None and (not isinstance(per, str) or not 0 < len(per.strip()) <= NAME_CHARACTERS):
            raise ConfigurationError(
                f"per is {per!r}", where=where, fix=f"give the limit's name, 1 to {NAME_CHARACTERS} characters"
            )
        limit = None if limit is None else _whole("limit", limit, where)
        if limit is not None and self.weight > limit:
            raise ConfigurationError(
                f"occupy={self.weight} is more than limit={limit}", where=where, fix="lower occupy, or raise the limit"
            )
        self.name = str(per) if per is not None else default
        bound = Bound(limit, None if rate is None else interval_of(rate, where), self.adaptive, where)
        declare(self.name, bound, shared=per is not None)


def declare(name: str, bound: Bound, *, shared: bool = True) -> None:
    """Remember what is said of a limit; what several say of a `shared` one is put together. Raises ConfigurationError
    where they contradict each other."""
    known = _declared.get(name)
    if known is None or not shared:
        _declared[name] = bound
        return
    _check_agreement(name, bound, known)
    _declared[name] = Bound(
        bound.limit if bound.limit is not None else known.limit,
        bound.interval if bound.interval is not None else known.interval,
        bound.adaptive or known.adaptive,
        known.where if bound.limit is None and bound.interval is None else bound.where,
    )


def _check_agreement(name: str, bound: Bound, known: Bound) -> None:
    if known.where == bound.where:
        return  # the same line again, as in a module that is loaded anew
    for word, ours, theirs in (("limit", bound.limit, known.limit), ("rate", bound.interval, known.interval)):
        if ours is not None and theirs is not None and ours != theirs:
            raise ConfigurationError(
                f"limit '{name}' is declared twice: {bound} here, {known} at {known.where}",
                where=bound.where,
                fix=f"say {word}= once, or give one of them another name with per=",
            )


def interval_of(rate: Any, where: str | None = None) -> float:
    """Seconds between two starts at `rate`. Raises ConfigurationError."""
    try:
        return parse_rate(rate) if isinstance(rate, str) else parse_rate(repr(rate))
    except ValueError as error:
        raise ConfigurationError(str(error), where=where, fix="write 10/s, 5/m, 100/h or 1000/d") from None


def bound_of(name: str, scope: Scope | None) -> Bound | None:
    """What is known of a limit here: by the project's turnout.yaml, else by the decorators."""
    folder = _project(scope)
    declared = _of_manifest(folder).get(name) if folder is not None else None
    said = _declared.get(name)
    if said is not None and said.limit is None and said.interval is None and not said.adaptive:
        said = None
    if declared is None or said is None:
        return declared or said
    return Bound(declared.limit, declared.interval, said.adaptive, declared.where)


def gate_of(name: str, scope: Scope | None) -> Gate | None:
    """The limit as the run of `scope` has it; None if nobody declared it and no server could know it."""
    if scope is None:
        return _find(name, None)
    known = _of_root.setdefault(scope.root, {})
    if name not in known:
        known[name] = _find(name, scope)
    return known[name]


def _find(name: str, scope: Scope | None) -> Gate | None:
    from turnout.engine.limits.gates import gate

    bound, root = bound_of(name, scope), scope.root if scope is not None else None
    served = root is not None and root.recorded and _has_server(root)
    if bound is None and not served:
        return None
    folder = _shared_folder(root)
    level = (root.run_id, root.attempt) if served and root is not None else folder
    key = (name, level, bound.limit, bound.interval) if bound is not None else (name, level)
    return gate(key, lambda: _make(name, bound, folder, served))


def _make(name: str, known: Bound | None, folder: str | None, served: bool) -> Gate:
    from turnout.engine.limits.gate_files import AVAILABLE, FilePace, FileSlots, place_of
    from turnout.engine.limits.gates import Gate
    from turnout.engine.limits.pace import OwnPace

    bound = known or Bound(None, None, False, "")
    interval = bound.interval or 0.0
    place = _prepared(place_of(folder, name)) if folder is not None and AVAILABLE else None
    if place is None:
        return Gate(name, bound.limit, OwnPace(interval), rated=interval > 0)
    local = FilePace(place, interval)
    if not served:
        return Gate(name, bound.limit, local, FileSlots(place, bound.limit, local), rated=interval > 0)
    from turnout.engine.limits.gate_server import ServerSlots

    def otherwise() -> FileSlots:
        if known is None:
            raise undeclared(name)
        return FileSlots(place, bound.limit, local)

    pace = FilePace(place + ".server", 0.0)
    return Gate(name, bound.limit, pace, ServerSlots(name, pace, otherwise, rated=known is None or interval > 0))


def _prepared(place: str) -> str | None:
    """The folder, made; None where nothing can be written, as a run is not recorded there either."""
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)
        os.makedirs(f"{place}.server", mode=0o700, exist_ok=True)
    except OSError as error:
        sys.stderr.write(f"turnout: limits hold in this process only: {error}\n")
        return None
    return place


def undeclared(name: str) -> LimitUnavailable:
    """What is raised where nobody says what a limit allows."""
    return LimitUnavailable(
        f"there is no limit '{name}'",
        fix="declare it under `limits:` in turnout.yaml, or give a task with this name limit= or rate=",
    )


def _shared_folder(root: Root | None) -> str | None:
    if root is not None:
        return root.data_dir if root.recorded else None
    from turnout.engine.connect import data_dir, find_project, recording

    project = find_project(os.getcwd())
    return data_dir(project) if recording() and (project is not None or "TURNOUT_DATA" in os.environ) else None


def _has_server(root: Root) -> bool:
    if os.environ.get("TURNOUT_API_URL"):
        return True
    return root.data_dir is not None and os.path.exists(os.path.join(root.data_dir, SERVER_FILE))


def _project(scope: Scope | None) -> str | None:
    from turnout.engine.connect import find_project

    code = getattr(scope.definition.fn, "__code__", None) if scope is not None else None
    return find_project(os.path.dirname(os.path.abspath(code.co_filename)) if code is not None else os.getcwd())


def _of_manifest(folder: str) -> dict[str, Bound]:
    found = _manifests.get(folder)
    if found is None:
        found = _manifests[folder] = _read(folder)
    return found


def _read(folder: str) -> dict[str, Bound]:
    path = os.path.join(folder, "turnout.yaml")
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            # Reading it as YAML takes a tenth of a second.
            more = os.path.isfile(os.path.join(folder, "turnout.py"))
            if not more and not any(line.startswith(("limits:", "include:")) for line in file):
                return {}
    except OSError:
        return {}
    from pathlib import Path

    from turnout.engine.definitions.load import resolve

    limits = resolve(MANIFEST)(Path(folder)).snapshot.limits
    return {
        name: Bound(spec.concurrency, parse_rate(spec.rate) if spec.rate else None, False, f"{path}, limits: {name}")
        for name, spec in limits.items()
    }


def _whole(option: str, value: Any, where: str) -> int:
    if type(value) is int and value >= 1:
        return value
    raise ConfigurationError(f"{option} is {value!r}", where=where, fix="give a whole number from 1")


_declared: dict[str, Bound] = {}
_manifests: dict[str, dict[str, Bound]] = {}
_of_root: WeakKeyDictionary[Root, dict[str, Gate | None]] = WeakKeyDictionary()
