"""A SQL file as an engine flow: its parameters are the flow's, each statement is a task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from keyword import iskeyword
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, DiscoveryError
from turnout.engine.artifacts import create_table_artifact
from turnout.engine.clock import monotonic
from turnout.engine.context.scopes import current
from turnout.engine.flow import Flow
from turnout.engine.logs.run_logger import get_run_logger
from turnout.engine.task import Task
from turnout.sql.connections import connection as open_connection
from turnout.sql.connections import data_folder
from turnout.sql.header import Header, SqlParameter, read_header
from turnout.sql.naming import flow_name
from turnout.sql.running import Outcome, bind, execute
from turnout.sql.statements import Statement, split_statements

_ANNOTATIONS: Mapping[str, type] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "date": date,
    "timestamp": datetime,
}


@dataclass(frozen=True, kw_only=True)
class SqlFile:
    """A SQL file, read. path: absolute; file: as messages call it."""

    path: Path
    file: str
    header: Header
    statements: tuple[Statement, ...]


def load(path: str | Path, *, connection: str | None = None) -> Flow[..., Any]:
    """The flow of a SQL file; its runs return the number of rows that the last statement affected or showed.

    connection: over the deployment's and the header's. Raises DiscoveryError with `file:line`.
    """
    sql = read_sql(Path(path))
    runner = _runner(sql, connection)
    name = sql.header.name or flow_name(sql.file)
    return Flow(_function(sql, runner), name=name, description=sql.header.description)


def read_sql(path: Path) -> SqlFile:
    """Read and split a SQL file. Raises DiscoveryError with `file:line`."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DiscoveryError(f"the file cannot be read: {error}", where=file, fix="save it as UTF-8 text") from None
    header = read_header(text, file)
    return SqlFile(path=path.resolve(), file=file, header=header, statements=split_statements(text, file, header))


def _runner(sql: SqlFile, connection: str | None) -> Callable[[dict[str, Any]], int | None]:
    """What a run of the file does with its parameters' values."""

    def run(values: dict[str, Any]) -> int | None:
        bound = bind(sql.header.parameters, values)
        outcome = Outcome()
        with open_connection(_connection_name(sql, connection)) as opened:
            for statement in sql.statements:
                outcome = _task(sql, statement)(_Call(sql, statement, opened, bound))
        return outcome.rows

    return run


class _Call:
    """A statement's call. Its text in the record is the statement, not a connection's address or its values."""

    def __init__(self, sql: SqlFile, statement: Statement, opened: Any, values: Mapping[str, Any]) -> None:
        self.sql, self.statement, self.opened, self.values = sql, statement, opened, values

    def __repr__(self) -> str:
        return f"<statement {self.statement.number} of {self.sql.file}>"


def _task(sql: SqlFile, statement: Statement) -> Task[..., Outcome]:
    # A connection's work cannot be replayed from a record: the result stays in memory.
    return Task(_execute, name=statement.title, persist_result=False)


def _execute(call: _Call) -> Outcome:
    sql, statement = call.sql, call.statement
    export = _export_path(sql) if statement is _last_query(sql) else None
    started = monotonic()
    outcome = execute(call.opened, statement, call.values, file=sql.file, export=export)
    _tell(sql, statement, outcome, monotonic() - started)
    if statement is _last_query(sql):
        _show(sql, outcome, export)
    return outcome


def _last_query(sql: SqlFile) -> Statement | None:
    """The statement whose rows are the file's result."""
    return next((statement for statement in reversed(sql.statements) if statement.reads), None)


def _tell(sql: SqlFile, statement: Statement, outcome: Outcome, seconds: float) -> None:
    if outcome.rows is None:
        said = f"more than {len(outcome.sample)} rows" if outcome.more else "done"
    else:
        said = f"{outcome.rows:,} {'row' if outcome.rows == 1 else 'rows'}"
    get_run_logger().info("%s:%s %s: %s in %.3f s", sql.file, statement.line, statement.verb, said, seconds)


def _show(sql: SqlFile, outcome: Outcome, export: Path | None) -> None:
    """The sample as an artifact, and where the export is."""
    key = sql.header.name or flow_name(sql.file)
    more = f", the first {len(outcome.sample)}" if outcome.more else ""
    counted = f"{outcome.rows:,} rows{more}" if outcome.rows is not None else f"the first {len(outcome.sample)} rows"
    columns = {name: [row[at] for row in outcome.sample] for at, name in enumerate(_distinct(outcome.columns))}
    create_table_artifact(columns, key=key, description=f"{sql.file}: {counted}")
    if export is not None:
        get_run_logger().info("%s rows written to %s", f"{outcome.rows:,}", export)


def _distinct(names: tuple[str, ...]) -> list[str]:
    """Column names, each once: SQL may call two columns alike."""
    made: list[str] = []
    for name in names:
        spelled, number = name, 2
        while spelled in made:
            spelled, number = f"{name}_{number}", number + 1
        made.append(spelled)
    return made


def _export_path(sql: SqlFile) -> Path | None:
    return data_folder() / "exports" / sql.header.export if sql.header.export else None


def _connection_name(sql: SqlFile, given: str | None) -> str:
    scope = current.get()
    name = given or (scope.root.connection if scope else None) or sql.header.connection
    if name is None:
        raise ConfigurationError(
            "the file names no connection", where=f"{sql.file}:1", fix="add -- connection: warehouse at the top"
        )
    return name


def _function(sql: SqlFile, runner: Callable[[dict[str, Any]], int | None]) -> Callable[..., Any]:
    """A function with the file's parameters as its own, so that it binds, validates and shows like any flow's.

    The engine reads signatures from code objects, so there must be real code. Only names go into it, and those were
    checked to be identifiers; defaults and annotations are attached as values.
    """
    name = flow_name(sql.file).replace("-", "_")
    name = name if name.isidentifier() and not iskeyword(name) else "sql"
    parameters = sql.header.parameters
    for parameter in parameters:
        if iskeyword(parameter.name) or parameter.name.startswith("__"):
            raise DiscoveryError(
                f"'{parameter.name}' cannot be the name of a parameter", where=f"{sql.file}:1", fix="choose another"
            )
    names = [parameter.name for parameter in parameters]
    signature = ", ".join(["*", *names]) if names else ""
    values = ", ".join(f"{name!r}: {name}" for name in names)
    scope: dict[str, Any] = {"__run": runner, "__name__": f"{__name__}.loaded"}
    source = f"def {name}({signature}): return __run({{{values}}})"
    exec(compile(source, str(sql.path), "exec"), scope)  # noqa: S102 - see above: identifiers alone
    function: Callable[..., Any] = scope[name]
    function.__kwdefaults__ = {p.name: p.bind(p.default) for p in parameters if not p.required}
    function.__annotations__ = {p.name: _annotation(p) for p in parameters}
    function.__doc__ = sql.header.description
    return function


def _annotation(parameter: SqlParameter) -> Any:
    kind = _ANNOTATIONS[parameter.type]
    return kind | None if not parameter.required and parameter.default is None else kind
