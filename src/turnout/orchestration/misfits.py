"""All that is wrong with the parameters of a run that somebody is about to start, for a form to show at its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from turnout.core.inventory import Misfit
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.orchestration.answering import question
from turnout.orchestration.creation import check_size, find_deployment
from turnout.orchestration.overridden import parameters_of
from turnout.orchestration.parameters import brief, errors_of, known_values

if TYPE_CHECKING:
    from jsonschema import ValidationError

MISFITS = 50
"""At most so many are told at once."""
_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "yes or no",
    "array": "a list",
    "object": "fields with values",
    "null": "nothing",
}
_EXAMPLES = {"date": "2026-01-31", "date-time": "2026-01-31T09:00:00Z", "time": "09:00:00", "email": "ana@example.org"}


def misfits(tx: Tx, namespace: Namespace, name: str, parameters: Mapping[str, Any]) -> list[Misfit]:
    """Everything for which a run of the deployment would be refused. Raises NotFound, TooLarge."""
    spec, _ = find_deployment(tx, namespace, name)
    values = {**spec.parameters, **parameters_of(tx, namespace, name), **parameters}
    check_size(values, spec.name)
    if not spec.parameter_schema:
        return []
    known = known_values(tx, namespace, values)
    return list(islice(_found(spec.parameter_schema, values, known, "the flow takes no such parameter"), MISFITS))


def misfits_of_answer(tx: Tx, run_id: str, value: Mapping[str, Any]) -> list[Misfit]:
    """Everything for which the run would not take `value` for an answer. Raises NotFound."""
    asked = question(tx, run_id)
    if asked is None or not asked.form:
        return []
    return list(islice(_found(asked.form, value, value, "is not asked for"), MISFITS))


def _found(
    schema: Mapping[str, Any], values: Mapping[str, Any], known: Mapping[str, Any], unknown: str
) -> Iterator[Misfit]:
    """unknown: what is said of a value that the schema does not have."""
    properties = schema.get("properties", {})
    for name in values:
        if name not in properties and not schema.get("additionalProperties"):
            yield Misfit(path=(name,), message=unknown)
    for name in schema.get("required", ()):
        if name not in values:
            yield Misfit(path=(name,), message="is needed")
    for error in errors_of(schema, known):
        yield Misfit(path=tuple(error.absolute_path), message=_said(error))


def _said(error: ValidationError) -> str:
    """What is wrong, for somebody who fills in a form."""
    expected: Any = error.validator_value
    match error.validator:
        case "type":
            kinds = [expected] if isinstance(expected, str) else expected
            return f"must be {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"
        case "enum":
            return brief(f"must be one of {', '.join(map(str, expected))}")
        case "minimum" | "exclusiveMinimum":
            return f"must be {'at least' if error.validator == 'minimum' else 'more than'} {expected}"
        case "maximum" | "exclusiveMaximum":
            return f"must be {'at most' if error.validator == 'maximum' else 'less than'} {expected}"
        case "minLength" | "minItems":
            return f"has too little: at least {expected} {_unit(error)}"
        case "maxLength" | "maxItems":
            return f"is too long: at most {expected} {_unit(error)}"
        case "format":
            return f"is no {expected}, like {_EXAMPLES[expected]}" if expected in _EXAMPLES else f"is no {expected}"
    return brief(error.message)


def _unit(error: ValidationError) -> str:
    return "items" if str(error.validator).endswith("Items") else "characters"
