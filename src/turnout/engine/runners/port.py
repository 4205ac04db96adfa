"""What every task runner is: where the submitted tasks of one flow run execute.

A flow holds a runner as a *setting*; each flow run makes its own with `fresh`. The engine gives it tasks whose upstream
has ended (`enter`), stops what runs (`interrupt`) and says that none will come (`close`). A runner settles every
future that it was given, whatever happens to the task's code, and never lets a task that waits for others keep a place.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from turnout.engine.runs.run_task import TaskScope
    from turnout.engine.states.state import State


class TaskRunner:
    """The port. `remote`: tasks run in other processes, so arguments are checked when they are submitted."""

    remote = False
    by_value = False
    """Whether the other side cannot be expected to import a script's own file."""

    @property
    def name(self) -> str:
        """The kind of runner in one word: threadpool, processpool, dask, ray."""
        return type(self).__name__.removesuffix("TaskRunner").lower()

    def fresh(self) -> TaskRunner:
        """A runner with the same settings and nothing in it: every flow run has its own."""
        raise NotImplementedError

    def duplicate(self) -> TaskRunner:
        """The same as `fresh`."""
        return self.fresh()

    def enter(self, scope: TaskScope, context: Any) -> None:
        """Run a task whose upstream has ended, in a contextvars `context`. Any thread may call it."""
        raise NotImplementedError

    def abandon(self, scope: TaskScope, state: State, context: Any = None) -> None:
        """The code of a task on a thread of this process is stuck past its deadline."""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Stop every task that runs."""
        raise NotImplementedError

    def cancel_all(self) -> None:
        """The same as `interrupt`."""
        self.interrupt()

    def close(self) -> None:
        """No task will come."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def check_workers(runner: str, max_workers: int | None) -> None:
    """Raise ConfigurationError unless `max_workers` is None or a whole number from 1."""
    from turnout.core.errors import ConfigurationError

    if max_workers is None or (type(max_workers) is int and max_workers >= 1):
        return
    raise ConfigurationError(f"max_workers is {max_workers!r}", where=runner, fix="give a whole number from 1")
