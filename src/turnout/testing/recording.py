"""`with harness() as records:`: flows called inside are recorded in memory. No files, no server, no cleaning up."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from turnout.core.names import run_name
from turnout.engine import connect
from turnout.engine.clock import new_run_id
from turnout.engine.context.scopes import Root, tag_context
from turnout.engine.definitions.names import flow_run_name
from turnout.engine.flow import Flow
from turnout.engine.journal.spool import MemoryJournal
from turnout.engine.results.storage import MemoryStorage
from turnout.testing.clock import FakeClock
from turnout.testing.recorded import RecordedRun

Secrets = Mapping[str, Mapping[str, str]]
"""secret -> field -> value."""


class Harness:
    """The runs of flows called inside `harness()`, in order.

    variables, secrets: what `Variable.get` and `secret` find; a test may change them between runs. clock: the fake
    clock, if there is one.
    """

    def __init__(self, variables: Mapping[str, Any] | None, mask: Sequence[str], clock: FakeClock | None) -> None:
        self.runs: list[RecordedRun] = []
        self.variables: dict[str, Any] | None = None if variables is None else dict(variables)
        self.clock = clock
        self._mask = list(mask)
        self._results = MemoryStorage()
        self._environment: dict[str, str | None] = {}

    @property
    def run(self) -> RecordedRun:
        """The latest run."""
        if not self.runs:
            raise LookupError("no flow was called inside harness() yet")
        return self.runs[-1]

    def set_variable(self, name: str, value: Any) -> None:
        """Let `Variable.get(name)` answer `value` in runs that start from now on."""
        self.variables = {**(self.variables or {}), name: value}

    def set_secret(self, name: str, **fields: str) -> None:
        """Let `secret(name).field` answer these, here and in child processes; their values are masked in logs."""
        for field, value in fields.items():
            variable = f"{name}_{field}".upper().replace("-", "_")
            self._environment.setdefault(variable, os.environ.get(variable))
            os.environ[variable] = value
            self._mask.append(value)

    def _restore(self) -> None:
        for variable, value in self._environment.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value

    def _make_root(self, flow: Flow[..., Any], parameters: Mapping[str, Any]) -> Root:
        run_id = new_run_id()
        name = flow_run_name(flow, parameters, run_id) if flow.flow_run_name else run_name(run_id)
        tags = tag_context.get()
        journal = MemoryJournal()
        root = Root(journal=journal, run_id=run_id, name=name, tags=tags, variables=self.variables, mask=self._mask)
        root.results = self._results
        journal.write(
            connect.header_line(
                run_id=run_id,
                attempt=1,
                flow=flow.name,
                name=name,
                parameters=parameters,
                tags=tags,
                project=None,
                entrypoint=f"{flow.__module__}:{flow.__qualname__}",
                trigger="script",
                redact=root.redact,
            )
        )
        self.runs.append(RecordedRun(journal.lines))
        return root


@contextmanager
def harness(
    *,
    variables: Mapping[str, Any] | None = None,
    secrets: Secrets | None = None,
    mask: Sequence[str] = (),
    clock: FakeClock | None = None,
) -> Iterator[Harness]:
    """Record the flows called inside in memory.

    variables: what `Variable.get` finds, instead of the manifest's. secrets: what `secret(name).field` finds before
    anything else. mask: further values to redact, as a worker's secrets are. clock: jumps over the waits of retries.
    """
    before, made = connect.make_root, Harness(variables, mask, clock)
    with ExitStack() as stack:
        stack.callback(made._restore)
        for name, fields in (secrets or {}).items():
            made.set_secret(name, **fields)
        if clock is not None:
            stack.enter_context(clock.installed())
        stack.callback(setattr, connect, "make_root", before)
        connect.make_root = made._make_root
        yield made
