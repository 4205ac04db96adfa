"""A recorded run as text, for the report of a test that failed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turnout.testing.recorded import RecordedRun, RecordedTask

LINES = 30
"""So many of the last log lines are shown."""


def describe(run: "RecordedRun") -> str:
    """Tasks as a tree with their states, then the end of the log."""
    header = run.header
    state = run.states[-1][1] if run.states else "has not begun"
    lines = [f"flow '{header['flow']}' ({header['run_name']}): {state}{_reason(run.reason)}"]
    depth = {0: 0}
    for task in run.tasks:
        depth[task.number] = depth.get(task.parent, 0) + 1
        lines.append("  " * depth[task.number] + _task(task))
    logged = run.logs
    if len(logged) > LINES:
        lines.append(f"log, the last {LINES} of {len(logged)} lines:")
    elif logged:
        lines.append("log:")
    lines += [f"  {line.message}" for line in logged[-LINES:]]
    return "\n".join(lines)


def _task(task: "RecordedTask") -> str:
    names = [name for _, name in task.states]
    return f"{task.kind} {task.name}: {' > '.join(names)}{_reason(task.reason)}"


def _reason(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
