"""Who may write what: a run's state has one writer, the clock and chance come in through named modules."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import SOURCE, dotted_names, python_files, relative, strings

ADAPTERS = {
    "engine/clock.py": "the flow process's clock and randomness",
    "store/clock.py": "the control plane's clock and the seed of its ids",
    "store/store.py": "`open_store` binds the system's randomness where the caller hands none",
    "worker/clock.py": "the clocks, waits and randomness of worker and supervisor",
    "server/auth/tokens.py": "credentials come from the operating system, never from a seed",
    "cli/output.py": "tells a person how long something has been going on",
}
"""Modules below src/turnout that may touch a clock or chance, each with its reason. Everything else is handed them."""

IMPURE = re.compile(
    r"time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep|localtime|gmtime)"
    r"|datetime\.(datetime\.(now|utcnow|today)|date\.today)"
    r"|asyncio\.sleep|os\.(urandom|getrandom)|uuid\.uuid[1-8]|(random|secrets)\.\w+"
)

QUERIES = SOURCE / "store" / "sql"
RUN_TABLES = ("flow_run", "task_run")


def statement(path: Path) -> str:
    """The SQL of a file on one line, in lower case, without comments and with literals emptied."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(re.sub(r"'(?:[^']|'')*'", "''", text).lower().split())


def sets_state(sql: str, table: str) -> bool:
    """Whether `sql` changes the state of existing rows of `table`."""
    if re.search(rf"\b(?:insert or replace|replace) into {table}\b", sql):
        return True
    updates = re.findall(rf"\bupdate (?:or \w+ |only )?{table}\b.*?\bset\b(.*?)(?=;|$)", sql)
    updates += re.findall(rf"\binsert into {table}\b.*?\bdo update set\b(.*?)(?=;|$)", sql)
    return any("state" in assigned_columns(part) for part in updates)


def assigned_columns(assignments: str) -> set[str]:
    """The columns left of `=` in the list behind SET, also in its row form `(a, b) = (...)`."""
    head = re.split(r"\b(?:from|where|returning)\b", without_values(assignments))[0]
    columns: set[str] = set()
    for part in re.findall(r"(\([^()]*\)|[\w.\"]+) =", head):
        columns |= {name.strip(' "').rpartition(".")[2] for name in part.strip("()").split(",")}
    return columns


def without_values(assignments: str) -> str:
    """`assignments` less every parenthesis but a row of columns, so that commas and words inside mislead nobody."""
    kept, depth = "", 0
    for character in assignments:
        opens_row = character == "(" and not depth and kept.rstrip()[-1:] in ("", ",")
        if opens_row:
            kept += character
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif not depth:
            kept += character
    return kept


@pytest.mark.parametrize(
    ("sql", "guilty"),
    [
        ("update flow_run set state = :state where id = :id", True),
        ("update flow_run as r set reason = 1, state = n.state from new as n where r.id = n.id", True),
        ("update flow_run set (reason, state) = (select a, b from c) where id = 1", True),
        ("update flow_run set reason = coalesce((select state from x), state), version = 2", False),
        ("update flow_run set a = (1), (b, state) = (select 1, 2)", True),
        ("update flow_run set lease_until = 1 where state = 'running'", False),
        ("update flow_run set lease_until = 1 returning state", False),
        ("insert into flow_run (id, state) values (1, 2) on conflict (id) do update set state = excluded.state", True),
        ("insert into flow_run (id, state) values (1, 2) on conflict (id) do nothing", False),
        ("insert or replace into flow_run values (1)", True),
        ("update task_run set state = 1", False),
    ],
)
def test_the_detector_tells_a_writer(sql: str, guilty: bool) -> None:
    assert sets_state(sql, "flow_run") is guilty


@pytest.mark.parametrize("table", RUN_TABLES)
def test_one_statement_sets_the_state_of_a_run(table: str) -> None:
    queries = [path for path in sorted(QUERIES.rglob("*.sql")) if "migrations" not in path.parts]
    inserting = [path for path in queries if re.search(rf"\binsert into {table}\b", statement(path))]
    # `set_state.sqlite.sql` and `set_state.postgresql.sql` are one statement in two spellings.
    writers = {
        relative(path.with_name(path.name.partition(".")[0])) for path in queries if sets_state(statement(path), table)
    }
    assert len(writers) <= 1, f"more than one statement sets {table}.state: {sorted(writers)}"
    assert writers or not inserting or table == "task_run", f"{table} has rows, but nothing sets their state"


@pytest.mark.parametrize("table", RUN_TABLES)
def test_migrations_leave_states_alone(table: str) -> None:
    migrations = sorted((QUERIES / "migrations").glob("*.sql"))
    assert [relative(path) for path in migrations if sets_state(statement(path), table)] == []


def test_no_python_file_writes_runs() -> None:
    writing = re.compile(
        rf"\b(?:update|insert\s+into|replace\s+into|delete\s+from)\s+(?:{'|'.join(RUN_TABLES)})\b", re.IGNORECASE
    )
    found = [
        f"{relative(path)}:{line}" for path in python_files() for line, text in strings(path) if writing.search(text)
    ]
    assert not found, f"statements live in store/sql: {found}"


def test_the_store_sends_no_row_by_row_batches() -> None:
    found = [
        relative(path)
        for path in python_files(SOURCE / "store")
        if re.search(r"\.\s*executemany\s*\(", path.read_text(encoding="utf-8"))
    ]
    assert not found, f"a batch is one statement (json_each, unnest): {found}"


def test_clock_and_chance_stay_in_their_adapters() -> None:
    found = [
        f"{relative(path)}:{line} {name}"
        for path in python_files()
        if path.relative_to(SOURCE).as_posix() not in ADAPTERS
        for line, name in dotted_names(path)
        if IMPURE.fullmatch(name)
    ]
    assert not found, f"take a clock or randomness as an argument, or add an adapter with its reason: {found}"


@pytest.mark.parametrize("name", [name for name in ADAPTERS if (SOURCE / name).exists()])
def test_every_adapter_is_needed(name: str) -> None:
    assert any(IMPURE.fullmatch(used) for _, used in dotted_names(SOURCE / name)), "strike it from the list"
