"""Errors: one tree, described in `turnout.core.errors`."""

from turnout.core.errors import (
    ConfigurationError,
    FlowRunFailed,
    FlowTimeout,
    MappingLengthMismatch,
    MissingContext,
    ParameterError,
    ResultUnavailable,
    RunCancelled,
    RunCrashed,
    RunError,
    SecretError,
    TaskTimeout,
    TurnoutError,
    UpstreamFailed,
)

__all__ = [
    "ConfigurationError",
    "FlowRunFailed",
    "FlowTimeout",
    "MappingLengthMismatch",
    "MissingContext",
    "ParameterError",
    "ResultUnavailable",
    "RunCancelled",
    "RunCrashed",
    "RunError",
    "SecretError",
    "TaskTimeout",
    "TurnoutError",
    "UpstreamFailed",
]
