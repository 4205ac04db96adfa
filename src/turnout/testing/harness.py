"""`with harness() as records:`: flows called inside are recorded in memory. No files, no server, no cleaning up."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from turnout.core.names import run_name
from turnout.engine import connect
from turnout.engine.clock import new_run_id
from turnout.engine.context import Root, tag_context
from turnout.engine.flow import Flow
from turnout.engine.journal import MemoryJournal
from turnout.engine.names import run_name as name_from_template
from turnout.testing.recorded import RecordedRun


class Harness:
    """The runs of flows called inside `harness()`, in order."""

    def __init__(self, variables: Mapping[str, Any] | None, mask: Sequence[str]) -> None:
        self.runs: list[RecordedRun] = []
        self._variables = variables
        self._mask = mask

    @property
    def run(self) -> RecordedRun:
        """The latest run."""
        if not self.runs:
            raise LookupError("no flow was called inside harness() yet")
        return self.runs[-1]

    def _make_root(self, flow: Flow[..., Any], parameters: Mapping[str, Any]) -> Root:
        run_id = new_run_id()
        name = name_from_template(flow.flow_run_name, parameters, flow.name) if flow.flow_run_name else run_name(run_id)
        tags = tag_context.get()
        journal = MemoryJournal()
        root = Root(journal=journal, run_id=run_id, name=name, tags=tags, variables=self._variables, mask=self._mask)
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
def harness(*, variables: Mapping[str, Any] | None = None, mask: Sequence[str] = ()) -> Iterator[Harness]:
    """Record the flows called inside in memory.

    variables: what `Variable.get` finds, instead of the manifest's. mask: values to redact, as a worker's secrets are.
    """
    before, made = connect.make_root, Harness(variables, mask)
    connect.make_root = made._make_root
    try:
        yield made
    finally:
        connect.make_root = before
