"""Values that cost nothing to declare behave like frozen dataclasses."""

import pytest

from turnout.core.values import value


@value
class Point:
    x: int
    y: int = 0


@value
class Other:
    x: int
    y: int = 0


def test_fields_have_defaults_and_names() -> None:
    assert (Point(x=1).x, Point(x=1).y) == (1, 0)
    assert repr(Point(x=1, y=2)) == "Point(x=1, y=2)"


def test_equality_is_by_class_and_fields() -> None:
    assert Point(x=1) == Point(x=1, y=0)
    assert Point(x=1) != Point(x=2)
    assert Point(x=1) != Other(x=1)
    assert len({Point(x=1), Point(x=1), Other(x=1)}) == 2


def test_a_value_is_frozen() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del point.x


def test_wrong_fields_are_named() -> None:
    with pytest.raises(TypeError, match="lacks 'x'"):
        Point(y=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no 'z'"):
        Point(x=1, z=1)  # type: ignore[call-arg]


def test_it_matches_by_keyword() -> None:
    match Point(x=1, y=5):
        case Point(y=found):
            assert found == 5
