"""The status page: what is deployed and when it runs next, what runs and waits, what ran, who works."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from turnout.core.records import DeploymentStatus, FlowRun, Worker
from turnout.core.states import FINAL, RunState
from turnout.server.pages.html import Child, Html, join, tag
from turnout.server.pages.layout import page
from turnout.server.pages.parts import duration, first_line, moment, past, state_pill, table, tags

REFRESH_SECONDS = 3
RECENT_ROWS = 25


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the page shows. `recent`: the latest runs of any state, newest first; `live`: every run not over."""

    now: datetime
    deployments: Sequence[DeploymentStatus]
    live: Sequence[FlowRun]
    recent: Sequence[FlowRun]
    workers: Sequence[Worker]
    trouble: str | None = None
    """Why the newest commit of the followed branch does not run."""


def status_page(seen: Overview, base: str) -> bytes:
    """The page; `base` is the path of the server."""
    return page(
        "Status",
        tag("h1", _headline(seen)),
        tag("p", _lead(seen), class_="lead"),
        tag("div", tag("p", seen.trouble), class_="card") if seen.trouble else None,
        _live(seen) if seen.live else None,
        *_projects(seen),
        _recent(seen),
        _workers(seen),
        base=base,
        refresh=REFRESH_SECONDS,
    )


def _headline(seen: Overview) -> str:
    names = dict.fromkeys(item.project for item in seen.deployments)
    return ", ".join(names) if 0 < len(names) <= 3 else "Turnout"


def _lead(seen: Overview) -> Html:
    running = sum(run.state != RunState.SCHEDULED for run in seen.live)
    waiting = len(seen.live) - running
    online = sum(worker.state == "online" for worker in seen.workers)
    parts = [
        _count(len(seen.deployments), "deployment"),
        f"{running} running",
        f"{waiting} waiting" if waiting else None,
        f"{_count(online, 'worker')} online",
    ]
    return tag("span", " · ".join(part for part in parts if part))


def _live(seen: Overview) -> Html:
    rows = [
        (_run_name(run), state_pill(run.state, run.state_name), _why(run), _since(run, seen.now)) for run in seen.live
    ]
    return join(_heading("Now", len(seen.live)), table(("Run", "State", "", _right("For")), rows, ""))


def _projects(seen: Overview) -> Iterable[Child]:
    runs: dict[tuple[str, str, str], list[FlowRun]] = defaultdict(list)
    for run in seen.recent:
        if run.deployment:
            runs[run.project, run.environment, run.deployment].append(run)
    groups: dict[tuple[str, str], list[DeploymentStatus]] = defaultdict(list)
    for item in seen.deployments:
        groups[item.project, item.environment].append(item)
    for (project, environment), items in groups.items():
        where = (project if len(groups) > 1 else "") + (f" ({environment})" if environment != "production" else "")
        yield _heading("Deployments", len(items), where.strip())
        rows = [_deployment(item, runs[item.project, item.environment, item.name]) for item in items]
        yield table(("Deployment", "Runs", "Last run", _optional("Latest"), "Next"), rows, "")
    if not groups:
        yield _heading("Deployments", 0)
        said = join("Nothing is deployed yet. In a repository with a turnout.yaml: ", tag("code", "turnout apply"))
        yield tag("div", tag("div", said, class_="empty"), class_="card")


def _deployment(item: DeploymentStatus, runs: Sequence[FlowRun]) -> Sequence[Child]:
    name = join(tag("span", item.name, class_="name"), tags(item.tags))
    about = tag("span", first_line(item.description), class_="under") if item.description else None
    return (join(name, about), _how(item), _last(item, runs), tag("td", past(runs), class_="optional"), _next(item))


def _how(item: DeploymentStatus) -> Child:
    if item.schedules:
        return [tag("span", sentence, class_="under") for sentence in item.schedules]
    return tag("span", item.waiting or "on demand", class_="under")


def _last(item: DeploymentStatus, runs: Sequence[FlowRun]) -> Child:
    run = item.last_run or (runs[0] if runs else None)
    if run is None:
        return tag("span", "never", class_="dim")
    pill = tag("a", state_pill(run.state, run.state_name), href=f"status/runs/{run.id}")
    return join(pill, tag("span", moment(run.ended_at or run.started_at or run.due_at), class_="under"))


def _next(item: DeploymentStatus) -> Child:
    if not item.next_runs:
        return tag("span", "–", class_="dim")
    first, *others = item.next_runs
    return join(moment(first), *(tag("span", "then ", moment(at), class_="under nowrap") for at in others[:1]))


def _recent(seen: Overview) -> Html:
    rows = [
        (
            _run_name(run),
            state_pill(run.state, run.state_name),
            _why(run),
            tag("td", moment(run.started_at or run.due_at), class_="right"),
            tag("td", duration(run.started_at, run.ended_at), class_="num"),
        )
        for run in [run for run in seen.recent if run.state in FINAL][:RECENT_ROWS]
    ]
    empty = join("No run is over yet. Start one: ", tag("code", "turnout trigger DEPLOYMENT"))
    headings = ("Run", "State", "", _right("Started"), _right("Took"))
    return join(_heading("Recent runs"), table(headings, rows, empty))


def _workers(seen: Overview) -> Html:
    rows = [
        (
            tag("span", worker.name, class_="name"),
            tag("span", worker.state, class_=f"state {worker.state}"),
            f"pool {worker.pool}",
            tag("span", f"{worker.capacity} at a time, Turnout {worker.version}", class_="dim"),
            tag("td", moment(worker.seen_at), class_="right"),
        )
        for worker in seen.workers
    ]
    empty = join("No worker has registered: nothing deployed will run. Start one: ", tag("code", "turnout worker"))
    return join(_heading("Workers"), table(("Worker", "State", "Pool", "", _right("Last heard of")), rows, empty))


def _run_name(run: FlowRun) -> Html:
    link = tag("span", tag("a", run.deployment or run.flow_name, href=f"status/runs/{run.id}"), class_="name")
    how = {"schedule": "by its schedule", "manual": "by hand", "after": "after another", "script": "as a script"}
    return join(link, tag("span", f"{run.name}, {how.get(run.trigger, run.trigger)}", class_="under"))


def _why(run: FlowRun) -> Html:
    return tag("span", first_line(run.wait_reason or run.reason), class_="under")


def _since(run: FlowRun, now: datetime) -> Html:
    start = run.started_at if run.state != RunState.SCHEDULED else None
    return tag("td", duration(start or min(run.due_at, now), now), class_="num")


def _heading(text: str, count: int | None = None, where: str = "") -> Html:
    small = " ".join(part for part in (str(count) if count else "", where) if part)
    return tag("h2", text, tag("small", small) if small else None)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _right(text: str) -> Html:
    return tag("th", text, scope="col", class_="right")


def _optional(text: str) -> Html:
    return tag("th", text, scope="col", class_="optional")
