from datetime import UTC, datetime

import pytest

from turnout.core.plain import same, to_plain
from turnout.core.snapshot import PoolSpec, SecretSpec


def test_records_become_objects() -> None:
    value = {"a": SecretSpec(fields=("key",)), "b": (PoolSpec(),), "at": datetime(2026, 11, 3, tzinfo=UTC)}
    assert to_plain(value) == {
        "a": {"fields": ["key"], "source": "builtin"},
        "b": [{"type": "process", "concurrency": None}],
        "at": "2026-11-03T00:00:00+00:00",
    }


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0, False), ("1", 1), (None, "null"), ([], {})])
def test_json_that_python_might_call_equal_is_not_the_same(one: object, other: object) -> None:
    assert not same(one, other)


def test_the_order_of_keys_and_the_kind_of_sequence_do_not_matter() -> None:
    assert same({"a": (1, 2), "b": None}, {"b": None, "a": [1, 2]})
