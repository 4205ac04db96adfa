"""What several pages draw: a state, a time, a duration, a table, the strip of past runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from turnout.core.records import FlowRun
from turnout.core.states import FINAL, RunState
from turnout.server.pages.html import Child, Html, join, tag

_DOT = '<circle cx="6" cy="6" r="3" fill="currentColor"/>'
_RING = '<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6"/>'
_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'
_ICONS = {
    RunState.SCHEDULED: _RING + f'<path d="M6 3.8V6l1.5 1" {_STROKE} stroke-width="1.3"/>',
    RunState.PENDING: _RING,
    RunState.RUNNING: f'<path d="M6 1.6A4.4 4.4 0 1 1 1.6 6" {_STROKE}/>',
    RunState.PAUSED: f'<path d="M4.2 2.8v6.4M7.8 2.8v6.4" {_STROKE}/>',
    RunState.CANCELLING: _DOT,
    RunState.COMPLETED: f'<path d="M2.4 6.4 5 9l4.8-5.6" {_STROKE}/>',
    RunState.FAILED: f'<path d="M3 3l6 6M9 3l-6 6" {_STROKE}/>',
    RunState.CRASHED: f'<path d="M6 1.8v5M6 9.8v.1" {_STROKE}/>',
    RunState.CANCELLED: f'<path d="M2.8 6h6.4" {_STROKE}/>',
    RunState.SKIPPED: f'<path d="M2.6 3 6 6 2.6 9M6.6 3 10 6 6.6 9" {_STROKE}/>',
}
"""A shape for each state, so that colour is never the only sign."""


def state_pill(state: RunState, name: str) -> Html:
    """A state's shape, colour and word."""
    return tag("span", icon(state), name, class_=f"state {state}")


def icon(state: RunState) -> Html:
    """A state's shape."""
    return Html(f'<svg viewBox="0 0 12 12" aria-hidden="true">{_ICONS[state]}</svg>')


def moment(at: datetime | None, *, precise: bool = False) -> Html:
    """A time, which the script shows in the reader's zone; UTC without it."""
    if at is None:
        return tag("span", "–", class_="dim")
    shape = "%H:%M:%S.%f" if precise else "%d %b %Y, %H:%M UTC"
    text = at.strftime(shape)[:-3] if precise else at.strftime(shape)
    return tag("time", text, datetime=at.isoformat(), data_precise="1" if precise else None)


def duration(start: datetime | None, end: datetime | None) -> str:
    """How long something took, or takes until `end`."""
    return spoken_seconds((end - start).total_seconds()) if start and end else ""


def spoken_seconds(seconds: float) -> str:
    """A length of time in words as short as they can be."""
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    hours += whole.days * 24
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def table(headings: Sequence[Child], rows: Iterable[Sequence[Child]], empty: Child) -> Html:
    """A card with a table, or with what to say when there is nothing. A cell may be a whole `td` or `th`."""
    drawn = [tag("tr", *(_cell("td", cell) for cell in row)) for row in rows]
    if not drawn:
        return tag("div", tag("div", empty, class_="empty"), class_="card")
    head = tag("thead", tag("tr", *(_cell("th", heading, scope="col") for heading in headings)))
    return tag("div", tag("div", tag("table", head, tag("tbody", *drawn)), class_="scroll"), class_="card")


def tags(names: Iterable[str]) -> Html | None:
    """Tags in small frames."""
    drawn = [tag("span", name, class_="tag") for name in names]
    return tag("span", *drawn, class_="tags") if drawn else None


def first_line(text: str | None, limit: int = 200) -> str:
    """The first line of a reason, cut."""
    line = next(iter((text or "").strip().splitlines()), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"


def past(runs: Sequence[FlowRun]) -> Html:
    """The latest runs of a deployment, newest at the right: one bar a run, taller the longer it took."""
    shown = list(reversed(runs[:14]))
    longest = max((_seconds(run) for run in shown), default=0.0) or 1.0
    bars = [_bar(index, run, longest) for index, run in enumerate(shown)]
    width = 14 * 7
    return Html(
        f'<svg class="past" width="{width}" height="24" viewBox="0 0 {width} 24" role="img" '
        f'aria-label="the latest {len(shown)} runs">{join(*bars)}</svg>'
    )


def _bar(index: int, run: FlowRun, longest: float) -> Html:
    height = 7 + 15 * min(1.0, _seconds(run) / longest)
    what = f"{run.state_name} {duration(run.started_at, run.ended_at)}".strip()
    shape = tag("rect", x=index * 7, y=f"{24 - height:.1f}", width=5, height=f"{height:.1f}", rx=1.5, class_=run.state)
    return tag("a", tag("title", what), shape, href=f"status/runs/{run.id}")


def _seconds(run: FlowRun) -> float:
    if run.state not in FINAL or not run.started_at or not run.ended_at:
        return 0.0
    return (run.ended_at - run.started_at).total_seconds()


def _cell(kind: str, content: Child, **attributes: str) -> Html:
    whole = isinstance(content, Html) and content.startswith(f"<{kind}")
    return content if isinstance(content, Html) and whole else tag(kind, content, **attributes)
