"""Hand the field plan to the organisers: a CSV and a picture."""

from pathlib import Path

from turnout import flow, get_run_logger, runtime, task
from turnout.artifacts import create_image_artifact, create_table_artifact
from turnout.connections import connection


@task
def summarise() -> list[dict]:
    """Turfs and ZIP codes a state, most turfs first."""
    with connection("warehouse") as warehouse:
        rows = warehouse.execute(
            "SELECT left(turf, 2) AS state, count(DISTINCT turf) AS turfs, count(*) AS zip_codes"
            " FROM turf GROUP BY 1 ORDER BY turfs DESC, state"
        ).fetchall()
    return [{"state": state, "turfs": turfs, "zip_codes": zip_codes} for state, turfs, zip_codes in rows]


@task(retries=2, retry_delay_seconds=1)
def write_csv(path: Path) -> int:
    """The whole plan, one line a ZIP code; returns the number of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with connection("warehouse") as warehouse:
        warehouse.execute("COPY (SELECT * FROM turf ORDER BY turf, zip_code) TO $path (HEADER)", {"path": str(path)})
        return warehouse.execute("SELECT count(*) FROM turf").fetchone()[0]


@task
def draw(summary: list[dict], path: Path) -> Path:
    """A bar a state, as PNG."""
    from matplotlib.figure import Figure

    top = summary[:20][::-1]
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh([row["state"] for row in top], [row["turfs"] for row in top], color="#2f6f5e")
    axes.bar_label(bars, padding=3)
    axes.set_xlabel("turfs")
    axes.set_title("The field plan: turfs in the twenty largest states")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    return path


@flow
def export_plan(folder: str | None = None) -> int:
    """Write `field_plan.csv` and `field_plan.png`; returns the number of CSV lines."""
    target = Path(folder) if folder else runtime.exports_dir()
    summary = summarise()
    lines = write_csv(target / "field_plan.csv")
    chart = draw(summary, target / "field_plan.png")
    create_image_artifact(chart, key="field-plan", description="Turfs in the twenty largest states")
    create_table_artifact(summary, key="turfs-by-state", description="Turfs and ZIP codes a state")
    get_run_logger().info("%s lines in %s", lines, target / "field_plan.csv")
    return lines


if __name__ == "__main__":
    export_plan()
