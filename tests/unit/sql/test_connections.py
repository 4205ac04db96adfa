import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError, NotFound, SqlError
from turnout.sql import connections
from turnout.sql.connections import connection

duckdb = pytest.importorskip("duckdb")

MANIFEST = """\
project: p
connections:
  warehouse: {type: duckdb, database: warehouse.duckdb}
  scratch: {type: duckdb, database: ":memory:"}
  remote: {type: redshift, database: x}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "turnout.yaml").write_text(MANIFEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TURNOUT_DATA", raising=False)
    # Outside of runs the script's folder comes first; here the script is pytest.
    monkeypatch.setattr(connections, "_code_folder", lambda: tmp_path)
    return tmp_path


def test_the_database_is_in_the_data_folder(project: Path) -> None:
    with connection("warehouse") as warehouse:
        warehouse.execute("CREATE TABLE t AS SELECT 42 AS answer")
    with connection("warehouse") as warehouse:
        assert warehouse.execute("SELECT answer FROM t").fetchone() == (42,)
    assert (project / ".turnout" / "warehouse.duckdb").is_file()


def test_memory_is_fresh_each_time(project: Path) -> None:
    with connection("scratch") as scratch:
        scratch.execute("CREATE TABLE t (a INTEGER)")
    with connection("scratch") as scratch, pytest.raises(duckdb.CatalogException):
        scratch.execute("SELECT * FROM t")


def test_unknown_names_and_types_say_what_there_is(project: Path) -> None:
    with pytest.raises(NotFound, match="no connection 'warehose'") as caught, connection("warehose"):
        pass
    assert caught.value.fix == "did you mean 'warehouse'?"
    with pytest.raises(ConfigurationError, match="'redshift' are not supported"), connection("remote"):
        pass


def test_without_a_manifest_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_code_folder", lambda: tmp_path)
    with pytest.raises(ConfigurationError, match=r"no turnout\.yaml declares the connection 'w'"), connection("w"):
        pass


def test_connections_of_one_process_nest_and_share_the_database(project: Path) -> None:
    with connection("warehouse") as outer:
        outer.execute("CREATE TABLE t (a INTEGER)")
        with connection("warehouse") as inner:
            inner.execute("INSERT INTO t VALUES (1)")
        assert outer.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_threads_share_it_too_and_lose_nothing(project: Path) -> None:
    with connection("warehouse") as warehouse:
        warehouse.execute("CREATE TABLE t (a INTEGER)")

    def insert(number: int) -> None:
        with connection("warehouse") as warehouse:
            warehouse.execute("INSERT INTO t VALUES ($n)", {"n": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(insert, range(20)))
    with connection("warehouse") as warehouse:
        assert warehouse.execute("SELECT sum(a) FROM t").fetchone() == (190,)
    assert connections._open == {}


def test_an_error_inside_the_block_closes_it(project: Path) -> None:
    with pytest.raises(RuntimeError), connection("warehouse"):
        raise RuntimeError
    assert connections._open == {}


def test_processes_take_turns(project: Path) -> None:
    with connection("warehouse") as warehouse:
        warehouse.execute("CREATE TABLE t (a INTEGER)")
    code = (
        "from turnout.sql import connections\n"
        "from pathlib import Path\n"
        f"connections._code_folder = lambda: Path({str(project)!r})\n"
        "for n in range(5):\n"
        "    with connections.connection('warehouse') as w:\n"
        "        w.execute('INSERT INTO t VALUES (1)')\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said.decode()
    with connection("warehouse") as warehouse:
        assert warehouse.execute("SELECT count(*) FROM t").fetchone() == (15,)


def test_a_file_that_another_program_holds_is_an_error_with_its_path(project: Path) -> None:
    (project / ".turnout").mkdir()
    path = project / ".turnout" / "warehouse.duckdb"
    code = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.readline()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        with pytest.raises(SqlError) as caught, connection("warehouse"):
            pass
        assert caught.value.where == str(path)
        assert "close the other program" in caught.value.fix
    finally:
        child.communicate("\n")
    with connection("warehouse"):
        pass


FAR = "{'connections': {'far': {'type': 'duckdb', 'database': ':memory:'}}}"


@pytest.mark.parametrize(
    ("more", "files"),
    [
        ("include: [more.yaml]\n", {"more.yaml": FAR}),
        ("", {"turnout.py": f"def manifest(): return {FAR}\n"}),
    ],
)
def test_a_script_finds_what_another_file_declares(project: Path, more: str, files: dict[str, str]) -> None:
    manifest = project / "turnout.yaml"
    manifest.write_text(MANIFEST.replace("  remote: {type: redshift, database: x}\n", more))
    for name, text in files.items():
        (project / name).write_text(text)
    for name in ("far", "warehouse"):
        with connection(name) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
