import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from turnout.core.errors import ParameterError
from turnout.engine.definitions.parameters import Signature, parameter_schema, validate


class Source(BaseModel):
    url: str
    retries: int = 3


class Opaque:
    pass


OPAQUE = Opaque()
SIZES = [1]


def bound(function: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    signature = Signature(function)
    given = [*signature.positional[: len(args)], *kwargs]
    return validate(signature, signature.bind(args, kwargs), given)


def everything(a: int, /, b: str = "x", *rest: int, c: bool = False, **more: Any) -> Any:
    return a, b, rest, c, more


def test_binding_is_what_a_call_does() -> None:
    for args, kwargs in [((1,), {}), ((1, "y", 2, 3), {"c": True, "z": 1}), ((1,), {"a": 5})]:
        signature = Signature(everything)
        positional, named = signature.call_arguments(signature.bind(args, kwargs))
        assert everything(*positional, **named) == everything(*args, **kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "told"),
    [
        ((), {}, "needs 'a'"),
        ((1, 2, 3), {}, "takes 2 positional arguments, got 3"),
        ((1,), {"a": 2}, "'a' twice"),
        ((1,), {"z": 2}, "no parameter 'z'"),
    ],
)
def test_what_does_not_bind_says_why(args: Any, kwargs: Any, told: str) -> None:
    def function(a: int, b: int = 1) -> None: ...

    with pytest.raises(ParameterError, match=told) as caught:
        bound(function, *args, **kwargs)
    assert "test_parameters.py:" in str(caught.value.where)


def test_values_are_coerced() -> None:
    def function(n: int, day: date, source: Source, path: Path | None = None, tags: list[str] = ()) -> None: ...  # type: ignore[assignment]

    values = bound(function, "5", "2026-01-02", {"url": "u", "retries": "4"}, path="a/b", tags=("x",))
    assert values == {
        "n": 5,
        "day": date(2026, 1, 2),
        "source": Source(url="u", retries=4),
        "path": Path("a/b"),
        "tags": ["x"],
    }


def test_a_refusal_names_parameter_value_and_expectation() -> None:
    def function(n: int, kind: Literal["a", "b"], sources: list[Source]) -> None: ...

    with pytest.raises(ParameterError) as caught:
        bound(function, "abc", "c", [{"url": 1}])
    text = str(caught.value)
    assert "parameter 'n' is 'abc': input should be a valid integer" in text
    assert "parameter 'kind' is 'c'" in text
    assert "parameter 'sources'[0]['url'] is 1" in text


def test_odd_names_and_types() -> None:
    def function(model_config: int, schema: str, copy: Opaque, _hidden: float, json: Any = None) -> None: ...

    opaque = Opaque()
    values = bound(function, "1", "s", opaque, "2")
    assert values == {"model_config": 1, "schema": "s", "copy": opaque, "_hidden": 2.0, "json": None}
    with pytest.raises(ParameterError, match="'copy'"):
        bound(function, 1, "s", object(), 1.0)


def test_field_defaults_hold() -> None:
    def function(size: int = Field(12, ge=1), name: Annotated[str, Field(min_length=2)] = "xy") -> None: ...

    assert bound(function)["size"] == 12
    assert bound(function, "3")["size"] == 3
    with pytest.raises(ParameterError, match="greater than or equal to 1"):
        bound(function, 0)
    with pytest.raises(ParameterError, match="at least 2"):
        bound(function, name="x")


def test_an_annotation_that_cannot_be_resolved_says_so() -> None:
    def function(x: "NoSuchType") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ParameterError, match="NoSuchType"):
        bound(function, 1)


def test_the_schema_is_for_a_form() -> None:
    def function(
        minimum: int, name: str | None = None, thing: Opaque = OPAQUE, sizes: list[int] = SIZES, **more: Any
    ) -> None: ...

    schema = parameter_schema(function)
    assert schema["required"] == ["minimum"]
    assert schema["properties"]["minimum"] == {"type": "integer"}
    assert schema["properties"]["name"]["default"] is None
    assert schema["properties"]["sizes"]["default"] == [1]
    assert "thing" in schema["properties"]
    assert schema["additionalProperties"] is True
    assert parameter_schema(lambda: None) == {"properties": {}, "type": "object", "additionalProperties": False}


def test_exact_plain_values_need_no_pydantic() -> None:
    code = """
import sys
from turnout import flow
@flow
def plain(name: str, n: int = 1, rows: list = [], anything=None): return name
assert plain("x", rows=[1], anything=object()) == "x"
assert "pydantic" not in sys.modules and "inspect" not in sys.modules, sorted(sys.modules)
assert plain("x", n="2") == "x"
assert "pydantic" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"TURNOUT_RECORD": "0"})
    assert done.returncode == 0, done.stderr
