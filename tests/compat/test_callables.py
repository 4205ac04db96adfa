"""What the decorators may be put on, and what their options may be."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel, Field

from turnout import flow, task
from turnout.core.errors import ConfigurationError, ParameterError
from turnout.exceptions import ReservedArgumentError
from turnout.testing import Harness


class Person(BaseModel):
    name: str
    age: int = 0


@dataclass
class Place:
    zone: str


def test_kinds_of_parameters(records: Harness) -> None:
    def every(a: Any, /, b: Any, *more: Any, c: Any, d: Any = 4, **named: Any) -> Any:
        return a, b, more, c, d, named

    @flow
    def main() -> Any:
        of_tasks = task(every)
        return of_tasks(1, 2, 3, c=5, e=6), of_tasks.submit(1, b=2, c=3).result(), flow(every)(1, 2, 3, c=5, e=6)

    assert main() == ((1, 2, (3,), 5, 4, {"e": 6}), (1, 2, (), 3, 4, {}), (1, 2, (3,), 5, 4, {"e": 6}))


def test_typed_parameters(records: Harness) -> None:
    @flow
    def main(person: Person, place: Place, ages: list[int], limit: int = Field(default=3, ge=1)) -> Any:
        return person, place, ages, limit

    given: Any = main({"name": "Ada", "age": "36"}, {"zone": "N"}, ["1", 2])  # type: ignore[arg-type, list-item]
    assert given == (Person(name="Ada", age=36), Place("N"), [1, 2], 3)
    with pytest.raises(ParameterError, match=r"'person'\['name'\].*'ages'\[0\]"):
        main({}, Place("N"), ["x"])  # type: ignore[arg-type, list-item]


class Loader:
    base = 10

    @flow
    def run(self, x: int) -> Any:
        return self.load(x), self.load.submit(x).result(), self.load.map([1, 2]).result()

    @task
    def load(self, x: int) -> int:
        return self.base + x

    @task
    @classmethod
    def of_class(cls, x: int) -> int:
        return cls.base + x

    @task
    @staticmethod
    def alone(x: int) -> int:
        return x

    @flow
    @classmethod
    def run_class(cls, x: int) -> Any:
        return cls.of_class(x), cls.alone(x)


class Other(Loader):
    base = 20


def test_methods(records: Harness) -> None:
    assert Loader().run(1) == (11, 11, [11, 12])
    assert Other().run(1) == (21, 21, [21, 22])
    assert (Loader.run_class(1), Other.run_class(1)) == ((11, 1), (21, 1))
    assert records.run.header["parameters"] == {"x": 1}
    one: Any = Loader()
    assert (one.load.ismethod, one.of_class.isclassmethod, one.alone.isstaticmethod) == (True, True, True)
    assert (one.of_class.ismethod, one.alone.ismethod) == (False, False)


def test_with_options_keeps_the_instance(records: Harness) -> None:
    one: Any = Loader()

    @flow
    def main() -> Any:
        return one.load.with_options(name="other", retries=1)(1)

    assert main() == 11
    assert records.run.tasks[0].name == "other"


def test_with_options_keeps_what_it_is_not_given() -> None:
    made = task(retries=3, timeout_seconds=5, log_prints=True, task_run_name="a", tags=["x"])(lambda x: x)
    same: Any = made.with_options(retries=0, timeout_seconds=None, name="b")
    assert (same.retries, same.timeout_seconds, same.log_prints, same.tags, same.name) == (0, 5, True, ("x",), "b")
    again: Any = made.with_options(log_prints=None, task_run_name=None)
    assert (again.log_prints, again.task_run_name, again.retries) == (None, None, 3)
    flows: Any = flow(retries=2, validate_parameters=False, on_failure=[print])(lambda: None)
    copy: Any = flows.with_options(validate_parameters=True, description="d")
    assert (copy.should_validate_parameters, copy.retries, copy.description) == (True, 2, "d")
    assert copy.hooks["on_failure"] == (print,)


@pytest.mark.parametrize("decorate", [flow, task])
def test_wrong_options_are_refused(decorate: Any) -> None:
    with pytest.raises(ConfigurationError, match="has no option 'timeout'"):
        decorate(timeout=3)(lambda: None)
    with pytest.raises(ConfigurationError, match="on_failure is <built-in function print>"):
        decorate(on_failure=print)(lambda: None)
    with pytest.raises(ConfigurationError, match="on_completion is"):
        decorate(on_completion=["print"])(lambda: None)
    with pytest.raises(ConfigurationError, match="retries is -1"):
        decorate(retries=-1)(lambda: None)
    with pytest.raises(ConfigurationError, match="was put on 3"):
        decorate(3)


@pytest.mark.parametrize("decorate", [flow, task])
def test_names_that_calls_take_themselves_are_reserved(decorate: Any) -> None:
    with pytest.raises(ReservedArgumentError, match="return_state"):

        @decorate
        def takes(return_state: bool) -> None: ...


def test_parameters_of_a_flow() -> None:
    @flow
    def main(number: int, person: Person | None = None) -> None: ...

    assert main.validate_parameters({"number": "3"}) == {"number": 3, "person": None}
    with pytest.raises(ParameterError):
        main.validate_parameters({"number": "x"})
    assert (list(main.parameters.properties), main.parameters.required) == (["number", "person"], ["number"])
    assert main.serialize_parameters({"person": Person(name="Ada"), "odd": object(), "s": {1}}) == {
        "person": {"name": "Ada", "age": 0},
        "odd": "<object>",
        "s": [1],
    }
