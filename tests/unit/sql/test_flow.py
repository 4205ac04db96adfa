import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from turnout.core.errors import ConfigurationError, DiscoveryError, ParameterError, SqlError
from turnout.sql.flow import load

pytest.importorskip("duckdb")

SQL = """\
-- name: turf-model
-- description: Turfs of a state.
-- connection: warehouse
-- parameter state: text = 'OH'
-- parameter since: date = '2026-01-01'
-- parameter note: text = null
-- export: model/turf.csv

CREATE OR REPLACE TABLE turf AS
SELECT 'OH' AS state, range AS number, DATE '2026-01-01' + range::INTEGER AS made FROM range(30);

DELETE FROM turf WHERE made < $since;

SELECT state, number, made, $note AS note FROM turf WHERE state = $state ORDER BY number;
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "turnout.yaml").write_text(
        "project: p\nconnections:\n  warehouse: {type: duckdb, database: w.duckdb}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TURNOUT_RECORD", "1")
    (tmp_path / "turf.sql").write_text(SQL)
    return tmp_path


@pytest.fixture
def journal(project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The entries of the run, kept on disk by not ingesting them."""
    monkeypatch.setattr("turnout.engine.connect._ingest", lambda folder: None)

    def read() -> list[Any]:
        (spool,) = (project / "data" / "spool").iterdir()
        return [json.loads(line) for line in spool.read_text().splitlines()]

    return read


def test_a_file_runs_with_its_defaults_and_exports(project: Path) -> None:
    assert load("turf.sql")() == 30
    with (project / "data" / "exports" / "model" / "turf.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["state", "number", "made", "note"]
    assert rows[1] == ["OH", "0", "2026-01-01", ""]
    assert len(rows) == 31


def test_parameters_are_bound_and_coerced(project: Path) -> None:
    flow = load("turf.sql")
    assert (flow.name, flow.description) == ("turf-model", "Turfs of a state.")
    assert flow(since="2026-01-11") == 20
    assert flow(since=date(2026, 1, 30)) == 1
    assert flow(state="O'H; DROP TABLE turf; --") == 0
    with pytest.raises(ParameterError, match="since"):
        flow(since="yesterday")
    with pytest.raises(ParameterError, match="no parameter 'stat'"):
        flow(stat="OH")


def test_each_statement_is_a_task_with_its_rows_in_the_log(project: Path, journal: Any) -> None:
    load("turf.sql")(since="2026-01-11")
    entries = journal()
    assert entries[0]["flow"] == "turf-model"
    assert entries[0]["entrypoint"] == "turf.sql:turf"
    names = [entry[5] for entry in entries[1:] if entry[0] == "c"]
    assert names == ["1-create", "2-delete", "3-select"]
    logged = [entry[5].rsplit(" in ", 1)[0] for entry in entries[1:] if entry[0] == "l"]
    assert logged[:3] == ["turf.sql:9 CREATE: 30 rows", "turf.sql:12 DELETE: 10 rows", "turf.sql:14 SELECT: 20 rows"]
    assert logged[3].startswith("20 rows written to ")


def test_the_last_query_s_first_rows_are_an_artifact(project: Path, journal: Any) -> None:
    load("turf.sql")()
    (artifact,) = [entry for entry in journal()[1:] if entry[0] == "a"]
    assert artifact[3:5] == ["table", "turf-model"]
    assert artifact[5]["columns"] == ["state", "number", "made", "note"]
    assert len(artifact[5]["rows"]) == 20
    assert artifact[5]["rows"][0] == ["OH", 0, "2026-01-01", None]
    assert artifact[5]["description"] == "turf.sql: 30 rows, the first 20"


def test_columns_of_the_same_name_are_told_apart(project: Path, journal: Any) -> None:
    (project / "twice.sql").write_text("-- connection: warehouse\nSELECT 1 AS a, 2 AS a;")
    load("twice.sql")()
    (artifact,) = [entry for entry in journal()[1:] if entry[0] == "a"]
    assert (artifact[5]["columns"], artifact[5]["rows"]) == (["a", "a_2"], [[1, 2]])


def test_values_that_json_cannot_hold_are_shown_as_text(project: Path, journal: Any) -> None:
    (project / "odd.sql").write_text(
        "-- connection: warehouse\n"
        "SELECT 1.5::DECIMAL(9,2) AS d, 9007199254740993 AS big, 'NaN'::DOUBLE AS nan, [1, 2] AS list,"
        " repeat('x', 2000) AS long, TIMESTAMP '2026-01-01 10:00:00' AS at, true AS yes, 0.5::DOUBLE AS half;"
    )
    load("odd.sql")()
    (artifact,) = [entry for entry in journal()[1:] if entry[0] == "a"]
    (row,) = artifact[5]["rows"]
    assert row[:4] == ["1.50", "9007199254740993", "nan", "[1, 2]"]
    assert len(row[4]) == 500
    assert row[5:] == ["2026-01-01 10:00:00", True, 0.5]


def test_a_failing_statement_names_its_file_and_line(project: Path) -> None:
    (project / "bad.sql").write_text("-- connection: warehouse\nSELECT 1;\n\nSELECT\n  nothing\nFROM nowhere;\n")
    with pytest.raises(SqlError) as caught:
        load("bad.sql")()
    assert caught.value.where == "bad.sql:6"
    assert caught.value.what.startswith("bad.sql:6: Catalog Error: Table with name nowhere does not exist!")


def test_a_failed_file_leaves_no_half_export(project: Path) -> None:
    (project / "half.sql").write_text(
        "-- connection: warehouse\n-- export: half.csv\n"
        "SELECT CASE WHEN range < 9000 THEN 1 ELSE error('x') END FROM range(10000);"
    )
    with pytest.raises(SqlError):
        load("half.sql")()
    exports = project / "data" / "exports"
    assert not exports.exists() or list(exports.iterdir()) == []


def test_no_connection_says_where_to_name_one(project: Path) -> None:
    (project / "none.sql").write_text("SELECT 1;")
    with pytest.raises(ConfigurationError, match="names no connection") as caught:
        load("none.sql")()
    assert caught.value.where == "none.sql:1"
    assert load("none.sql", connection="warehouse")() == 1


def test_a_keyword_is_no_parameter(project: Path) -> None:
    (project / "kw.sql").write_text("-- connection: warehouse\n-- parameter class: text = 'x'\nSELECT $class;")
    with pytest.raises(DiscoveryError, match="'class' cannot be the name"):
        load("kw.sql")
