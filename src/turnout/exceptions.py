"""Errors: one tree, described in `turnout.core.errors`."""

from turnout.core.errors import (
    ConfigurationError,
    Conflict,
    DiscoveryError,
    FlowRunFailed,
    FlowTimeout,
    MappingLengthMismatch,
    MissingContext,
    NotFound,
    ParameterError,
    PauseTimeout,
    ResultUnavailable,
    RunCancelled,
    RunCrashed,
    RunError,
    SecretError,
    TaskTimeout,
    TooLarge,
    TurnoutError,
    UpstreamFailed,
)
from turnout.engine.states.judging import format_exception as exception_traceback
from turnout.engine.stopping.interrupts import Interrupt

# Under these names for people who come from Prefect: what is raised here where that product raises the named one.
PrefectException = TurnoutError
FailedRun = FlowRunFailed
CrashedRun = RunCrashed
CancelledRun = RunCancelled
UpstreamTaskError = UpstreamFailed
TaskRunTimeoutError = TaskTimeout
FlowRunTimeoutError = FlowTimeout
MissingContextError = MissingContext
MissingResult = UnfinishedRun = ResultUnavailable
ParameterTypeError = ParameterBindError = SignatureMismatchError = ReservedArgumentError = ParameterError
MappingMissingIterable = MappingLengthMismatch
ScriptError = MissingFlowError = UnspecifiedFlowError = DiscoveryError
InvalidNameError = MissingProfileError = InvalidRepositoryURLError = ConfigurationError
ObjectNotFound = NotFound
ObjectAlreadyExists = ProtectedBlockError = Conflict
ObjectLimitReached = EventTooLarge = TooLarge
ObjectUnsupported = BlockMissingCapabilities = ConfigurationError
PausedRun = NotPausedError = RunError
FlowPauseTimeout = PauseTimeout
FlowRunWaitTimeout = FlowRunWatchError = RunError
InfrastructureError = InfrastructureNotFound = InfrastructureNotAvailable = RunError
SerializationError = HashError = ResultUnavailable
PrefectImportError = ImportError
PrefectSignal = ExternalSignal = TerminationSignal = Abort = Pause = Interrupt

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
    "exception_traceback",
]
