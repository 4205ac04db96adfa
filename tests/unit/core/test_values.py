"""Values declared without compiling behave like frozen dataclasses, before and after they become ones."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from turnout.core import events, jobs, records, snapshot, values


def declare() -> tuple[Any, Any]:
    @values.dataclass(frozen=True, kw_only=True)
    class Point:
        x: int
        y: int = 0
        tags: list[str] = values.field(default_factory=list)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @values.dataclass(frozen=True, kw_only=True)
    class Other:
        x: int

    return Point, Other


def compiled() -> tuple[Any, Any]:
    both = declare()
    for cls in both:
        dataclasses.fields(cls)
    return both


@pytest.fixture(params=[declare, compiled])
def classes(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    make: Callable[[], tuple[Any, Any]] = request.param
    return make()


def test_fields_have_defaults(classes: tuple[Any, Any]) -> None:
    point, _ = classes
    assert (point(x=1).x, point(x=1).y, point(x=1).tags, point(x=1, y=2).sum) == (1, 0, [], 3)
    assert point(x=1).tags is not point(x=1).tags
    assert repr(point(x=1)).endswith("Point(x=1, y=0, tags=[])")


def test_equality_is_by_class_and_fields(classes: tuple[Any, Any]) -> None:
    point, other = classes
    assert point(x=1) == point(x=1, y=0)
    assert point(x=1) != point(x=2)
    assert point(x=1) != other(x=1)
    assert len({other(x=1), other(x=1), other(x=2)}) == 2


def test_a_value_is_frozen(classes: tuple[Any, Any]) -> None:
    found = classes[0](x=1)
    with pytest.raises(AttributeError, match="field 'x'"):
        found.x = 2
    with pytest.raises(AttributeError, match="field 'x'"):
        del found.x


@pytest.mark.parametrize("given", [{}, {"x": 1, "z": 1}])
def test_wrong_fields_are_refused(classes: tuple[Any, Any], given: dict[str, int]) -> None:
    with pytest.raises(TypeError, match=r"x|z"):
        classes[0](**given)
    with pytest.raises(TypeError):
        classes[0](1)


def test_it_travels_as_json_and_comes_back_equal(classes: tuple[Any, Any]) -> None:
    point, _ = classes
    made = point(x=1, tags=["a"])
    assert msgspec.json.decode(msgspec.json.encode(made), type=point) == made


def test_it_can_be_replaced(classes: tuple[Any, Any]) -> None:
    assert dataclasses.replace(classes[0](x=1), y=5) == classes[0](x=1, y=5)
    assert values.replace(classes[0](x=1), y=5) == classes[0](x=1, y=5)


def test_what_was_made_before_equals_what_is_made_after() -> None:
    point, _ = declare()
    before = point(x=1)
    dataclasses.fields(point)
    assert before == point(x=1)
    assert hash(declare()[1](x=1)) == hash(compiled()[1](x=1))


@pytest.mark.parametrize("module", [events, jobs, records, snapshot])
def test_every_record_compiles(module: Any) -> None:
    found = [cls for cls in vars(module).values() if isinstance(cls, type) and cls.__module__ == module.__name__]
    assert found
    for cls in found:
        assert dataclasses.is_dataclass(cls)


def test_threads_may_meet_a_class_at_once() -> None:
    """In processes of their own, for what is compiled stays compiled. None crashes, none sees half a class."""
    script = """
import sys, threading
import msgspec
from turnout.core.records import FlowRun, Namespace
from turnout.core.values import learning
sys.setswitchinterval(1e-6)
start, wrong = threading.Barrier(8), []

def meet():
    start.wait()
    try:
        assert Namespace(project="p") == Namespace(project="p")
        with learning:
            decoder = msgspec.json.Decoder(list[FlowRun])
        assert decoder.decode(b"[]") == []
        assert len(FlowRun.__dataclass_fields__) > 20
    except BaseException as error:
        wrong.append(repr(error))

threads = [threading.Thread(target=meet) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("; ".join(wrong) or 0)
"""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
