import pytest

from turnout.core.references import references, resolve

VARIABLES = {"size": 12, "who": "team", "flag": True, "list": [1, 2]}


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("${var:size}", 12),
        ("${var:flag}", True),
        ("${var:list}", [1, 2]),
        ("to ${var:who}, ${var:size} of them", "to team, 12 of them"),
        ({"a": ["${var:size}", {"b": "${var:who}"}]}, {"a": [12, {"b": "team"}]}),
        ("$var:size", "$var:size"),
        ("${size}", "${size}"),
        (3.5, 3.5),
        (None, None),
    ],
)
def test_resolves(value: object, resolved: object) -> None:
    assert resolve(value, VARIABLES) == resolved


def test_finds_names_at_any_depth() -> None:
    value = {"a": "${var:x} and ${var:y}", "b": [{"c": "${var:z}"}], "d": 1}
    assert references(value) == {"x", "y", "z"}


def test_a_variable_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        resolve(["${var:nobody}"], VARIABLES)


def test_a_resolved_value_is_not_resolved_again() -> None:
    assert resolve("${var:a}", {"a": "${var:b}", "b": 1}) == "${var:b}"
