"""docs/reference/sql.md says what the reader does."""

from pathlib import Path

import pytest

from turnout.core.limits import SQL_SAMPLE_ROWS
from turnout.sql.header import KEYS, TYPES, read_header

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "sql.md").read_text()


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented(key: str) -> None:
    assert f"| `-- {key} " in PAGE or f"| `-- {key}:" in PAGE


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_documented_with_a_default_that_reads(kind: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]
    default = row.split("|")[2].strip().strip("`")
    (parameter,) = read_header(f"-- parameter p: {kind} = {default}\n", "a.sql").parameters
    assert parameter.default is not None


def test_the_example_reads() -> None:
    _, _, rest = PAGE.partition("```sql\n")
    header = read_header(rest.partition("```")[0], "a.sql")
    assert (header.name, header.export) == ("county-model", "model/counties.csv")
    assert [parameter.required for parameter in header.parameters] == [False, True]
    assert f"The first {SQL_SAMPLE_ROWS} rows" in PAGE
