"""What PostgreSQL's parameters, addresses and errors become."""

import psycopg
import pytest

from turnout.core.errors import ConfigurationError, StoreError, StoreUnavailable
from turnout.store import open_store
from turnout.store.dialects.postgresql import connect, shown, translate, translated


@pytest.mark.parametrize(
    ("text", "statement", "names", "reads"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b"), True),
        ("-- What: it does.\nSELECT '::x :y' || :z::text", "SELECT '::x :y' || $1::text", ("z",), True),
        ("SELECT a % 2 LIKE :t ESCAPE '!'", "SELECT a % 2 ILIKE $1 ESCAPE '!'", ("t",), True),
        ("INSERT INTO t VALUES (:a)", "INSERT INTO t VALUES ($1)", ("a",), False),
        ("WITH w AS (DELETE FROM t RETURNING 1) SELECT 1", "WITH w AS (DELETE FROM t RETURNING 1) SELECT 1", (), False),
        ("WITH w AS (SELECT 1) UPDATE t SET a = :a", "WITH w AS (SELECT 1) UPDATE t SET a = $1", ("a",), False),
    ],
)
def test_parameters_are_numbered(text: str, statement: str, names: tuple[str, ...], reads: bool) -> None:
    assert translated(text) == (statement.encode(), names, reads)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("postgresql://ann:s3cret@db:5433/turnout?sslmode=require", "postgresql://ann@db:5433/turnout"),
        ("postgres://db/turnout", "postgresql://db/turnout"),
        ("postgresql:///turnout?host=/tmp&password=s3cret", "postgresql:///turnout"),
        ("postgresql://ann:s3cret@one:1,two:2/x", "postgresql://ann@one:1,two:2/x"),
        ("postgresql://ann:s3cret@[::1]:5432/x", "postgresql://ann@[::1]:5432/x"),
        ("postgresql://ann:s3cret@db:port/x", "postgresql://"),
        ("postgresql://ann:s3@cret@db/x", "postgresql://"),
        ("postgresql://ann:s3/cret@db/x", "postgresql://"),
        ("postgresql://ann:s3?cret@db/x", "postgresql://"),
        ("postgresql://ann:s3cret", "postgresql://"),
        ("postgresql://" + "a." * 100 + "!", "postgresql://"),
    ],
)
def test_no_secret_of_an_address_is_shown(url: str, seen: str) -> None:
    assert shown(url) == seen


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@word@127.0.0.1:1/turnout",
        "postgresql://ann:s3cret@127.0.0.1:1/turnout",
        "postgresql://ann:s3cret@127.0.0.1:no/turnout",
        "postgresql://ann:s3cret@127.0.0.1:1/turnout?nosuch=s3cret",
        "postgresql://ann:s3c/word@127.0.0.1:1/turnout",
        "postgresql://ann:s3c?word@127.0.0.1:1/turnout",
        "postgresql://ann:s3cret",
        "postgresql://ann:s3c%ret@127.0.0.1:1/turnout",
    ],
)
def test_no_error_shows_a_password(url: str) -> None:
    with pytest.raises((ConfigurationError, StoreUnavailable)) as caught:
        open_store(url)
    shows = f"{caught.value} {caught.value.where} {caught.value.fix} {caught.value.__cause__}"
    assert "s3c" not in shows
    assert "word" not in shows.replace("PASSWORD", "").replace("password", "")


@pytest.mark.parametrize(
    "state", ["53100", "53200", "53300", "25006", "57P01", "57014", "55P03", "40001", "08006", "58030"]
)
def test_what_passes_or_can_be_mended_outside_is_unavailable(state: str) -> None:
    error = translate(psycopg.errors.lookup(state)("as it is"), "here")
    assert isinstance(error, StoreUnavailable)
    assert error.fix
    assert "as it is" in str(error)


def test_what_only_a_bug_does_is_an_error() -> None:
    error = translate(psycopg.errors.UndefinedColumn("no"), "here")
    assert type(error) is StoreError


def test_a_connection_speaks_utf8(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        assert connection.execute(b"SELECT $1 || '\xc3\xa9'", ["\u00e9"]).fetchone() == ("\u00e9\u00e9",)
