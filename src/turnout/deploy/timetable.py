"""Schedules and zones of the manifest: each can be followed, and each has a name of its own."""

from dataclasses import asdict

from turnout import schedules
from turnout.core.errors import ScheduleError
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.deploy.declared import entries, schedule_nodes
from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.deploy.schema import CALENDAR
from turnout.schedules import calendars, zones

KINDS = ("cron", "every", "rrule")


def check_zone(node: Node | None, problems: Problems) -> bool:
    """Report a zone that does not exist; text only, other shapes were reported before."""
    if node is None or not isinstance(node.data, str):
        return True
    try:
        zones.zone(node.data)
    except ScheduleError as error:
        _report(error, node.at, problems)
        return False
    return True


def check_schedules(root: Node, snapshot: Snapshot, problems: Problems) -> None:
    """Report schedules that cannot be followed, that have no zone, or that share a name."""
    _check_calendars(root, problems)
    deployments = entries(root.get("deployments"))
    for name, spec in snapshot.deployments.items():
        _check_deployment(deployments[name], spec, problems)
    _require_zone(root, deployments, snapshot, problems)


def _check_deployment(node: Node, spec: DeploymentSpec, problems: Problems) -> None:
    slugs: set[str] = set()
    for place, schedule in zip(schedule_nodes(node), spec.schedules, strict=True):
        kinds = [kind for kind in KINDS if getattr(schedule, kind) is not None]
        zone = place.get("timezone")
        if len(kinds) != 1:
            said = "names none of" if not kinds else "names more than one of"
            problems.error(place.at, f"deployments.{spec.name}.schedule {said} cron, every, rrule", "give exactly one")
        elif check_zone(zone, problems):
            exact = place.get(kinds[0]) or place
            # A zone is judged where it is written; a bad one of the project must not hide a bad cron.
            zone_name = schedule.timezone if _zone_exists(schedule.timezone) else "UTC"
            try:
                # So are calendars: what is wrong with one is said once.
                schedules.parse(asdict(schedule) | {"timezone": zone_name, "calendar": None})
            except ScheduleError as error:
                _report(error, exact.at, problems)
        if schedule.slug in slugs:
            what = f"deployments.{spec.name}.schedule: two schedules are called '{schedule.slug}'"
            problems.error(place.at, what, "give one of them another slug:")
        slugs.add(schedule.slug)


def _check_calendars(root: Node, problems: Problems) -> None:
    """Report what no calendar can be, each mistake where it is written."""
    for name, node in entries(root.get("calendars")).items():
        if not CALENDAR.check(node, Problems(), "") or not check_zone(node.get("timezone"), problems):
            continue
        days, windows = node.get("dates"), entries(node.get("windows"))
        plain = {name: window.data for name, window in windows.items()}
        try:
            place = node
            for place in days.data if days is not None else ():
                calendars.read_days(place.data)
            for place in windows.values():
                calendars.read_window(place.data)
            place = node
            calendars.make(name, {"dates": days.plain() if days is not None else (), "windows": plain})
        except ScheduleError as error:
            _report(error, place.named_at if place is node else place.at, problems)
        if node.get("timezone") is None and root.get("timezone") is None:
            what = f"calendars.{name} is of no timezone, and the manifest names none"
            problems.error(node.named_at, what, "add timezone: America/New_York at the top, or to the calendar")


def _require_zone(root: Node, deployments: dict[str, Node], snapshot: Snapshot, problems: Problems) -> None:
    if root.get("timezone") is not None:
        return
    for name in snapshot.deployments:
        for place in schedule_nodes(deployments[name]):
            if place.get("timezone") is None:
                what = f"deployments.{name} has a schedule, and the manifest names no timezone"
                problems.error(place.at, what, "add timezone: America/New_York at the top, or to the schedule")
                return


def _zone_exists(name: str) -> bool:
    try:
        zones.zone(name)
    except ScheduleError:
        return False
    return True


def _report(error: ScheduleError, where: str, problems: Problems) -> None:
    error.where = where
    problems.errors.append(error)
