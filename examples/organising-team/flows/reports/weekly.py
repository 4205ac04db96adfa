"""Monday's report: who reached the goal."""

import csv
from pathlib import Path
from typing import Any

from turnout import flow, runtime, task
from turnout.artifacts import create_table_artifact
from turnout.connections import connection


@task
def conversations() -> list[dict[str, Any]]:
    """One row an organiser and week, newest first."""
    with connection("warehouse") as warehouse:
        rows = warehouse.execute(
            "SELECT strftime(week, '%Y-%m-%d'), organiser, conversations FROM conversation"
            " ORDER BY week DESC, organiser"
        ).fetchall()
    return [{"week": week, "organiser": organiser, "conversations": count} for week, organiser, count in rows]


def judged(rows: list[dict[str, Any]], goal: int) -> list[dict[str, Any]]:
    """The rows, each with whether it reached `goal`."""
    return [{**row, "reached": row["conversations"] >= goal} for row in rows]


@flow(log_prints=True)
def weekly_report(goal: int = 120) -> int:
    """How many organisers' weeks reached the goal."""
    rows = judged(conversations(), goal)
    path = Path(runtime.exports_dir()) / "weekly.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=["week", "organiser", "conversations", "reached"])
        writer.writeheader()
        writer.writerows(rows)
    create_table_artifact(rows, key="weekly-report", description=f"Weeks with {goal} conversations or more")
    reached = sum(row["reached"] for row in rows)
    print(f"{reached} of {len(rows)} weeks reached {goal}")
    return reached
