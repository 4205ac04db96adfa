"""The statement files: named, commented, used, valid, and none walks a big table."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import Cluster
from turnout.core.records import RunFilter
from turnout.core.states import RunState
from turnout.store import Store, open_store
from turnout.store.dialects import postgresql, sqlite
from turnout.store.filters import EVERYTHING, complete, conditions_of, drivers_of, search_text
from turnout.store.migrate import migrate
from turnout.store.queries import Queries

PACKAGE = Path(__file__).parents[3] / "src" / "turnout" / "store"
OWN_FORM = ("migrations", "invariants")
"""Folders whose files have another form, and tests of their own."""
FILES = sorted(path for path in (PACKAGE / "sql").rglob("*.sql") if path.parent.name not in OWN_FORM)
NAMES = sorted({path.relative_to(PACKAGE / "sql").as_posix().split(".")[0] for path in FILES})
BIG = ("flow_run", "task_run", "log_chunk", "flow_run_history", "outbox", "artifact", "run_tag", "run_token")
WALKS = {
    "runs/count_runs": "counts what matches: over an index that covers it",
    "backup/list_active": "runs once, when a database was restored",
    "sizes/count_rows": "counts everything, for a person who asks how big it is",
}
"""Statements that may walk a big table, each with the reason."""

ONE_SIDED = {"sizes/has_statistics": "asks how this SQLite was built"}
"""Statements that only one database has, each with the reason."""

FILTERS = {
    "none": RunFilter(),
    "project": RunFilter(project="p"),
    "namespace": RunFilter(project="p", environment="e"),
    "deployment": RunFilter(project="p", environment="e", deployment="d"),
    "flow": RunFilter(project="p", environment="e", flow_name="f"),
    "state": RunFilter(project="p", environment="e", states=(RunState.FAILED,)),
    "tag": RunFilter(tags=("t",)),
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = str(tmp_path_factory.mktemp("queries") / "turnout.db")
    connection = sqlite.connect(path)
    migrate(connection, path)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def server(postgres: Cluster) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to a migrated database of PostgreSQL."""
    url = postgres.create()
    with postgresql.connect(url) as connection:
        yield connection
    postgres.drop(url)


def texts(name: str, dialect: str = sqlite.NAME) -> list[str]:
    """The statement, or each form that a filter gives it."""
    text = Queries(dialect)[name]
    if "{search}" not in text:
        return [text]
    conditions = [conditions_of(where, None) for where in FILTERS.values()]
    return [
        complete(text, search=search_text(driver, wanted, states=name == "runs/count_runs"))
        for wanted in conditions
        for driver in [EVERYTHING, *drivers_of(wanted)]
    ]


def values_for(text: str) -> dict[str, object]:
    return {
        name: "[]" if name in ("tags", "tasks", "numbers", "artifacts", "ids", "users") else 1
        for name in re.findall(r":(\w+)", text)
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_one_statement_under_one_sentence(path: Path) -> None:
    comment, *body = path.read_text().splitlines()
    assert re.fullmatch(r"-- [A-Z].*\.", comment), "the first line says in a sentence what it does"
    statement = "\n".join(body)
    assert "--" not in statement
    assert ";" not in statement
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+(\.(sqlite|postgresql))?\.sql", path.name), "named verb_noun"


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_is_used_and_valid(connection: sqlite3.Connection, name: str) -> None:
    assert any(f'"{name}"' in path.read_text() for path in PACKAGE.rglob("*.py")), "nobody runs it"
    for text in texts(name):
        connection.execute(f"EXPLAIN {text}", values_for(text))


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_is_valid_on_postgresql(server: "psycopg.Connection[Any]", name: str) -> None:
    for text in texts(name, postgresql.NAME) if name not in ONE_SIDED else ():
        statement, _, _ = postgresql.translated(text)
        server.execute(b"PREPARE a_statement AS " + statement)
        server.execute(b"DEALLOCATE a_statement")


@pytest.mark.parametrize("path", [path for path in FILES if path.name.count(".") > 1], ids=lambda path: path.name)
def test_a_dialects_own_file_has_its_twin(path: Path) -> None:
    name, dialect, _ = path.name.split(".")
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[dialect]
    twins = [path.with_name(f"{name}.{other}.sql"), path.with_name(f"{name}.sql")]
    known = f"{path.parent.name}/{name}" in ONE_SIDED
    assert known or any(twin.exists() for twin in twins), "the other database has no such statement"


def test_every_statement_that_is_run_exists() -> None:
    folders = "|".join(sorted({path.parent.name for path in FILES}))
    used = {name for path in PACKAGE.rglob("*.py") for name in re.findall(rf'"((?:{folders})/\w+)"', path.read_text())}
    assert used == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_statement_walks_a_big_table(connection: sqlite3.Connection, name: str) -> None:
    walked = []
    for text in texts(name):
        aliases = dict(re.findall(r"(?:FROM|JOIN) (\w+) AS (\w+)", text))
        names = {*BIG, *(alias for table, alias in aliases.items() if table in BIG)}
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values_for(text))]
        walked += [step for step in plan if (found := re.match(r"SCAN (\w+)", step)) and found[1] in names]
    assert not walked or (name in WALKS and all("COVERING" in step for step in walked)), walked


def test_lists_of_runs_need_no_sorting(connection: sqlite3.Connection) -> None:
    for name in (
        "runs/list_queued",
        "runs/get_latest",
        "runs/get_latest_in_state",
        "runs/list_lapsed",
    ):
        for label, text in zip(FILTERS, texts(name), strict=False):
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values_for(text))]
            assert label == "tag" or not any("TEMP B-TREE" in step for step in plan), (name, label, plan)


@pytest.mark.parametrize(
    ("name", "indices"),
    [
        ("runs/list_heads", {"flow_run_lane"}),
        ("runs/list_following", {"flow_run_lane"}),
        ("runs/list_ahead", {"flow_run_lane"}),
        ("limits/list_holders", set()),
        ("runs/list_live", {"flow_run_live"}),
        ("runs/list_held", {"flow_run_worker"}),
        ("runs/list_claimed", {"flow_run_lease_key"}),
        ("journal/list_chunks", {"log_chunk_order"}),
        ("journal/list_later_chunks", {"log_chunk_order"}),
    ],
)
def test_what_runs_often_uses_its_own_indices(connection: sqlite3.Connection, name: str, indices: set[str]) -> None:
    [text] = texts(name)
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values_for(text)))
    assert set(re.findall(r"INDEX (flow_run\w+|log_chunk\w+)", plan)) == indices
    for used in re.findall(r"flow_run_deployment_state \(([^)]*)\)", plan):
        assert used == "project=? AND environment=? AND deployment=? AND state=?"


def test_a_dialects_own_file_goes_before_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "get_x.sql").write_text("shared")
    (tmp_path / "runs" / "get_x.sqlite.sql").write_text("own")
    assert Queries("sqlite", str(tmp_path))["runs/get_x"] == "own"
    assert Queries("postgresql", str(tmp_path))["runs/get_x"] == "shared"


@pytest.mark.parametrize("table", ["flow_run", "flow_run_history", "task_run"])
def test_the_database_knows_the_states_of_the_core(connection: sqlite3.Connection, table: str) -> None:
    [(text,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    [listed] = re.findall(r"CHECK \(state IN \(([^)]*)\)\)", text)
    assert re.findall(r"'(\w+)'", listed) == [state.value for state in RunState]


def test_identity_is_unique_from_the_first_migration(connection: sqlite3.Connection) -> None:
    columns = sorted((row[5], row[1]) for row in connection.execute("PRAGMA table_info(object)").fetchall() if row[5])
    assert [name for _, name in columns] == ["project", "environment", "kind", "name"]


def test_the_package_knows_nothing_of_rows_one_by_one(tmp_path: Path) -> None:
    """Ten times the entries are not one statement more."""
    counts = []
    for tasks in (10, 100):
        with open_store(tmp_path / str(tasks), threaded=False) as store:
            counts.append(statements_of_a_batch(store, tasks))
    assert counts[0] == counts[1] <= 6


def statements_of_a_batch(store: Store, tasks: int) -> int:
    entries = [b'["c",%d,0,"task","k#%d","k",1.0,"pending",null]' % (n, n) for n in range(1, tasks + 1)]
    entries += [b'["l",%d,1.0,20,"a","b"]' % n for n in range(tasks)]
    entries += [b'["a",%d,1.0,"link","k",{}]' % n for n in range(tasks)]
    ran: list[str] = []

    def work(tx: object) -> None:
        tx._session._connection.set_trace_callback(ran.append)  # type: ignore[attr-defined]
        tx.journal.store("0" * 32, 1, 2, 0, entries)  # type: ignore[attr-defined]
        tx._session._connection.set_trace_callback(None)  # type: ignore[attr-defined]

    store.write(work)
    return len(ran)
