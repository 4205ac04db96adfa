from datetime import date, datetime

import pytest

from turnout.core.errors import DiscoveryError
from turnout.sql.header import SqlParameter, read_header

FULL = """\
-- name: turf-model
-- description: Turfs of one state, with O'Brien's rule: twelve at most.
-- connection: warehouse
--
-- Anything else is a comment. Note: this as well.
-- parameter state: text = 'OH'
-- parameter minimum: integer
-- parameter share: number = 0.5
-- parameter test: boolean = false
-- parameter since: date = '2026-01-01'
-- parameter until: timestamp = null
-- export: model/turf.csv

SELECT 1; -- export: not-this.csv
-- name: nor-this
"""


def test_reads_every_key() -> None:
    header = read_header(FULL, "sql/turf.sql")
    assert (header.name, header.connection, header.export) == ("turf-model", "warehouse", "model/turf.csv")
    assert header.description == "Turfs of one state, with O'Brien's rule: twelve at most."
    assert [(p.name, p.type, p.required, p.default) for p in header.parameters] == [
        ("state", "text", False, "OH"),
        ("minimum", "integer", True, None),
        ("share", "number", False, 0.5),
        ("test", "boolean", False, False),
        ("since", "date", False, "2026-01-01"),
        ("until", "timestamp", False, None),
    ]


def test_the_schema_is_that_of_a_signature() -> None:
    schema = read_header(FULL, "sql/turf.sql").parameter_schema()
    assert schema["required"] == ["minimum"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["state"] == {"type": "string", "default": "OH"}
    assert schema["properties"]["since"] == {"type": "string", "format": "date", "default": "2026-01-01"}
    assert schema["properties"]["until"]["anyOf"][1] == {"type": "null"}


def test_a_file_without_header_has_none() -> None:
    assert read_header("SELECT 1", "a.sql").parameters == ()
    assert read_header("/* -- name: x */ SELECT 1", "a.sql").name is None


def test_quotes_inside_a_default_are_doubled() -> None:
    (parameter,) = read_header("-- parameter who: text = 'O''Brien = -- ok'\n", "a.sql").parameters
    assert parameter.default == "O'Brien = -- ok"


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ("-- conection: w", "there is no header 'conection'", "did you mean 'connection'?"),
        ("-- paramter state: text", "there is no header 'paramter'", "did you mean 'parameter'?"),
        ("-- Name: x", "there is no header 'Name'", "did you mean 'name'?"),
        ("-- parameter: state", "the parameter has no name", "write -- parameter state: text = 'OH'"),
        ("-- parameter state: string", "the parameter 'state' has no type 'string'", "use one of text, integer"),
        ("-- parameter n: intger = 5", "the parameter 'n' has no type 'intger'", "did you mean 'integer'?"),
        ("-- parameter n: integer = five", "the default five is no integer", "write it like 5, or null"),
        ("-- parameter n: number = nan", "the default nan is no number", "write it like 5"),
        ("-- parameter s: text = OH", "the default OH is no text", "write it like 'OH', or null"),
        ("-- parameter d: date = '2026-02-30'", "the default '2026-02-30' is no date", "'2026-11-03'"),
        ("-- parameter b: boolean = yes", "the default yes is no boolean", "true"),
        ("-- parameter b: boolean =", "the default (nothing) is no boolean", "true"),
        ("-- name: County Model", "'County Model' is not a name", "small letters"),
        ("-- name:", "'name' has no value", "write -- name: value"),
        ("-- export: /etc/passwd.csv", "outside of the exports folder", "relative path"),
        ("-- export: ../up.csv", "outside of the exports folder", "relative path"),
        ("-- export: turf.xlsx", "not a .csv file", "only CSV"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_file_and_line(line: str, what: str, fix: str) -> None:
    with pytest.raises(DiscoveryError) as caught:
        read_header(f"-- A model.\n{line}\nSELECT 1", "sql/turf.sql")
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert caught.value.where == "sql/turf.sql:2"


def test_twice_is_once_too_often() -> None:
    for line in ("-- name: a", "-- parameter a: text"):
        with pytest.raises(DiscoveryError, match="twice"):
            read_header(f"{line}\n{line}\n", "a.sql")


def test_dates_and_timestamps_are_bound_as_such() -> None:
    assert SqlParameter(name="d", type="date", required=True).bind("2026-11-03") == date(2026, 11, 3)
    moment = SqlParameter(name="t", type="timestamp", required=True).bind("2026-11-03T18:00:00")
    assert moment == datetime(2026, 11, 3, 18)
    assert SqlParameter(name="s", type="text", required=True).bind("2026-11-03") == "2026-11-03"
    assert SqlParameter(name="d", type="date", required=False).bind(None) is None
