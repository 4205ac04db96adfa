"""From checked nodes of the manifest to the values of a snapshot: shapes were checked before, references will be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from turnout.core.durations import parse_duration
from turnout.core.rates import format_rate, parse_rate
from turnout.core.snapshot import (
    CalendarSpec,
    CalendarUse,
    Concurrency,
    ConnectionSpec,
    DeploymentSpec,
    GithubDeploy,
    LimitSpec,
    LimitUse,
    PoolSpec,
    ScheduleSpec,
    SecretSpec,
)
from turnout.deploy.node import Node

SOLE_SCHEDULE = "default"
"""The slug of a deployment's only schedule when it has no name: editing it keeps its identity."""


def entries(node: Node | None) -> dict[str, Node]:
    """The values of a mapping that may be missing or empty."""
    return node.data if node is not None and isinstance(node.data, dict) else {}


def deploy_github(node: Node | None) -> GithubDeploy | None:
    """The repository that `access.deploy.github` trusts."""
    deploy = entries(node).get("deploy")
    found = entries(deploy).get("github")
    return GithubDeploy(**found.plain()) if found else None


def secrets(node: Node | None) -> dict[str, SecretSpec]:
    """The secrets' names and fields."""
    return {name: SecretSpec(fields=tuple(value.plain()["fields"])) for name, value in entries(node).items()}


def connections(node: Node | None) -> dict[str, ConnectionSpec]:
    """The connections with their options."""
    made = {}
    for name, value in entries(node).items():
        options = value.plain()
        made[name] = ConnectionSpec(type=options.pop("type"), options=options)
    return made


def pools(node: Node | None) -> dict[str, PoolSpec]:
    """The pools; a manifest without any has the process pool `default`."""
    declared = {name: PoolSpec(**value.plain()) for name, value in entries(node).items()}
    return declared or {"default": PoolSpec()}


def limits(node: Node | None) -> dict[str, LimitSpec]:
    """The named limits, rates in their shortest spelling."""
    return {name: _limit(value.plain()) for name, value in entries(node).items()}


def calendars(node: Node | None, timezone: str | None) -> dict[str, CalendarSpec]:
    """The calendars, each with its zone."""
    made = {}
    for name, value in entries(node).items():
        given = value.plain()
        made[name] = CalendarSpec(
            name=name,
            timezone=given.get("timezone") or timezone or "UTC",
            dates=tuple(given.get("dates") or ()),
            windows=given.get("windows") or {},
        )
    return made


def calendar_nodes(schedule: Node) -> list[Node]:
    """The nodes of the names of a schedule's calendars."""
    found = schedule.get("calendar")
    return [name for _, name in _calendar_uses(found)] if found is not None else []


def limit_names(node: Node | None) -> list[Node]:
    """The nodes of the limits' names that a deployment uses; what is no text was reported with its shape."""
    listed = node.data if node is not None and isinstance(node.data, list) else []
    named = [item.get("name") if isinstance(item.data, dict) else item for item in listed]
    return [item for item in named if item is not None and isinstance(item.data, str)]


def deployment(
    name: str, node: Node, *, timezone: str | None, pool: str, known: Mapping[str, CalendarSpec]
) -> DeploymentSpec:
    """The deployment as written: the flow's name and parameter schema are known only once the flow was imported. known:
    the calendars that there are."""
    given = node.plain()
    count, delay = _retries(given.get("retries", 0))
    return DeploymentSpec(
        name=name,
        flow_name=name,
        entrypoint=given.get("flow") or given.get("sql") or "",
        title=given.get("title"),
        description=given.get("description"),
        pool=given.get("pool", pool),
        connection=given.get("connection"),
        schedules=_schedules(node, timezone or "UTC", known),
        parameters=given.get("parameters") or {},
        after=tuple(given.get("after", ())),
        tags=tuple(given.get("tags", ())),
        secrets=tuple(given.get("secrets", ())),
        retries=count,
        retry_delay_seconds=delay,
        own_retries="retries" not in given,
        timeout_seconds=parse_duration(given["timeout"]) if "timeout" in given else None,
        on_crash=given.get("on_crash", "stop"),
        catch_up=_catch_up(given.get("catch_up", "latest")),
        concurrency=Concurrency(**given["concurrency"]) if "concurrency" in given else None,
        limits=tuple(LimitUse(**({"name": use} if isinstance(use, str) else use)) for use in given.get("limits", ())),
        priority=given.get("priority", 0),
        was=given.get("was"),
    )


def schedule_nodes(node: Node) -> list[Node]:
    """The nodes of a deployment's schedules, in the order of the spec's `schedules`."""
    found = node.get("schedule")
    if found is None:
        return []
    return found.data if isinstance(found.data, list) else [found]


def _limit(given: Mapping[str, Any]) -> LimitSpec:
    rate = given.get("rate")
    return LimitSpec(
        concurrency=given.get("concurrency"),
        rate=None if rate is None else format_rate(parse_rate(rate)),
        tags=tuple(given.get("tags", ())),
    )


def _retries(given: Any) -> tuple[int, float]:
    if isinstance(given, int):
        return given, 0.0
    return given["count"], parse_duration(given.get("delay", 0))


def _catch_up(given: Any) -> str:
    return given if isinstance(given, str) else f"within:{parse_duration(given['within']):g}"


def _schedules(node: Node, timezone: str, known: Mapping[str, CalendarSpec]) -> tuple[ScheduleSpec, ...]:
    nodes = schedule_nodes(node)
    written = [{"cron": item} if isinstance(item, str) else item for item in (place.plain() for place in nodes)]
    unnamed = sum(1 for item in written if not ("slug" in item or "name" in item))
    return tuple(
        replace(_schedule(item, timezone, alone=unnamed == 1), calendar=_calendar_use(place.get("calendar"), known))
        for item, place in zip(written, nodes, strict=True)
    )


def _calendar_use(node: Node | None, known: Mapping[str, CalendarSpec]) -> CalendarUse | None:
    if node is None:
        return None
    named = [(key, known[name.data]) for key, name in _calendar_uses(node) if name.data in known]
    skip, only = (tuple(spec for way, spec in named if way == key) for key in ("skip", "only"))
    return CalendarUse(skip=skip, only=only) if named else None


def _calendar_uses(node: Node) -> list[tuple[str, Node]]:
    """(skip or only, the node of a name)."""
    ways = node.data if isinstance(node.data, dict) else {"skip": node}
    listed = [(key, value.data if isinstance(value.data, list) else [value]) for key, value in ways.items()]
    return [(key, name) for key, names in listed for name in names if isinstance(name.data, str)]


def _schedule(item: Mapping[str, Any], timezone: str, *, alone: bool) -> ScheduleSpec:
    named = item.get("slug") or item.get("name")
    return ScheduleSpec(
        slug=named or (SOLE_SCHEDULE if alone else _slug(item)),
        cron=item.get("cron"),
        every=parse_duration(item["every"]) if "every" in item else None,
        rrule=item.get("rrule"),
        anchor=item.get("anchor"),
        timezone=item.get("timezone", timezone),
        parameters=item.get("parameters") or {},
        catch_up=_catch_up(item["catch_up"]) if "catch_up" in item else None,
        paused=item.get("paused", False),
    )


def _slug(item: Mapping[str, Any]) -> str:
    """A name made of what the schedule says: `0 6 * * 1` -> `0-6-x-x-1`."""
    said = str(item.get("cron") or item.get("every") or item.get("rrule") or "").lower().replace("*", "x")
    return re.sub(r"[^a-z0-9]+", "-", said).strip("-")[:63] or "schedule"
