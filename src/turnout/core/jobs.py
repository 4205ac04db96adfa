"""What a worker needs to execute one attempt: the answer to a claim, and the file a flow process is started with."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from turnout.core.records import FlowRun

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from turnout.core.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Job:
    """One attempt of one run, claimed. Everything is plain and JSON-able.

    token: the run token: good for this attempt's journal, heartbeat and report, until it is fenced.
    variables: resolved values at the time of the claim. secrets: name -> fields, values are found by the worker.
    resume: the engine shall fetch and reuse acknowledged steps of earlier attempts.
    """

    run: FlowRun
    token: str
    lease_seconds: float
    resume: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    connections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A completed step of an earlier attempt whose result can be reused. code: which code it ran, for the engine."""

    key: str
    attempt: int
    inputs: str | None
    result: Mapping[str, Any]
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """The server's answer to a renewal. command: None, or "cancel" with a reason."""

    lease_seconds: float
    command: str | None = None
    reason: str | None = None
