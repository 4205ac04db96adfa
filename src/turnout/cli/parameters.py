"""`-p name=value` into typed parameters, guided by the flow's JSON Schema."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from turnout.core.errors import ParameterError


def parse_parameters(pairs: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """`["n=5", "name=x"]` as {"n": 5, "name": "x"}.

    A value is read as JSON where the schema wants something other than a string and it is JSON; else it stays text.
    Raises ParameterError for a pair without `=` and for names that the schema does not have.
    """
    return parse_values(pairs, schema, "-p", "parameter")


def parse_values(pairs: Sequence[str], schema: Mapping[str, Any], option: str, what: str) -> dict[str, Any]:
    """The same for the values of any form. option: what they are given with; what: what one is called."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    parsed = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign:
            raise ParameterError(f"'{pair}' is not name=value", fix=f"write {option} name=value")
        if properties and name not in properties and schema.get("additionalProperties") is not True:
            raise ParameterError(
                f"there is no {what} '{name}'",
                fix=f"the {'flow' if what == 'parameter' else 'run'} takes: {', '.join(properties) or 'none'}",
            )
        parsed[name] = _value(text, properties.get(name, {}))
    return parsed


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    if _wants_text(schema):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _wants_text(schema: Mapping[str, Any]) -> bool:
    """Whether the schema takes a string and nothing else (null aside)."""
    options = schema.get("anyOf") or [schema]
    types = {option.get("type") for option in options} - {"null"}
    return types == {"string"}
