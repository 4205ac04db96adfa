"""`-p name=value`."""

import pytest

from turnout.cli.parameters import parse_parameters
from turnout.core.errors import ParameterError

SCHEMA = {
    "properties": {
        "count": {"type": "integer"},
        "name": {"type": "string"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "rows": {"type": "array"},
    }
}


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("count=5", 5),
        ("count=five", "five"),
        ("name=5", "5"),
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("maybe=null", "null"),
        ("either=5", 5),
        ('rows=[1, "a"]', [1, "a"]),
    ],
)
def test_values_are_read_as_the_schema_wants_them(pair: str, value: object) -> None:
    assert parse_parameters([pair], SCHEMA) == {pair.partition("=")[0]: value}


def test_a_pair_without_a_sign_is_refused() -> None:
    with pytest.raises(ParameterError, match="'count' is not name=value"):
        parse_parameters(["count"], SCHEMA)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="no parameter 'cuont'") as caught:
        parse_parameters(["cuont=5"], SCHEMA)
    assert "count" in str(caught.value.fix)


def test_a_flow_that_takes_anything_takes_any_name() -> None:
    assert parse_parameters(["x=1"], {"properties": {"a": {}}, "additionalProperties": True}) == {"x": 1}
