import pytest

from turnout.core.errors import ConfigurationError, DiscoveryError
from turnout.sql import driver
from turnout.sql.header import read_header
from turnout.sql.statements import split_statements, unused_parameters

pytest.importorskip("duckdb")


def split(text: str):
    return split_statements(text, "sql/a.sql", read_header(text, "sql/a.sql"))


def test_semicolons_in_quotes_comments_and_dollars_split_nothing() -> None:
    text = (
        "-- parameter m: integer = 1\n\nCREATE TABLE t AS SELECT 'a;b' AS x; -- c; d\n/* e; */\n"
        "SELECT * FROM t\nWHERE x <> $$y;z$$ AND 1 > $m;\n"
    )
    statements = split(text)
    assert [(s.title, s.line, s.reads, sorted(s.names)) for s in statements] == [
        ("1-create", 3, False, []),
        ("2-select", 5, True, ["m"]),
    ]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("SELECT 1;\n\nSELEC 2;\n", "sql/a.sql:3", 'Parser Error: syntax error at or near "SELEC"'),
        ("SELECT 'abc", "sql/a.sql:1", "unterminated"),
        ("-- only a remark\n", "sql/a.sql:1", "no statement"),
        ("", "sql/a.sql:1", "no statement"),
        ("SELECT 1;\nSELECT $state;", "sql/a.sql:2", "the parameter $state is not declared"),
        ("SELECT ?;", "sql/a.sql:1", "a parameter without a name"),
        ("SELECT $1;", "sql/a.sql:1", "a parameter without a name"),
    ],
)
def test_mistakes_are_named_with_file_and_line(text: str, where: str, what: str) -> None:
    with pytest.raises(DiscoveryError) as caught:
        split(text)
    assert caught.value.where == where
    assert what in caught.value.what
    assert caught.value.fix


def test_declared_and_unbound_parameters_are_found() -> None:
    text = "-- parameter a: text = 'x'\n-- parameter b: text = 'y'\nSELECT $b;"
    assert unused_parameters(split(text), read_header(text, "a.sql")) == ["a"]


def test_without_duckdb_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(driver, "import_module", absent)
    with pytest.raises(ConfigurationError) as caught:
        split("SELECT 1")
    assert caught.value.fix == "pip install 'turnout[duckdb]'"
