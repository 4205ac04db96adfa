import enum
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnout.core.errors import ResultUnavailable
from turnout.engine.results.restoring import restore
from turnout.engine.results.typed_json import NotStorable, result_fact, typed_json


class Colour(enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    HIGH = 3


class Flags(enum.Flag):
    A = 1
    B = 2


@dataclass(frozen=True)
class Point:
    x: int
    tags: set[str] = field(default_factory=set)


class Pair(NamedTuple):
    a: int


def round_trip(value: Any) -> Any:
    return restore(json.loads(typed_json(value)))


VALUES = [
    None, True, 0, -(1 << 63), 1 << 64, -(1 << 80), 1.5, -0.0, 1e300, float("inf"), float("-inf"), "", "ü\n\0\u2028",
    "\ud800", b"", b"\x00\xff", bytearray(b"x"), [], [1, [2]], (), (1, (2,)), set(), {1, 2}, frozenset({"a"}), {},
    {"a": {"b": (1,)}}, {1: "a", (2, 3): "b", None: None}, {"$type": "tuple"}, {"\udcff": 1},
    datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5, seconds=1))),
    date(2026, 1, 2), time(3, 4, 5, 6), timedelta(days=-1, microseconds=3), Decimal("1.10"), Decimal("NaN"),
    UUID(int=7), Path("a/b"), Path("\udcff"), Colour.RED, Level.HIGH, Point(1, {"t"}), [Point(2)],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_comes_back_is_what_went_in(value: Any) -> None:
    back = round_trip(value)
    assert type(back) is type(value)
    assert repr(back) == repr(value)
    if isinstance(value, datetime):
        assert (back.utcoffset(), back.fold) == (value.utcoffset(), value.fold)


def test_nan_comes_back() -> None:
    assert repr(round_trip([float("nan")])) == "[nan]"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(plain)
def test_any_plain_value_comes_back(value: Any) -> None:
    text = typed_json(value)
    text.encode()
    back = restore(json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON")))
    assert repr(back) == repr(value)


def local_dataclass() -> Any:
    @dataclass
    class Inside:
        x: int = 1

    return Inside()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "an object has no typed JSON"),
        (open, "builtin_function_or_method"),
        (Pair(1), "Pair"),
        ([{"deep": (object(),)}], "an object"),
        (local_dataclass(), "inside a function"),
        (Flags.A | Flags.B, "Flags"),
        ("x" * 1_000_001, "1,000,000"),
        (list(range(400_000)), "1,000,000"),
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", repr(value))[:30],
)
def test_what_cannot_be_stored_says_why(value: Any, why: str) -> None:
    with pytest.raises(NotStorable, match=why):
        typed_json(value)
    assert why in json.loads(result_fact(value))["unstored"]


def test_a_structure_that_contains_itself_is_not_stored() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "contains itself" in result_fact(loop)
    assert "contains itself" in result_fact({"a": loop})


def test_a_mutable_class_that_lies_about_its_fields_is_not_stored() -> None:
    class Odd:
        __dataclass_fields__ = {"x": None}

    with pytest.raises((NotStorable, AttributeError)):
        typed_json(Odd())
    assert "unstored" in result_fact(Odd())


def test_a_class_that_is_gone_says_so() -> None:
    with pytest.raises(ResultUnavailable, match="gone"):
        restore({"$type": "dataclass", "class": "no_such_module:Point", "fields": {}})
    with pytest.raises(ResultUnavailable, match="no longer a dataclass"):
        restore({"$type": "dataclass", "class": "os:path", "fields": {}})
    with pytest.raises(ResultUnavailable, match="unknown type"):
        restore({"$type": "surprise"})


def test_sets_look_the_same_in_every_process() -> None:
    code = "from turnout.engine.results.typed_json import typed_json; print(typed_json({'a','b','c','d','e'}))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1
