"""Every error Turnout raises on purpose: one tree, each carrying data and the next step.

TurnoutError                     what / where / fix
|-- ConfigurationError           settings, manifest, project layout
|   |-- ManifestError            turnout.yaml: carries file, line, column
|   |-- ScheduleError            a cron, interval, rrule or zone that cannot be
|   `-- DiscoveryError           a flow or SQL file that cannot be loaded
|-- ParameterError               an argument that does not fit the flow's signature
|-- NotFound                     the named object does not exist
|-- Conflict                     the object moved since it was read
|   |-- Fenced                   a write from an attempt that no longer holds its run
|   `-- IllegalTransition        an event that the state table refuses
|-- Unauthorized                 no valid credential
|-- Forbidden                    a valid credential without the right
|-- TooLarge                     beyond a documented limit
|-- StoreError                   the database
|   |-- StoreLocked              another process holds the store
|   |-- StoreUnavailable         gone, full or failing: nothing was acknowledged
|   `-- SchemaTooNew             written by a newer Turnout
|-- ServerUnreachable            no server answered
|-- IssuerUnreachable            who vouches for identity tokens does not answer
|-- SecretError                  a secret without a value
`-- RunError                     raised inside or by running flows
    |-- FlowRunFailed            a flow failed (unread failed tasks, failed returned states)
    |-- UpstreamFailed           a dependency did not complete
    |-- TaskTimeout, FlowTimeout
    |-- RunCancelled
    |-- PauseTimeout             nobody resumed or answered in time
    |-- LimitUnavailable         nobody says what a limit allows, or it has no place
    |   `-- LimitTimeout         it had none in time
    |-- RunCrashed               a run's process was lost
    |   `-- TaskCrashed          a task's own process was lost
    |-- SqlError                 a SQL statement failed: carries file and line
    |-- MappingLengthMismatch    `map` over unequal lengths
    |-- MissingContext           needs a run, called outside one
    |-- NotSendable              an argument, result or task that cannot go to another process
    |-- RemoteFailure            an exception of another process of which only the words came back
    |-- ResumeRefused            nobody can tell any more which stored result is whose
    `-- ResultUnavailable        a result that was not stored is asked for
"""


class TurnoutError(Exception):
    """Something went wrong. `what` says what, `where` names the place, `fix` says how to mend it."""

    code = "error"
    """The stable machine name of the error on the wire."""

    def __init__(self, what: str = "", *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what or (type(self).__doc__ or "").strip()
        self.where = where
        self.fix = fix
        super().__init__(self.what, where, fix)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.what, self.where, self.fix), self.__dict__

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"  where: {self.where}")
        if self.fix:
            parts.append(f"  fix: {self.fix}")
        return "\n".join(parts)


def _again(kind: type[TurnoutError], what: str, where: str | None, fix: str | None) -> TurnoutError:
    """The error as it was, in another process."""
    error = kind.__new__(kind, what, where, fix)
    TurnoutError.__init__(error, what, where=where, fix=fix)
    return error


class ConfigurationError(TurnoutError):
    """A setting or file of the project is wrong."""

    code = "configuration"


class ManifestError(ConfigurationError):
    """turnout.yaml says something that cannot be done."""

    code = "manifest"


class ScheduleError(ConfigurationError):
    """A schedule can never be followed."""

    code = "schedule"


class DiscoveryError(ConfigurationError):
    """A flow or SQL file could not be loaded."""

    code = "discovery"


class ParameterError(TurnoutError, TypeError):
    """A parameter does not fit the flow."""

    code = "parameter"


class NotFound(TurnoutError):
    """There is no such object."""

    code = "not_found"


class Conflict(TurnoutError):
    """The object changed since it was read."""

    code = "conflict"


class Fenced(Conflict):
    """Another attempt holds this run now; stop."""

    code = "fenced"


class IllegalTransition(Conflict):
    """The run's state does not allow this."""

    code = "illegal_transition"


class Unauthorized(TurnoutError):
    """A credential is needed."""

    code = "unauthorized"


class Forbidden(TurnoutError):
    """This credential may not do that."""

    code = "forbidden"


class TooLarge(TurnoutError):
    """Beyond a documented limit."""

    code = "too_large"


class StoreError(TurnoutError):
    """The database could not do it."""

    code = "store"


class StoreLocked(StoreError):
    """Another process holds the store."""

    code = "store_locked"


class StoreUnavailable(StoreError):
    """The database is gone, full or failing; nothing was acknowledged."""

    code = "store_unavailable"


class SchemaTooNew(StoreError):
    """The database was written by a newer Turnout."""

    code = "schema_too_new"


class ServerUnreachable(TurnoutError):
    """No server answered."""

    code = "server_unreachable"


class IssuerUnreachable(TurnoutError):
    """Who vouches for identity tokens does not answer."""

    code = "issuer_unreachable"


class SecretError(TurnoutError):
    """A secret has no value."""

    code = "secret"


class RunError(TurnoutError):
    """A run could not go on."""

    code = "run"


class FlowRunFailed(RunError):
    """The flow failed."""

    code = "flow_failed"


class UpstreamFailed(RunError):
    """A dependency did not complete."""

    code = "upstream_failed"


class TaskTimeout(RunError, TimeoutError):
    """The task ran longer than its timeout."""

    code = "task_timeout"


class FlowTimeout(RunError, TimeoutError):
    """The flow ran longer than its timeout."""

    code = "flow_timeout"


class RunCancelled(RunError):
    """The run was cancelled."""

    code = "cancelled"


class RunCrashed(RunError):
    """The run's process was lost."""

    code = "crashed"


class TaskCrashed(RunCrashed):
    """The process in which the task ran was lost."""

    code = "task_crashed"


class LimitUnavailable(RunError):
    """The limit has no place for this."""

    code = "limit_unavailable"


class LimitTimeout(LimitUnavailable, TimeoutError):
    """The limit had no place in time."""

    code = "limit_timeout"


class PauseTimeout(RunError, TimeoutError):
    """Nobody resumed the run, or sent what it waits for, in time."""

    code = "pause_timeout"


class SqlError(RunError):
    """A SQL statement failed."""

    code = "sql"


class MappingLengthMismatch(RunError, ValueError):
    """`map` was given iterables of different lengths."""

    code = "mapping_length"


class MissingContext(RunError, RuntimeError):
    """This needs a run and was called outside one."""

    code = "missing_context"


class NotSendable(RunError, TypeError):
    """It cannot go to another process."""

    code = "not_sendable"


class RemoteFailure(RunError):
    """An exception of another process that does not pickle: its words are all that came back."""

    code = "remote_failure"


class ResumeRefused(RunError):
    """The code changed so much that nobody can tell which stored result is whose."""

    code = "resume_refused"


class ResultUnavailable(RunError):
    """The result was not stored."""

    code = "result_unavailable"
