"""What the manifest says and what the code says, joined into the snapshot that plan and apply work on."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from turnout.core.durations import format_duration
from turnout.core.references import references, resolve
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.deploy.declared import schedule_nodes
from turnout.deploy.discover import Discovered
from turnout.deploy.manifest import Manifest
from turnout.deploy.node import Node
from turnout.deploy.problems import Problems


def assemble(manifest: Manifest, found: Mapping[str, Discovered], problems: Problems) -> Snapshot:
    """The complete snapshot of the deployments whose flow was found; what does not fit goes to `problems`."""
    deployments = {
        name: _join(manifest, spec, found[spec.entrypoint], problems)
        for name, spec in manifest.snapshot.deployments.items()
        if spec.entrypoint in found
    }
    return replace(manifest.snapshot, deployments=deployments)


def _join(manifest: Manifest, spec: DeploymentSpec, flow: Discovered, problems: Problems) -> DeploymentSpec:
    node = manifest.deployment(spec.name)
    joined = replace(
        spec,
        flow_name=flow.flow_name,
        description=spec.description or flow.description,
        connection=spec.connection or flow.connection,
        parameter_schema=flow.parameter_schema,
        tags=spec.tags if node.get("tags") else tuple(flow.options.get("tags", ())),
    )
    _check_connection(joined, node, manifest.snapshot, problems)
    _check_parameters(joined, node, manifest.snapshot, problems)
    _note_overrides(joined, node, flow, problems)
    for note in flow.notes:
        problems.warn(flow.entrypoint.partition(":")[0], note)
    return joined


def _check_connection(spec: DeploymentSpec, node: Node, snapshot: Snapshot, problems: Problems) -> None:
    source = node.get("sql")
    if source is None or node.get("connection") or spec.connection in snapshot.connections:
        return
    if spec.connection:
        what = f"deployments.{spec.name}: there is no connection '{spec.connection}', which the file's header names"
        problems.error(source.at, what, "declare it under connections:, or correct the header")
    else:
        what = f"deployments.{spec.name} names no connection"
        fix = "add connection: here, or -- connection: name at the top of the file"
        problems.error(source.named_at, what, fix)


def _check_parameters(spec: DeploymentSpec, node: Node, snapshot: Snapshot, problems: Problems) -> None:
    """Every value fits the flow; a run that starts by itself has all that the flow needs."""
    own = node.get("parameters")
    _check_values(own, spec, snapshot.variables, problems)
    for place, schedule in zip(schedule_nodes(node), spec.schedules, strict=True):
        _check_values(place.get("parameters"), spec, snapshot.variables, problems)
        _require({**spec.parameters, **schedule.parameters}, spec, place.at, "its schedule", problems)
    if after := node.get("after"):
        _require(spec.parameters, spec, after.named_at, "'after'", problems)


def _check_values(place: Node | None, spec: DeploymentSpec, variables: Mapping[str, Any], problems: Problems) -> None:
    properties = spec.parameter_schema.get("properties", {})
    for name, value in (place.data if place is not None and isinstance(place.data, dict) else {}).items():
        path = f"deployments.{spec.name}.parameters"
        if name in properties:
            _check_value(value, f"{path}.{name}", properties[name], spec, variables, problems)
        elif not spec.parameter_schema.get("additionalProperties"):
            close = get_close_matches(name, properties, n=1)
            fix = f"did you mean '{close[0]}'?" if close else f"it takes: {', '.join(properties) or 'none'}"
            problems.error(value.named_at, f"{path}: {spec.entrypoint} has no parameter '{name}'", fix)


def _check_value(
    value: Node,
    path: str,
    schema: Mapping[str, Any],
    spec: DeploymentSpec,
    variables: Mapping[str, Any],
    problems: Problems,
) -> None:
    plain = value.plain()
    if not references(plain) <= variables.keys():
        return  # reported where references are checked
    complete = {**schema, "$defs": spec.parameter_schema.get("$defs", {})}
    checker = Draft202012Validator(complete, format_checker=Draft202012Validator.FORMAT_CHECKER)
    error = best_match(checker.iter_errors(resolve(plain, variables)))
    if error is None:
        return
    message = error.message if len(error.message) <= 200 else error.message[:199] + "…"
    by = " (the variable's value)" if references(plain) else ""
    place = _inner(value, list(error.absolute_path))
    problems.error(place.at, f"{path} does not fit the flow: {message}{by}", f"expected {expected(schema)}")


def _inner(value: Node, path: list[str | int]) -> Node:
    """The node that an error inside a value is about."""
    for step in path:
        try:
            value = value.data[step]
        except (KeyError, IndexError, TypeError):
            break
    return value


def expected(schema: Mapping[str, Any]) -> str:
    """What a JSON Schema asks for, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(repr(choice) for choice in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(expected(choice) for choice in schema["anyOf"])
    return str(schema.get("format") or schema.get("type") or "what the flow's signature says")


def _require(given: Mapping[str, Any], spec: DeploymentSpec, where: str, by: str, problems: Problems) -> None:
    for name in spec.parameter_schema.get("required", ()):
        if name not in given:
            what = f"deployments.{spec.name}: {by} starts runs without the parameter '{name}', which has no default"
            problems.error(where, what, f"add parameters: {{{name}: ...}}, or give it a default in {spec.entrypoint}")


def _note_overrides(spec: DeploymentSpec, node: Node, flow: Discovered, problems: Problems) -> None:
    """Where manifest and decorator both speak, the manifest wins, and nobody shall be surprised."""
    said = {
        "retries": ("retries", str(spec.retries)),
        "timeout": ("timeout_seconds", format_duration(spec.timeout_seconds or 0)),
        "tags": ("tags", ", ".join(spec.tags)),
    }
    for key, (option, here) in said.items():
        place, there = node.get(key), flow.options.get(option)
        if place is not None and there:
            what = f"deployments.{spec.name}.{key}: the manifest's {here} wins over the decorator's {_shown(there)}"
            problems.warn(place.named_at, what, "keep one of the two")


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
