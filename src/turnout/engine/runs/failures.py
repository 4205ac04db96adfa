"""How failures are written down: the journal's `error`, and a log line."""

from __future__ import annotations

from turnout.engine.journal.entries import quote
from turnout.engine.runs.tracebacks import message, summary, text, trim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.context.scopes import Root, Scope

__all__ = ["error_fact", "note", "report", "summary", "tell"]


def error_fact(root: Root, error: BaseException | None) -> str | None:
    """The journal's `error`: {"type", "message", "traceback"} as JSON text."""
    if error is None or not root.recorded:
        return None
    # Redacted before they are cut, which could leave half a secret.
    said = root.redact(message(error))[:16_000], text(error, root.redact)
    return f'{{"type":{quote(_type_name(error))},"message":{quote(said[0])},"traceback":{quote(said[1])}}}'


def note(scope: Scope, said: str) -> None:
    """A line of the engine in the run's log."""
    from turnout.engine.logs.handlers import engine_log

    engine_log(scope, said, 20)


def report(scope: Scope, said: str, error: BaseException | None) -> None:
    """A warning in the run's log, with the traceback of `error`."""
    from turnout.engine.logs.handlers import engine_log

    engine_log(scope, said if error is None else f"{said}:\n{text(trim(error), scope.root.redact)}")


def tell(root: Root, flow: str, error: BaseException) -> None:
    """The traceback that ended the run `root`, in its log. Not on a script's stderr: Python prints it there."""
    from turnout.engine.logs.capture import write_error

    write_error(root, f"Flow '{flow}' failed:\n{text(trim(error), root.redact)}")


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
