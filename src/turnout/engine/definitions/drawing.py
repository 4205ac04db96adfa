"""A flow as a graph of its tasks: the flow's function runs, its tasks and subflows do not, they note who needs whom.

While a flow is drawn, the calls of this thread to any task or flow are noted in place of being run.
"""

from __future__ import annotations

from _thread import get_ident

from turnout.core.errors import ConfigurationError, TurnoutError
from turnout.engine.flow import Flow
from turnout.engine.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, NoReturn


class Drawing:
    """name; steps: the names of tasks and subflows in the order of their calls; edges: (from, to), as indexes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[str] = []
        self.edges: list[tuple[int, int]] = []
        self._made: dict[int, tuple[Any, int]] = {}

    def step(self, definition: Any, arguments: Any) -> Any:
        """Note a call; what it is to return: the task's `viz_return_value`, else something that stands for a result."""
        index = len(self.steps)
        self.steps.append(definition.name)
        self.edges += [(before, index) for before in sorted(set(self._found(arguments, 0)))]
        value = getattr(definition, "viz_return_value", None)
        if value is None:
            return Drawn(definition.name, index)
        self._made[id(value)] = (value, index)
        return value

    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        nodes = [f'  n{index} [label="{_quoted(name)}"];' for index, name in enumerate(self.steps)]
        arrows = [f"  n{before} -> n{after};" for before, after in self.edges]
        return "\n".join([f'digraph "{_quoted(self.name)}" {{', "  rankdir=LR;", *nodes, *arrows, "}"])

    def mermaid(self) -> str:
        """The graph as a Mermaid diagram."""
        nodes = [f'  n{index}["{_quoted(name)}"]' for index, name in enumerate(self.steps)]
        return "\n".join(["graph LR", *nodes, *(f"  n{before} --> n{after}" for before, after in self.edges)])

    def _found(self, values: Any, depth: int) -> list[int]:
        if type(values) is Drawn:
            return [object.__getattribute__(values, "index")]
        if id(values) in self._made:
            return [self._made[id(values)][1]]
        if hasattr(values, "unwrap"):
            return self._found(values.unwrap(), depth)
        if depth < 20 and isinstance(values, (list, tuple, set, frozenset, dict)):
            items = values.values() if isinstance(values, dict) else values
            return [index for item in items for index in self._found(item, depth + 1)]
        return []


class Drawn:
    """Stands for a result or a future where nothing runs."""

    def __init__(self, name: str, index: int) -> None:
        self.name = name
        self.index = index

    def result(self, *_: Any, **__: Any) -> Drawn:
        return self

    wait = result

    def __await__(self) -> Generator[Any, None, Drawn]:
        yield from ()
        return self

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: Any) -> NoReturn:
        raise ConfigurationError(
            f"the flow looks into the result of '{self.name}', which does not run while the flow is drawn",
            fix="give that task viz_return_value=..., something of the same shape",
        )

    __iter__ = __len__ = __bool__ = __getitem__ = __add__ = __radd__ = __eq__ = __lt__ = __contains__ = _refuse
    __hash__ = object.__hash__


def drawn(flow: Flow[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Drawing:
    """The graph of a call of `flow`. Raises ConfigurationError where its shape depends on results."""
    import asyncio

    drawing = Drawing(flow.name)
    with _noting(drawing, flow.is_async):
        try:
            made = flow.fn(*flow.bound, *args, **kwargs)
            if flow.is_async:
                asyncio.run(made)
        except TurnoutError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"flow '{flow.name}' cannot be drawn: {type(error).__name__}: {error}",
                fix="draw it with arguments that it can run with; give tasks viz_return_value where it needs values",
            ) from error
    return drawing


def show(flow: Flow[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Print the graph, in the language of Graphviz."""
    print(drawn(flow, args, kwargs).dot())


class _noting:  # noqa: N801
    def __init__(self, drawing: Drawing, awaits: bool) -> None:
        self._me = get_ident()
        self._awaits = awaits
        self._drawing = drawing

    def __enter__(self) -> None:
        self._before = [(kind, name, getattr(kind, name)) for kind, name in _CALLS]
        for kind, name, real in self._before:
            setattr(kind, name, self._note(name, real))

    def __exit__(self, *_: object) -> None:
        for kind, name, real in self._before:
            setattr(kind, name, real)

    def _note(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def note(definition: Any, *args: Any, **kwargs: Any) -> Any:
            if get_ident() != self._me:
                return real(definition, *args, **kwargs)
            step = self._drawing.step(definition, (args, kwargs))
            return _coroutine(step) if self._awaits and definition.is_async and name == "__call__" else step

        return note


async def _coroutine(value: Any) -> Any:
    return value


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_CALLS: tuple[tuple[type, str], ...] = ((Task, "__call__"), (Task, "submit"), (Task, "map"), (Flow, "__call__"))
