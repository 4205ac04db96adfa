"""What the manifest's parts say of each other: everything named exists, what is declared is used, no circles."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from turnout.core.snapshot import Snapshot
from turnout.deploy.declared import calendar_nodes, entries, limit_names, schedule_nodes
from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.secrets import env_name

_REFERENCE = re.compile(r"\$\{(\w+):([^{}]*)\}")


def check_references(node: Node, snapshot: Snapshot, problems: Problems) -> None:
    """Report every name that leads nowhere, every cycle of `after`, every secret that hides another."""
    deployments = entries(node.get("deployments"))
    for name, deployment in deployments.items():
        _check_deployment(name, deployment, node, problems)
    _check_names_before(deployments, problems)
    _check_cycles(deployments, snapshot, problems)
    _check_pools(node, problems)
    _check_bounds(node, snapshot, problems)
    _check_secrets(node, snapshot, problems)
    _warn_of_unused_secrets(node, snapshot, problems)
    _warn_of_unused_calendars(node, problems)


def variable_references(value: Node) -> Iterator[tuple[Node, str, str]]:
    """(node, kind, name) of every `${kind:name}` in a value."""
    if isinstance(value.data, str):
        for kind, name in _REFERENCE.findall(value.data):
            yield value, kind, name
    elif isinstance(value.data, dict | list):
        for inner in value.data.values() if isinstance(value.data, dict) else value.data:
            yield from variable_references(inner)


def _check_deployment(name: str, node: Node, root: Node, problems: Problems) -> None:
    deployments = entries(root.get("deployments"))
    pools = entries(root.get("pools")) or {"default": root}
    for key, known, noun in (
        ("after", deployments, "deployment"),
        ("secrets", entries(root.get("secrets")), "secret"),
        ("connection", entries(root.get("connections")), "connection"),
        ("pool", pools, "pool"),
    ):
        for wanted in _listed(node.get(key)):
            if wanted.data not in known:
                now = _called_now(wanted.data, deployments) if key == "after" else None
                _unknown(wanted, f"deployments.{name}.{key}", noun, list(known), problems, now=now)
            elif key == "after" and wanted.data == name:
                problems.error(wanted.at, f"deployments.{name}.after: it waits for itself", "remove it")
    _check_limits(name, node, root, problems)
    calendars = entries(root.get("calendars"))
    for wanted in (place for schedule in schedule_nodes(node) for place in calendar_nodes(schedule)):
        if wanted.data not in calendars:
            _unknown(wanted, f"deployments.{name}.schedule.calendar", "calendar", list(calendars), problems)
    places = [node.get("parameters"), *(schedule.get("parameters") for schedule in schedule_nodes(node))]
    for place in filter(None, places):
        _check_variables(place, f"deployments.{name}.parameters", entries(root.get("variables")), problems)


def _check_limits(name: str, node: Node, root: Node, problems: Problems) -> None:
    known, seen, uses = entries(root.get("limits")), set(), node.get("limits")
    mixed = (
        uses is not None and isinstance(uses.data, list) and any(isinstance(item.data, dict) for item in uses.data)
    )  # else it was said before
    for wanted in limit_names(uses):
        if wanted.data not in known:
            _unknown(wanted, f"deployments.{name}.limits", "limit", list(known), problems)
        elif wanted.data in seen and mixed:
            problems.error(
                wanted.at, f"deployments.{name}.limits: '{wanted.data}' is here twice", "keep one of the two"
            )
        seen.add(wanted.data)


def _check_variables(place: Node, path: str, variables: Mapping[str, Node], problems: Problems) -> None:
    for node, kind, name in variable_references(place):
        if kind == "secret":
            fix = f'list the secret under secrets: and read it with secret("{name.partition(".")[0]}")'
            problems.error(node.at, f"{path}: a secret cannot be a parameter, parameters are visible", fix)
        elif kind != "var":
            problems.error(node.at, f"{path}: there is no reference '{kind}'", 'write "${var:name}"')
        elif name not in variables:
            _unknown(node, path, "variable", list(variables), problems, name)


def _called_now(was: str, deployments: Mapping[str, Node]) -> str | None:
    said = {name: node.get("was") for name, node in deployments.items()}
    return next((name for name, before in said.items() if before is not None and before.data == was), None)


def _unknown(
    node: Node,
    path: str,
    noun: str,
    known: list[str],
    problems: Problems,
    name: str | None = None,
    *,
    now: str | None = None,
) -> None:
    """now: what has that name under another one."""
    wanted = name or str(node.data)
    close = get_close_matches(wanted, known, n=1)
    plural = f"{noun}s"
    fix = f"did you mean '{close[0]}'?" if close else f"declare it under {plural}:, or correct the name"
    fix = f"it is called '{now}' now" if now else fix
    problems.error(node.at, f"{path}: there is no {noun} '{wanted}'", fix)


def _check_names_before(deployments: dict[str, Node], problems: Problems) -> None:
    """Nothing was what is still there, and no two were the same."""
    seen: dict[str, Node] = {}
    for name, node in deployments.items():
        was = node.get("was")
        if was is None or not isinstance(was.data, str):
            continue
        if was.data == name:
            problems.error(was.at, f"deployments.{name}.was: that is its name now", "remove it, or name the one before")
        elif was.data in deployments:
            place = deployments[was.data].named_at
            what = f"deployments.{name}.was: '{was.data}' is still there, at {place}"
            problems.error(was.at, what, f"remove one of the two: what is renamed leaves the name '{was.data}'")
        elif was.data in seen:
            what = f"deployments.{name}.was: '{was.data}' is named twice; first at {seen[was.data].at}"
            problems.error(was.at, what, "its history can go on in one only: keep one of the two")
        seen.setdefault(was.data, was)


def _check_cycles(deployments: dict[str, Node], snapshot: Snapshot, problems: Problems) -> None:
    """Report each circle of `after` once, at the entry that closes it."""
    upstream = {name: spec.after for name, spec in snapshot.deployments.items()}
    done: set[str] = set()
    for start in upstream:
        circle = _circle(start, upstream, done)
        if circle and len(circle) > 2:
            place = deployments[circle[-2]].get("after") or deployments[circle[-2]]
            path = " -> ".join(circle)
            problems.error(place.named_at, f"deployments wait for each other in a circle: {path}", "remove one of them")


def _circle(start: str, upstream: Mapping[str, tuple[str, ...]], done: set[str]) -> list[str] | None:
    """A path from a deployment back to itself that is reachable from `start`; marks what is walked as done."""
    path: list[str] = []
    stack: list[tuple[str, Iterator[str]]] = []

    def enter(name: str) -> None:
        path.append(name)
        stack.append((name, iter(upstream.get(name, ()))))

    if start not in done:
        enter(start)
    found = None
    while stack:
        name, following = stack[-1]
        step = next(following, None)
        if step is None:
            done.add(name)
            stack.pop()
            path.pop()
        elif step in path:
            found = found or [*path[path.index(step) :], step]
        elif step not in done:
            enter(step)
    return found


def _check_pools(node: Node, problems: Problems) -> None:
    for surplus in list(entries(node.get("pools")).values())[1:]:
        problems.error(surplus.named_at, "a second pool is not supported by this version", "keep one pool")


def _check_bounds(node: Node, snapshot: Snapshot, problems: Problems) -> None:
    """A limit bounds something, and no deployment asks for more of it than there is."""
    places = entries(node.get("limits"))
    for name, spec in snapshot.limits.items():
        if spec.concurrency is None and spec.rate is None:
            problems.error(
                places[name].named_at, f"limits.{name} bounds nothing", "add concurrency: 3, rate: 10/s or both"
            )
    deployments = entries(node.get("deployments"))
    for owner, deployment in snapshot.deployments.items():
        for use in deployment.limits:
            bound = snapshot.limits[use.name].concurrency if use.name in snapshot.limits else None
            if bound is not None and use.weight > bound:
                place = deployments[owner].get("limits") or deployments[owner]
                what = f"deployments.{owner}.limits: a run takes {use.weight} of '{use.name}', which has {bound}"
                problems.error(place.named_at, what, f"write weight: {bound} to have it alone")


def _check_secrets(node: Node, snapshot: Snapshot, problems: Problems) -> None:
    """Two secrets must not share an environment variable."""
    owners: dict[str, str] = {}
    for name, spec in snapshot.secrets.items():
        for field in spec.fields:
            variable, full = env_name(name, field), f"{name}.{field}"
            other = owners.setdefault(variable, full)
            if other != full:
                place = entries(node.get("secrets"))[name].named_at
                problems.error(
                    place, f"secrets {other} and {full} are both {variable} in the environment", "rename one"
                )


def _warn_of_unused_secrets(node: Node, snapshot: Snapshot, problems: Problems) -> None:
    used = {secret for spec in snapshot.deployments.values() for secret in spec.secrets}
    for name in snapshot.secrets.keys() - used:
        place = entries(node.get("secrets"))[name].named_at
        problems.warn(
            place, f"no deployment uses the secret '{name}'", "list it under a deployment's secrets:, or remove it"
        )


def _warn_of_unused_calendars(node: Node, problems: Problems) -> None:
    deployments = entries(node.get("deployments")).values()
    places = [place for deployment in deployments for place in schedule_nodes(deployment)]
    used = {name.data for place in places for name in calendar_nodes(place)}
    for name, calendar in entries(node.get("calendars")).items():
        if name not in used:
            problems.warn(calendar.named_at, f"no schedule uses the calendar '{name}'", "name it in one, or remove it")


def _listed(node: Node | None) -> list[Node]:
    if node is None:
        return []
    listed = node.data if isinstance(node.data, list) else [node]
    return [item for item in listed if isinstance(item.data, str)]
