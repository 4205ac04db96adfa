"""All that is wrong with the parameters of a run that somebody is about to start, for a form to show at its fields."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from turnout.core.inventory import Misfit
from turnout.core.ports import Tx
from turnout.core.records import Namespace
from turnout.orchestration.creation import check_size, find_deployment
from turnout.orchestration.overrides import parameters_of
from turnout.orchestration.parameters import brief, errors_of, known_values

MISFITS = 50
"""At most so many are told at once."""


def misfits(tx: Tx, namespace: Namespace, name: str, parameters: Mapping[str, Any]) -> list[Misfit]:
    """Everything for which a run of the deployment would be refused. Raises NotFound, TooLarge."""
    spec, _ = find_deployment(tx, namespace, name)
    values = {**spec.parameters, **parameters_of(tx, namespace, name), **parameters}
    check_size(values, spec.name)
    if not spec.parameter_schema:
        return []
    return list(islice(_found(spec.parameter_schema, values, known_values(tx, namespace, values)), MISFITS))


def _found(schema: Mapping[str, Any], values: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Misfit]:
    properties = schema.get("properties", {})
    for name in values:
        if name not in properties and not schema.get("additionalProperties"):
            yield Misfit(path=(name,), message="the flow takes no such parameter")
    for name in schema.get("required", ()):
        if name not in values:
            yield Misfit(path=(name,), message="is needed")
    for error in errors_of(schema, known):
        yield Misfit(path=tuple(error.absolute_path), message=brief(error.message))
