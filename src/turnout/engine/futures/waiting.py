"""Who waits for whom among running tasks, so that those who would wait for each other for ever are told."""

from __future__ import annotations

from turnout.core.errors import RunError
from turnout.engine.context.scopes import current
from turnout.engine.futures.futures import Future, _lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class waits:  # noqa: N801 - reads as `with waits(future):`
    """Around the wait of the running task for `target`. Raises RunError if `target` waits for that task already."""

    __slots__ = ("_mine", "_target")

    def __init__(self, target: Future[Any]) -> None:
        self._target = target
        self._mine = _around()

    def __enter__(self) -> None:
        if not self._mine:
            return
        with _lock:
            met = _reached(self._target, self._mine)
            if met is None:
                for future in self._mine:
                    _waiting.setdefault(future, []).append(self._target)
        if met is not None:
            raise RunError(
                f"task '{met.name}' would wait for itself: it waits for task '{self._target.name}', which waits for it",
                fix="let one of them take the other's future as an argument, and not the other way round too",
            )

    def __exit__(self, *_: object) -> None:
        if not self._mine:
            return
        with _lock:
            for future in self._mine:
                _waiting[future].remove(self._target)
                if not _waiting[future]:
                    del _waiting[future]


def _around() -> list[Future[Any]]:
    """The futures of the submitted tasks that the caller runs in, innermost first."""
    found = []
    scope: Any = current.get()
    while scope is not None:
        if scope.kind == "task" and scope.future is not None:
            found.append(scope.future)
        scope = scope.parent
    return found


def _reached(target: Future[Any], mine: list[Future[Any]]) -> Future[Any] | None:
    todo, seen = [target], {target}
    while todo:
        future = todo.pop()
        if future in mine:
            return future
        for before in (*future.upstream, *_waiting.get(future, ())):
            if before not in seen and not before.done():
                seen.add(before)
                todo.append(before)
    return None


_waiting: dict[Future[Any], list[Future[Any]]] = {}
"""The future of a running task -> what it waits for."""
