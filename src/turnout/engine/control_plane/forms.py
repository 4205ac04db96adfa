"""What a person is asked for, as JSON Schema, and what the answer means: models of pydantic, and plain types."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VALUE = "value"
"""The only input of a form that was made of a plain type."""


class Form:
    """A form and its reader. schema: of an object. name: of the type, for keys."""

    def __init__(self, wanted: Any) -> None:
        self.wanted = wanted
        self.plain = not _is_model(wanted)
        self._model = _model_of(wanted) if self.plain else wanted
        self.schema: dict[str, Any] = self._model.model_json_schema()
        self.description: str | None = getattr(wanted, "_description", None) if not self.plain else None
        self.name = getattr(wanted, "__name__", type(wanted).__name__).lower()

    def read(self, answer: Mapping[str, Any]) -> Any:
        """What the flow gets of an answer: a model, or for a plain type its value. Raises ParameterError."""
        from pydantic import ValidationError

        from turnout.core.errors import ParameterError

        try:
            made = self._model.model_validate(dict(answer))
        except ValidationError as error:
            raise ParameterError(f"the input does not fit '{self.name}': {error}") from error
        return getattr(made, VALUE) if self.plain else made


def plain_value(value: Any) -> dict[str, Any]:
    """What is sent of a value, as JSON: the fields of a model, or a plain value under `value`."""
    if _is_model(type(value)):
        dumped: dict[str, Any] = value.model_dump(mode="json")
        return dumped
    from pydantic_core import to_jsonable_python

    return {VALUE: to_jsonable_python(value)}


def _is_model(wanted: Any) -> bool:
    from pydantic import BaseModel

    return isinstance(wanted, type) and issubclass(wanted, BaseModel)


def _model_of(wanted: Any) -> Any:
    from pydantic import create_model

    return create_model(getattr(wanted, "__name__", "Input"), **{VALUE: (wanted, ...)})  # type: ignore[call-overload]
