"""A plan in words: text for a terminal, Markdown for a pull request. JSON is the plan's own `to_json`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from turnout.core.operations import Change, Create, FieldChange, NextRuns, Operation, PendingRun, Plan, Remove, Rename
from turnout.deploy.surroundings import surroundings
from turnout.deploy.words import moment, plainly, value

SIGNS = {Create: "+", Change: "~", Rename: ">", Remove: "-"}
"""The first character of an operation's line; everything below it is indented. The CLI colours by it."""
_WORDS = {Create: "create", Change: "change", Rename: "rename", Remove: "remove"}
_RUNS = 5
NOTHING = "Nothing to do: the server equals this repository."


def plan_text(plan: Plan, *, timezone: str | None = None) -> str:
    """The plan for a terminal, one operation a paragraph; times in `timezone`, UTC if left out."""
    head = f"{_subject(plan)}, against {_base(plan)}"
    beside = ["\n".join(lines)] if (lines := list(surroundings(plan, timezone))) else []
    if not plan.changes:
        return "\n\n".join([head, NOTHING, *beside]) + "\n"
    blocks = [_text_block(plan, operation, timezone) for operation in plan.operations]
    return "\n\n".join([head, *blocks, *beside, f"Plan: {_summary(plan)}."]) + "\n"


def plan_markdown(plan: Plan, *, timezone: str | None = None) -> str:
    """The plan as a comment for a pull request: a sentence, a table, and the details of each operation folded."""
    head = f"### Turnout plan: {_escape(_subject(plan))}"
    beside = "".join(f"\n- {_escape(line)}" for line in surroundings(plan, timezone))
    beside = f"\n{beside}\n" if beside else ""
    if not plan.changes:
        return f"{head}\n\n{NOTHING}\n{beside}"
    if not plan.operations:
        return f"{head}\n\n{_summary(plan).capitalize()}, against {_base(plan)}.\n{beside}"
    rows = [f"| {SIGNS[type(o)]} {_WORDS[type(o)]} | {o.kind} | {_marked_name(o)} |" for o in plan.operations]
    table = "\n".join(["| | kind | name |", "|---|---|---|", *rows])
    details = "\n\n".join(_text_block(plan, operation, timezone) for operation in plan.operations)
    fence = "`" * max(3, _longest_ticks(details) + 1)
    folded = f"<details><summary>Details</summary>\n\n{fence}diff\n{details}\n{fence}\n\n</details>"
    return f"{head}\n\n{_summary(plan).capitalize()}, against {_base(plan)}.\n\n{table}\n\n{folded}\n{beside}"


def _subject(plan: Plan) -> str:
    return f"project {plan.project}, environment {plan.environment}"


def _base(plan: Plan) -> str:
    return "an empty server" if plan.release is None else f"release {plan.release}"


def _marked_name(operation: Operation) -> str:
    before = f"`{_escape(operation.was)}` -> " if isinstance(operation, Rename) else ""
    return f"{before}`{_escape(operation.name)}`"


def _summary(plan: Plan) -> str:
    counts = {kind: sum(type(o) is kind for o in plan.operations) for kind in _WORDS}
    said = [f"{count} to {_WORDS[kind]}" for kind, count in counts.items() if count]
    skipped = sum(run.state == "scheduled" for runs in plan.pending_runs.values() for run in runs)
    if skipped:
        said.append(f"{skipped} waiting {'run' if skipped == 1 else 'runs'} skipped")
    return ", ".join(said) or "only the code changes"


def _text_block(plan: Plan, operation: Operation, timezone: str | None) -> str:
    before = f"renamed {plainly(operation.was)} -> " if isinstance(operation, Rename) else ""
    title = f"{SIGNS[type(operation)]} {operation.kind} {before}{plainly(operation.name)}"
    return "\n".join([title, *(f"    {line}" for line in _details(plan, operation, timezone))])


def _details(plan: Plan, operation: Operation, timezone: str | None) -> Iterator[str]:
    match operation:
        case Create():
            yield from _created(operation)
        case Change():
            for change in operation.fields:
                yield from _changed(change)
        case Remove():
            if operation.apart is not None:
                yield f"not renamed: '{plainly(operation.apart)}' is there already, and keeps its own history"
            yield from _pending(plan.pending_runs.get(operation.name, ()), operation, timezone)
    if operation.kind == "deployment" and operation.name in plan.next_runs:
        yield from _times(plan.next_runs[operation.name], timezone or _zone(operation))


def _zone(operation: Operation) -> str | None:
    """The time zone that a deployment's schedules are written in, where they agree."""
    spec = operation.value if isinstance(operation, Create) else getattr(operation, "after", None)
    zones = {schedule.timezone for schedule in getattr(spec, "schedules", ())}
    return zones.pop() if len(zones) == 1 else None


def _created(operation: Create) -> Iterator[str]:
    """What is worth saying of a new object: its fields that are not at their defaults."""
    made = operation.value
    if not hasattr(made, "__dataclass_fields__"):
        yield f"value: {value(made)}"
        return
    for name, field in made.__dataclass_fields__.items():
        found = getattr(made, name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if name in ("name", "parameter_schema") or found == default:
            continue
        yield f"{name}: {_schedules(found) if name == 'schedules' else value(found)}"


def _schedules(schedules: Iterable[Any]) -> str:
    return ", ".join(
        f"{s.cron or s.rrule or f'every {s.every:g} s'} ({s.timezone}){_calendars(s.calendar)}" for s in schedules
    )


def _calendars(uses: Any) -> str:
    ways = (("not", uses.skip), ("only", uses.only)) if uses else ()
    return "".join(f" {way} {' or '.join(plainly(each.name) for each in listed)}" for way, listed in ways if listed)


def _changed(change: FieldChange) -> Iterator[str]:
    if change.path == "parameter_schema":
        yield f"parameters of the flow: {_schema_change(change.before, change.after)}"
    elif change.before is None:
        yield f"{change.path}: set to {value(change.after)}"
    elif change.after is None:
        yield f"{change.path}: {value(change.before)} -> not set"
    else:
        yield f"{change.path}: {value(change.before)} -> {value(change.after)}"


def _schema_change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    old, new = ((schema or {}).get("properties", {}) for schema in (before, after))
    said = [f"{plainly(name)} added" for name in new if name not in old]
    said += [f"{plainly(name)} removed" for name in old if name not in new]
    said += [f"{plainly(name)} changed" for name in new if name in old and new[name] != old[name]]
    return ", ".join(said) or "what is required changed"


def _pending(runs: tuple[PendingRun, ...], operation: Remove, timezone: str | None) -> Iterator[str]:
    for waiting, sentence in ((True, "will be skipped"), (False, "goes on to its end")):
        chosen = [run for run in runs if (run.state == "scheduled") == waiting]
        for run in chosen[:_RUNS]:
            yield f"run {plainly(run.name)}, {run.state}, due {_at(run.due_at, timezone)}: {sentence}"
        if len(chosen) > _RUNS:
            yield f"and {len(chosen) - _RUNS} more: each {sentence}"


def _times(times: NextRuns, timezone: str | None) -> Iterator[str]:
    if times.before == times.after:
        return
    yield f"next runs before: {_moments(times.before, timezone)}"
    yield f"next runs after:  {_moments(times.after, timezone)}"


def _moments(times: tuple[str, ...], timezone: str | None) -> str:
    return ", ".join(_at(at, timezone) for at in times) or "none"


def _at(text: str, timezone: str | None) -> str:
    return moment(datetime.fromisoformat(text), timezone)


def _escape(text: str) -> str:
    return plainly(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _longest_ticks(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest
