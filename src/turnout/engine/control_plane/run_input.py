"""Typed inputs of runs: `RunInput`, `send_input`, `receive_input`. The class is made when it is first asked for:
pydantic is loaded for it."""

from __future__ import annotations

from functools import cache

from turnout.core.errors import PauseTimeout
from turnout.engine.clock import monotonic
from turnout.engine.context.scopes import required
from turnout.engine.control_plane.asking import POLL_SECONDS, ask
from turnout.engine.control_plane.forms import Form, plain_value
from turnout.engine.twins import dispatched, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, Self

    from pydantic import BaseModel

    from turnout.core.records import RunInput as Told


class Metadata:
    """How an input came: key, sender, receiver (the id of the run)."""

    def __init__(self, key: str, sender: str | None, receiver: str) -> None:
        self.key = key
        self.sender = sender
        self.receiver = receiver


class Receiver:
    """The inputs of one type that a run is sent, in order, each once: iterate it, also with `async for`, or ask
    `next()`. When none came for `timeout` seconds (None: never) it ends, or raises PauseTimeout if
    `raise_timeout_error`."""

    def __init__(
        self,
        input_type: Any,
        *,
        timeout: float | None,
        raise_timeout_error: bool,
        exclude_keys: Collection[str],
        key_prefix: str | None,
        flow_run_id: Any,
        with_metadata: bool,
    ) -> None:
        self._form = Form(input_type)
        self._prefix = _prefix(self._form.name, key_prefix)
        self._timeout = timeout
        self._strict = raise_timeout_error
        self._seen = set(exclude_keys)
        self._run_id = _hex(flow_run_id) if flow_run_id is not None else required("receive_input").root.run_id
        self._with_metadata = with_metadata
        self._after = 0

    def __iter__(self) -> Receiver:
        return self

    def __aiter__(self) -> Receiver:
        return self

    def __next__(self) -> Any:
        told = self._next()
        if told is None:
            if self._strict:
                raise PauseTimeout(f"no input came within {self._timeout:g} s", where=f"key {self._prefix}")
            raise StopIteration
        value = self._form.read(told.value)
        metadata = Metadata(told.key, told.sender, self._run_id)
        if not self._form.plain and hasattr(value, "_metadata"):
            value._metadata = metadata
        return (value, metadata) if self._with_metadata and self._form.plain else value

    async def __anext__(self) -> Any:
        nothing = object()
        found = await in_thread(next)(self, nothing)
        if found is nothing:
            raise StopAsyncIteration
        return found

    def next_blocking(self) -> Any:
        """The next input. Raises PauseTimeout if none comes in time."""
        for value in self:
            return value
        raise PauseTimeout(f"no input came within {self._timeout:g} s", where=f"key {self._prefix}")

    next = dispatched(next_blocking, in_thread(next_blocking))
    anext = in_thread(next_blocking)

    def _next(self) -> Told | None:
        end = None if self._timeout is None else monotonic() + self._timeout
        while True:
            left = POLL_SECONDS if end is None else min(end - monotonic(), POLL_SECONDS)
            told = self._ask(max(left, 0.0))
            for each in told:
                self._after = each.number
                if each.key not in self._seen:
                    self._seen.add(each.key)
                    return each
            if end is not None and monotonic() >= end:
                return None

    def _ask(self, wait: float) -> list[Told]:
        return ask(lambda api: api.told(self._run_id, self._prefix, after=self._after, wait=wait))


def receive_input(
    input_type: Any,
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: Collection[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: Any = None,
    with_metadata: bool = False,
) -> Receiver:
    """What is sent to this run (or `flow_run_id`) by `send_input`, of one type; see `Receiver`. It is told as it comes:
    `poll_interval` changes nothing."""
    return Receiver(
        input_type,
        timeout=timeout,
        raise_timeout_error=raise_timeout_error,
        exclude_keys=exclude_keys or (),
        key_prefix=key_prefix,
        flow_run_id=flow_run_id,
        with_metadata=with_metadata,
    )


def send_input_blocking(
    run_input: Any, flow_run_id: Any, sender: str | None = None, key_prefix: str | None = None
) -> None:
    """Send a model or a plain value to a run that is not over. Raises NotFound, Conflict, TooLarge."""
    from turnout.engine.clock import new_run_id

    key = f"{_prefix(type(run_input).__name__.lower(), key_prefix)}{new_run_id()}"
    value = plain_value(run_input)
    ask(lambda api: api.send(_hex(flow_run_id), key, value, sender or _sender()))


asend_input = in_thread(send_input_blocking)
send_input = dispatched(send_input_blocking, asend_input)


def _sender() -> str | None:
    from turnout.engine.context.scopes import current

    scope = current.get()
    return f"flow:{scope.root.run_id}" if scope is not None else None


def _prefix(name: str, given: str | None) -> str:
    return f"{given or name + '-auto'}-"


def _hex(run_id: Any) -> str:
    return str(run_id).replace("-", "")


@cache
def _run_input() -> Any:
    from typing import Any, ClassVar  # noqa: F401 - pydantic looks annotations up here

    from pydantic import BaseModel, create_model

    class RunInput(BaseModel):
        """A form: subclass it with the fields that are asked for."""

        _description: ClassVar[str | None] = None
        _metadata: Any = None

        @classmethod
        def with_initial_data(cls, description: str | None = None, **values: Any) -> Any:
            """The same form with a description and with values that are filled in already."""
            fields: Any = {name: (cls.model_fields[name].annotation, value) for name, value in values.items()}
            made = create_model(cls.__name__, __base__=cls, **fields)
            made._description = description
            return made

        @property
        def metadata(self) -> Any:
            """How a received input came: key, sender, receiver."""
            return self._metadata

        @classmethod
        def receive(
            cls,
            timeout: float | None = 3600,
            poll_interval: float = 10,
            raise_timeout_error: bool = False,
            exclude_keys: Any = None,
            key_prefix: str | None = None,
            flow_run_id: Any = None,
        ) -> Receiver:
            """`receive_input` of this type."""
            return receive_input(
                cls, timeout, poll_interval, raise_timeout_error, exclude_keys, key_prefix, flow_run_id
            )

        def send_to(self, flow_run_id: Any, sender: str | None = None, key_prefix: str | None = None) -> Any:
            """`send_input` of this."""
            return send_input(self, flow_run_id, sender, key_prefix)

        def respond(self, run_input: Any, sender: str | None = None, key_prefix: str | None = None) -> Any:
            """Send something to the run that sent this."""
            kind, _, run_id = str(self._metadata.sender if self._metadata else "").partition(":")
            if kind != "flow":
                raise ValueError("no flow sent this input: there is nobody to respond to")
            return send_input(run_input, run_id, sender, key_prefix)

    RunInput.__module__, RunInput.__qualname__ = __name__, "RunInput"
    return RunInput


if TYPE_CHECKING:

    class RunInput(BaseModel):
        """A form: subclass it with the fields that are asked for."""

        @classmethod
        def with_initial_data(cls, description: str | None = None, **values: Any) -> type[Self]: ...
        @classmethod
        def receive(cls, **options: Any) -> Receiver: ...
        def send_to(self, flow_run_id: Any, sender: str | None = None, key_prefix: str | None = None) -> Any: ...
        def respond(self, run_input: Any, sender: str | None = None, key_prefix: str | None = None) -> Any: ...
else:

    def __getattr__(name):
        if name == "RunInput":
            return _run_input()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
