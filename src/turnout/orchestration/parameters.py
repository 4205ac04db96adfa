"""Parameters of a run: checked against the flow's JSON Schema before a run is made, resolved when it is claimed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from turnout.core.errors import ParameterError
from turnout.core.records import Namespace
from turnout.core.references import references, resolve
from turnout.orchestration.overridden import variables_of

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from turnout.core.ports import Tx
    from turnout.core.snapshot import DeploymentSpec


def validate(tx: Tx, namespace: Namespace, spec: DeploymentSpec, parameters: Mapping[str, Any]) -> None:
    """Raises ParameterError for the first parameter that the flow does not take, lacks, or cannot use.

    A value that refers to a variable is checked with the variable's present value; it is resolved again at the claim.
    """
    schema = spec.parameter_schema
    if not schema:
        return
    where = f"deployment '{spec.name}', flow '{spec.flow_name}'"
    _refuse_unknown(schema, parameters, where)
    _refuse_missing(schema, parameters, where)
    _fits(schema, known_values(tx, namespace, parameters), where, "parameter")


def check_values(schema: Mapping[str, Any], values: Mapping[str, Any], where: str) -> None:
    """Raises ParameterError for the first value of a form that it does not have, lacks, or cannot use."""
    known = schema.get("properties", {})
    for name in values:
        if name not in known and not schema.get("additionalProperties"):
            raise ParameterError(
                f"there is no input '{name}'", where=where, fix=f"it takes: {', '.join(known) or 'none'}"
            )
    for name in schema.get("required", ()):
        if name not in values:
            raise ParameterError(f"the input '{name}' is missing", where=where, fix=f"give it with --input {name}=...")
    _fits(schema, values, where, "input")


def resolve_parameters(parameters: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """`parameters` with every `${var:name}` replaced. Raises ParameterError naming a variable that is not there."""
    missing = sorted(references(parameters) - variables.keys())
    if missing:
        raise ParameterError(
            f"the variable '{missing[0]}' that a parameter refers to does not exist",
            fix=f"declare '{missing[0]}' under `variables:` in turnout.yaml and run `turnout apply`",
        )
    resolved = resolve(parameters, variables)
    assert isinstance(resolved, dict)
    return resolved


def _refuse_unknown(schema: Mapping[str, Any], parameters: Mapping[str, Any], where: str) -> None:
    known = schema.get("properties", {})
    for name in parameters:
        if name not in known and not schema.get("additionalProperties"):
            listed = ", ".join(known) or "none"
            raise ParameterError(f"there is no parameter '{name}'", where=where, fix=f"the flow takes: {listed}")


def _refuse_missing(schema: Mapping[str, Any], parameters: Mapping[str, Any], where: str) -> None:
    for name in schema.get("required", ()):
        if name not in parameters:
            raise ParameterError(
                f"the parameter '{name}' is missing",
                where=where,
                fix=f"give it with -p {name}=..., or under `parameters:` of the deployment",
            )


def known_values(tx: Tx, namespace: Namespace, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What can be checked now: everything but values whose variables do not exist yet."""
    if not references(parameters):
        return dict(parameters)
    deployed = tx.projects.snapshot(namespace)
    variables = variables_of(tx, namespace, deployed[1].variables) if deployed else {}
    return {
        name: resolve(value, variables) for name, value in parameters.items() if references(value) <= variables.keys()
    }


def _fits(schema: Mapping[str, Any], values: Mapping[str, Any], where: str, what: str) -> None:
    for error in errors_of(schema, values):
        path = [str(part) for part in error.absolute_path]
        name = path[0] if path else f"{what}s"
        place = f" at {'/'.join(path[1:])}" if path[1:] else ""
        raise ParameterError(
            f"the {what} '{name}' does not fit{place}: {brief(error.message)}",
            where=where,
            fix=f"expected {_expected(schema.get('properties', {}).get(name, {}))}",
        )


def errors_of(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[ValidationError]:
    """What is wrong with the values that are there."""
    from jsonschema import Draft202012Validator  # 50 ms that only making a run with parameters shall pay

    optional = {key: value for key, value in schema.items() if key not in ("required", "additionalProperties")}
    checker = Draft202012Validator(optional, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return iter(checker.iter_errors(dict(values)))


def brief(message: str, limit: int = 300) -> str:
    return message if len(message) <= limit else message[: limit - 3] + "..."


def _expected(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(repr(choice) for choice in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_expected(choice) for choice in schema["anyOf"])
    spelled = str(schema.get("format") or schema.get("type") or "what the flow's signature says")
    bounds = [f"{word} {schema[word]}" for word in ("minimum", "maximum", "minLength", "maxLength") if word in schema]
    return ", ".join([spelled, *bounds])
